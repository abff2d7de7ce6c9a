from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("routing", "0047_surveys_look_as_wanted"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ticketform",
            name="title",
            field=models.CharField(blank=True, db_column="title", max_length=100, verbose_name="title (English)"),
        ),
        migrations.RenameField(model_name="ticketform", old_name="title", new_name="title_en"),
        migrations.AddField(
            model_name="ticketform",
            name="title_ko",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=100, verbose_name="title (Korean)"
            ),
        ),
        migrations.AlterField(
            model_name="ticketform",
            name="intro",
            field=models.CharField(blank=True, db_column="intro", max_length=500, verbose_name="introduction (English)"),
        ),
        migrations.RenameField(model_name="ticketform", old_name="intro", new_name="intro_en"),
        migrations.AddField(
            model_name="ticketform",
            name="intro_ko",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500, verbose_name="introduction (Korean)"
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="label_en",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=100,
                verbose_name="label for customers (English)",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="label_ko",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=100,
                verbose_name="label for customers (Korean)",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="help_en",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                verbose_name="help for customers (English)",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="help_ko",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                verbose_name="help for customers (Korean)",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="options_en",
            field=models.JSONField(
                blank=True, db_default=[], default=list, verbose_name="options for customers (English)"
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="options_ko",
            field=models.JSONField(
                blank=True, db_default=[], default=list, verbose_name="options for customers (Korean)"
            ),
        ),
        migrations.AlterField(
            model_name="ticketform",
            name="for_agents",
            field=models.BooleanField(default=True, verbose_name="agents may choose it"),
        ),
        migrations.AlterField(
            model_name="ticketform",
            name="is_default",
            field=models.BooleanField(default=False, verbose_name="form of new tickets"),
        ),
    ]
