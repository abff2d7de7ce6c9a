from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def find_who_left(apps: Any, schema_editor: Any) -> None:
    """Have the worker put back what people have who left before; each wish is a row, so none is forgotten."""
    Departure = apps.get_model("routing", "Departure")
    held = apps.get_model("routing", "Ticket").objects.filter(is_open=True).exclude(assignee=None).order_by()
    pairs = held.values_list("brand", "assignee", "assignee__user").distinct()
    roles = ("admin", "supervisor", "agent")
    members = apps.get_model("conversations", "Membership").objects.filter(role__in=roles, user__is_active=True)
    answering = set(members.values_list("brand", "user"))
    Departure.objects.bulk_create(
        Departure(brand_id=brand, agent_id=agent) for brand, agent, user in pairs if (brand, user) not in answering
    )


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0015_a_key_acts_too"),
        ("routing", "0027_who_is_present"),
    ]

    operations = [
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="routing.agent"
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="conversations.brand"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="departure",
            constraint=models.UniqueConstraint(fields=("brand", "agent"), name="departure_once"),
        ),
        migrations.RunPython(find_who_left, migrations.RunPython.noop),
    ]
