from typing import Any

from django.db import migrations


def ask_to_place(apps: Any, schema_editor: Any) -> None:
    """Have the worker give each ticket that waits already its place; the wish is a row, so none is forgotten."""
    Brand, Requeue = apps.get_model("conversations", "Brand"), apps.get_model("routing", "Requeue")
    Requeue.objects.bulk_create(Requeue(brand=brand) for brand in Brand.objects.all())


class Migration(migrations.Migration):
    dependencies = [("routing", "0009_assignment")]

    operations = [migrations.RunPython(ask_to_place, migrations.RunPython.noop)]
