"""Every change of a widget, and the demo brand that shows one."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from conversations.changes import changes_of
from conversations.events import Actor, ConfigurationChanged, append
from conversations.models import Brand, Channel
from widget.models import WidgetSettings


@transaction.atomic
def create_widget(*, brand: Brand, name: str, by: Actor, key: str = "", **settings: Any) -> WidgetSettings:
    """Make a web channel with its widget. `settings` are fields of WidgetSettings."""
    channel = Channel(brand=brand, kind="web", name=name)
    if key:
        channel.key = key
    channel.save()
    widget = WidgetSettings.objects.create(channel=channel, **settings)
    _record(widget, "created", by)
    return widget


@transaction.atomic
def save_widget(*, widget: WidgetSettings, name: str, state: str, fields: Sequence[str], by: Actor) -> None:
    """Keep changed settings, with the name and state of the channel; `fields` names what changed."""
    widget.channel.name, widget.channel.state = name, state
    widget.channel.save(update_fields=["name", "state"])
    widget.save()
    _record(widget, ", ".join(fields), by)


def _record(widget: WidgetSettings, change: str, by: Actor) -> None:
    names = [name.strip() for name in change.split(",")]
    fact = ConfigurationChanged(
        model=str(widget._meta.model_name),
        object=widget.channel.key,
        label=widget.channel.name,
        change=change,
        changes=[*changes_of(widget.channel, names), *changes_of(widget, names)],
    )
    append(fact, brand_id=widget.channel.brand_id, by=by)
