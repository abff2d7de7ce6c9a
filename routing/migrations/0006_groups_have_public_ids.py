from django.db import migrations

import conversations.models.ids


class Migration(migrations.Migration):
    """The database fills the ids: each row its own, and each row that processes of the version before still make."""

    dependencies = [("routing", "0005_own_work_counted_by_index")]

    operations = [
        migrations.AddField(
            model_name="group",
            name="public_id",
            field=conversations.models.ids.PublicIdField(
                db_default=conversations.models.ids.DatabaseId(),
                default=conversations.models.ids.new_public_id,
                editable=False,
                max_length=24,
                unique=True,
            ),
        ),
    ]
