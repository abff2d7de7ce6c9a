import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0029_history_of_statuses")]

    operations = [
        migrations.AddField(
            model_name="routingconfig",
            name="auto_idle_enabled",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Off: they are offered work again and again.",
                verbose_name="who lets offers run out is set away",
            ),
        ),
        migrations.AddField(
            model_name="routingconfig",
            name="auto_idle_reassignments",
            field=models.PositiveSmallIntegerField(
                db_default=2,
                default=2,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(20),
                ],
                verbose_name="offers in a row",
            ),
        ),
        migrations.AddField(
            model_name="routingconfig",
            name="auto_idle_status",
            field=models.CharField(db_default="away", default="away", max_length=16, verbose_name="then they are"),
        ),
        migrations.AlterField(
            model_name="statusspell",
            name="source",
            field=models.CharField(
                choices=[
                    ("manual", "Chosen"),
                    ("idle", "Idle"),
                    ("disconnect", "Disconnected"),
                    ("api", "API"),
                    ("missed", "Offers not accepted"),
                ],
                max_length=16,
            ),
        ),
    ]
