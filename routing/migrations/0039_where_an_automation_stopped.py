from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("routing", "0038_surveys_in_both_languages"),
    ]

    operations = [
        migrations.AddField(
            model_name="rule",
            name="looked_to",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
