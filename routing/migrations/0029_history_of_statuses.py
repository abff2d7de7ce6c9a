import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0028_who_left")]

    operations = [
        migrations.AddField(
            model_name="statusspell",
            name="by_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=128),
        ),
        migrations.AddField(
            model_name="statusspell",
            name="custom_status",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="routing.customstatus",
            ),
        ),
        migrations.AddIndex(
            model_name="statusspell",
            index=models.Index(fields=["agent", "ended_at"], name="status_spell_ended"),
        ),
        migrations.AddIndex(
            model_name="statusspell",
            index=models.Index(fields=["-began_at", "-id"], name="status_spell_newest"),
        ),
    ]
