from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', "0037_when_what_waits_was_checked"),
    ]

    operations = [
        migrations.AlterField(
            model_name='survey',
            name='text',
            field=models.CharField(blank=True, db_column='text', max_length=200, verbose_name='question (English)'),
        ),
        migrations.RenameField(model_name='survey', old_name='text', new_name='text_en'),
        migrations.AlterField(
            model_name='survey',
            name='reasons',
            field=models.JSONField(blank=True, db_column='reasons', default=list, verbose_name='reasons for a low rating (English)'),
        ),
        migrations.RenameField(model_name='survey', old_name='reasons', new_name='reasons_en'),
        migrations.AddField(
            model_name='survey',
            name='text_ko',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='question (Korean)'),
        ),
        migrations.AddField(
            model_name='survey',
            name='reasons_ko',
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name='reasons for a low rating (Korean)'),
        ),
    ]
