"""Queues, their groups and shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.changes import change_in_words
from conversations.events import Actor
from routing.actions.ordering import last_place
from routing.actions.waiting import ask_requeue
from routing.decide.conditions import parse
from routing.decide.setting_words import Share, shares_words
from routing.errors import InvalidChange
from routing.models import Group, Lane, Queue, QueueShare
from routing.queries.facts import fields_of

MAX_QUEUES = 199
MAX_SHARES = 5
SECOND_ALONE = _("Choose the first groups too: without them, everybody of the brand takes this work.")
NAME_CHARS, DESCRIPTION_CHARS = 100, 300


@dataclass(frozen=True)
class ShareEntry:
    """A share as somebody wrote it: a part of the queue's work in percent, for groups of its own."""

    percent: int
    groups: frozenset[int]


@transaction.atomic
def save_queue(
    *,
    queue: Queue,
    primary: Iterable[Group],
    secondary: Iterable[Group],
    shares: Sequence[ShareEntry],
    fields: Sequence[str] = (),
    by: Actor,
) -> Queue:
    """Save a queue with its groups and all of its shares; a new one comes last. What waits is placed anew.

    `fields` names what changed. Raises InvalidChange, naming: name, description, priority, conditions, primary_groups,
    secondary_groups, shares, brand.
    """
    is_new = queue.pk is None
    first, second = {group.pk for group in primary}, {group.pk for group in secondary}
    hold_brand(queue.brand_id)
    check_queue(queue)
    check_groups(queue.brand_id, first, second, shares)
    others = Queue.objects.filter(brand=queue.brand_id).exclude(pk=queue.pk)
    if is_new:
        if others.count() >= MAX_QUEUES:
            text = _("A brand has at most %(limit)s queues.") % {"limit": MAX_QUEUES}
            raise InvalidChange(text, field="brand", limit=MAX_QUEUES)
        queue.order = last_place(Queue, queue.brand_id)
    elif not Queue.objects.filter(pk=queue.pk, brand=queue.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=queue.name).exists():
        raise InvalidChange(_("There is a queue of this name already."), field="name")
    before = shares_of(queue)
    queue.save()
    queue.primary_groups.set(first)
    queue.secondary_groups.set(second)
    _keep_shares(queue, shares)
    change = "created" if is_new else ", ".join(fields)
    told = [] if is_new else change_in_words("shares", before, shares_of(queue), shares_words)
    record_configuration(row=queue, brand_ids=[queue.brand_id], change=change, by=by, told=told)
    ask_requeue(queue.brand_id)
    return queue


def check_queue(queue: Queue) -> None:
    """Raise InvalidChange where a queue is none that can be kept; put its conditions into their normal form."""
    queue.name = queue.name.strip()
    if not 0 < len(queue.name) <= NAME_CHARS:
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidChange(text, field="name", limit=NAME_CHARS)
    if len(queue.description) > DESCRIPTION_CHARS:
        raise InvalidChange(field="description", limit=DESCRIPTION_CHARS)
    if not 1 <= queue.priority <= 100:
        text = _("Give a priority from 1, which comes first, to %(n)s.") % {"n": 100}
        raise InvalidChange(text, field="priority", limit="1-100")
    queue.conditions = parse(queue.conditions, fields_of(queue.brand_id)).stored


def check_groups(brand_id: int, first: set[int], second: set[int], shares: Sequence[ShareEntry]) -> None:
    """Raise InvalidChange where groups are not of the brand, stand twice, or the shares are not 100 percent."""
    if both := first & second:
        name = Group.objects.get(pk=min(both)).name
        text = _("%(name)s is among the first groups already.") % {"name": name}
        raise InvalidChange(text, field="secondary_groups")
    if second and not first and not shares:
        raise InvalidChange(SECOND_ALONE, field="primary_groups")
    check_shares(shares)
    wanted = first | second | {group for share in shares for group in share.groups}
    if Group.objects.filter(brand=brand_id, pk__in=wanted).count() != len(wanted):
        raise InvalidChange(_("Choose groups of the queue's own brand."), field="primary_groups")


def check_shares(shares: Sequence[ShareEntry]) -> None:
    """Raise InvalidChange where there are too many shares, one has no group, or they do not make 100 percent."""
    if len(shares) > MAX_SHARES:
        text = _("A queue has at most %(limit)s shares.") % {"limit": MAX_SHARES}
        raise InvalidChange(text, field="shares", limit=MAX_SHARES)
    if not all(share.groups and 1 <= share.percent <= 100 for share in shares):
        raise InvalidChange(_("Give each share from 1 to 100 percent, and a group."), field="shares", limit="1-100")
    total = sum(share.percent for share in shares)
    if shares and total != 100:
        text = _("The shares are %(sum)s percent together. They must be 100, or there must be none.") % {"sum": total}
        raise InvalidChange(text, field="shares", limit=100)


def shares_of(queue: Queue) -> list[Share]:
    """Give the percent of each stored share of a queue, and the names of its groups. Two queries."""
    rows = queue.shares.order_by("pk").prefetch_related("groups") if queue.pk else ()
    return [(row.percent, sorted(group.name for group in row.groups.all())) for row in rows]


def _keep_shares(queue: Queue, shares: Sequence[ShareEntry]) -> None:
    """Write the shares anew where they differ: which work falls to which is told by their order and percent alone."""
    rows = list(queue.shares.order_by("pk").prefetch_related("groups"))
    kept = [ShareEntry(row.percent, frozenset(group.pk for group in row.groups.all())) for row in rows]
    if kept == list(shares):
        return
    queue.shares.all().delete()
    for share in shares:
        QueueShare.objects.create(queue=queue, percent=share.percent).groups.set(share.groups)


@transaction.atomic
def delete_queue(*, queue: Queue, by: Actor) -> None:
    """Delete a queue; what waits in it keeps its place in time and goes where the others' conditions say."""
    hold_brand(queue.brand_id)
    record_configuration(row=queue, brand_ids=[queue.brand_id], change="deleted", by=by)
    # Work may wait in its lanes: they stay, without it, until all is placed anew.
    Lane.objects.filter(queue=queue).update(queue=None)
    brand_id = queue.brand_id
    queue.delete()
    ask_requeue(brand_id)
