from typing import Any

from django.db import migrations, models
from django.db.models import Q


def say_who_is_present(apps: Any, schema_editor: Any) -> None:
    """Whoever is not offline in every class of channels is there. There are few agents: all at once."""
    offline = Q(status="offline")
    for name in ("messaging", "email", "voice"):
        offline &= Q(custom_status=None) | Q(**{f"custom_status__{name}": "offline"})
    agents = apps.get_model("routing", "Agent").objects
    agents.filter(pk__in=list(agents.exclude(offline).values_list("pk", flat=True))).update(is_present=True)


class Migration(migrations.Migration):
    dependencies = [("routing", "0026_when_a_status_was_chosen")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="is_present",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RemoveIndex(model_name="agent", name="agent_present"),
        migrations.AddIndex(
            model_name="agent",
            index=models.Index(condition=Q(("is_present", True)), fields=["id"], name="agent_is_present"),
        ),
        migrations.RunPython(say_who_is_present, migrations.RunPython.noop),
    ]
