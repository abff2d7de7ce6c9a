"""Every change of a widget, and the demo brand that shows one."""

from django.db import transaction

from conversations.events import Actor, ConfigurationChanged, append
from conversations.models import Brand, Channel
from widget.models import WidgetSettings


@transaction.atomic
def create_widget(*, brand: Brand, name: str, by: Actor, key: str = "", **settings: str) -> WidgetSettings:
    """Make a web channel with its widget. `settings` are fields of WidgetSettings."""
    channel = Channel(brand=brand, kind="web", name=name)
    if key:
        channel.key = key
    channel.save()
    widget = WidgetSettings.objects.create(channel=channel, **settings)
    _record(widget, "created", by)
    return widget


@transaction.atomic
def save_widget(*, widget: WidgetSettings, by: Actor) -> None:
    """Keep changed settings."""
    is_new = widget.pk is None
    widget.save()
    _record(widget, "created" if is_new else "changed", by)


def _record(widget: WidgetSettings, change: str, by: Actor) -> None:
    append(
        ConfigurationChanged(model="widget", object=widget.channel.key, label=widget.channel.name, change=change),
        brand_id=widget.channel.brand_id,
        by=by,
    )
