"""How a brand assigns work, and its own statuses."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import JSONField
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.events import Actor
from routing.actions.ordering import last_place
from routing.actions.statuses import mean_anew, set_agent_status
from routing.actions.waiting import ask_requeue
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability
from routing.errors import InvalidChange
from routing.models import Agent, CustomStatus, RoutingConfig, Ticket

MAX_STATUSES = 50
NAME_CHARS = 40
# What an agent who is idle or gone may become.
ABSENT = (Availability.AWAY, Availability.TRANSFERS_ONLY, Availability.OFFLINE)


@transaction.atomic
def save_routing_config(*, config: RoutingConfig, fields: Sequence[str] = (), by: Actor) -> RoutingConfig:
    """Save how a brand assigns work, of which there is one; what waits is placed anew.

    `fields` names what changed. Raises InvalidChange, naming the setting.
    """
    is_new = config.pk is None
    hold_brand(config.brand_id)
    if RoutingConfig.objects.filter(brand=config.brand_id).exclude(pk=config.pk).exists():
        raise InvalidChange(_("This brand has its assignment already: change that one."), field="brand")
    _check_lists(config)
    try:
        config.clean_fields(exclude={"brand"})
    except ValidationError as error:
        name, said = next(iter(error.message_dict.items()))
        raise InvalidChange(said[0], field=name) from None
    config.save()
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=config, brand_ids=[config.brand_id], change=change, by=by)
    ask_requeue(config.brand_id)
    return config


def _check_lists(config: RoutingConfig) -> None:
    lists = [field.name for field in config._meta.concrete_fields if isinstance(field, JSONField)]
    for name in lists:
        values: Sequence[object] = Ticket.Priority.values if name.endswith("priorities") else Availability.values
        given = getattr(config, name)
        if not isinstance(given, list) or not all(each in values for each in given):
            raise InvalidChange(field=name, limit=", ".join(map(str, values)))
        setattr(config, name, [each for each in values if each in given])
    for name in ("idle_status", "disconnect_status", "auto_idle_status"):
        if getattr(config, name) not in ABSENT:
            raise InvalidChange(field=name, limit=", ".join(ABSENT))


@transaction.atomic
def save_status(*, status: CustomStatus, fields: Sequence[str] = (), by: Actor) -> CustomStatus:
    """Save a brand's own status; a new one comes last. Who has it is what it means now.

    Raises InvalidChange, naming: name, messaging, email, voice, brand, or a setting of being idle or gone.
    """
    is_new = status.pk is None
    hold_brand(status.brand_id)
    status.name = status.name.strip()
    if not 0 < len(status.name) <= NAME_CHARS or not status.name.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidChange(text, field="name", limit=NAME_CHARS)
    for name in ChannelClass.values:
        if getattr(status, name) not in Availability.values:
            raise InvalidChange(field=name, limit=", ".join(Availability.values))
    for name in ("idle_status", "disconnect_status"):
        if getattr(status, name) not in {"", *ABSENT}:
            raise InvalidChange(field=name, limit=", ".join(ABSENT))
    for name in ("idle_after_minutes", "disconnect_after_seconds"):
        try:
            status._meta.get_field(name).clean(getattr(status, name), status)  # type: ignore[union-attr]  # no relation
        except ValidationError as error:
            raise InvalidChange(error.messages[0], field=name) from None
    others = CustomStatus.objects.filter(brand=status.brand_id).exclude(pk=status.pk)
    if is_new:
        if others.count() >= MAX_STATUSES:
            text = _("A brand has at most %(limit)s statuses of its own.") % {"limit": MAX_STATUSES}
            raise InvalidChange(text, field="brand", limit=MAX_STATUSES)
        status.order = last_place(CustomStatus, status.brand_id)
    elif not CustomStatus.objects.filter(pk=status.pk, brand=status.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=status.name).exists():
        raise InvalidChange(_("There is a status of this name already."), field="name")
    status.save()
    if not is_new and set(ChannelClass.values) & set(fields):
        for agent in _holders(status):
            mean_anew(agent=agent, by=by)
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=status, brand_ids=[status.brand_id], change=change, by=by)
    ask_requeue(status.brand_id)
    return status


@transaction.atomic
def delete_status(*, status: CustomStatus, by: Actor) -> None:
    """Delete a brand's own status; who has it is what it meant for messaging."""
    brand_id = status.brand_id
    hold_brand(brand_id)
    for agent in _holders(status):
        set_agent_status(agent=agent, status=status.messaging, by=by)
    record_configuration(row=status, brand_ids=[brand_id], change="deleted", by=by)
    status.delete()
    ask_requeue(brand_id)


def _holders(status: CustomStatus) -> list[Agent]:
    return list(Agent.objects.filter(custom_status=status).order_by("pk"))
