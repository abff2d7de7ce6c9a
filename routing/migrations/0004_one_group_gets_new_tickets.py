from typing import Any

from django.db import migrations, models


def keep_the_oldest(apps: Any, schema_editor: Any) -> None:
    """Leave of each brand's groups that get new tickets the oldest, which was the one that got them."""
    Group = apps.get_model("routing", "Group")
    seen: set[int] = set()
    for pk, brand_id in Group.objects.filter(is_default=True).order_by("pk").values_list("pk", "brand_id"):
        if brand_id in seen:
            Group.objects.filter(pk=pk).update(is_default=False)
        seen.add(brand_id)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0003_a_conversation_outlives_its_contact"),
        ("routing", "0003_when_the_status_was_set"),
    ]

    operations = [
        migrations.RunPython(keep_the_oldest, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("brand",), name="group_default_once"
            ),
        ),
    ]
