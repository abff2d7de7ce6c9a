"""Merging two customers who are one person, and taking that back."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.actions.contacts import contact_terms, give_way_to_writers, merge_contact
from conversations.decide import MergePlan, Profile, plan_merge
from conversations.errors import CannotBeUndone, InvalidContent
from conversations.events import Actor, ContactUnmerged, append
from conversations.models import (
    Attachment,
    Block,
    Contact,
    ContactMerge,
    Conversation,
    Identity,
    Message,
    Participant,
    User,
)

UNDONE_WITHIN = timedelta(days=30)
MAX_CONVERSATIONS = 1000
ATTEMPTS = 5
DROPPED_AT_ONCE = 1000
Made = TypeVar("Made")
FIELDS = ("name", "email", "phone", "locale")
# What stands for the person in the business's own system moves as one.
VOUCHED = ("external_id", "is_verified", "verified_email")
# Taken over key by key.
MAPPINGS = ("properties", "field_values")


@dataclass(frozen=True)
class Foreseen:
    """What a merge would do: `conversations` and `identities` move, `dropped` is lost.

    `has_blocks`: blocks of the one will hold for the other.
    """

    plan: MergePlan
    conversations: int
    identities: int
    has_blocks: bool

    @property
    def may_undo(self) -> bool:
        return not self.plan.dropped and not self.has_blocks


def foresee(*, surviving: Contact, discarded: Contact) -> Foreseen:
    """Say what merging would do, and change nothing. At most three queries."""
    return Foreseen(
        plan_merge(_profile(surviving), _profile(discarded)),
        Conversation.objects.filter(contact=discarded).count(),
        Identity.objects.filter(contact=discarded).count(),
        Block.objects.filter(contact__in=[surviving, discarded], lifted_at=None).exists(),
    )


def _profile(contact: Contact) -> Profile:
    fields = {name: getattr(contact, name) for name in FIELDS}
    return Profile(contact.external_id, fields, contact.properties, contact.field_values)


def merge_customers(*, surviving: Contact, discarded: Contact, by: User) -> ContactMerge:
    """Give everything of one customer to another of the same brand, and remove the one.

    Conversations with their notes, identities and files move; what the surviving one lacks of name, email, phone,
    language, properties, own fields and external id it takes over. Raises InvalidContent naming `contact`: the same
    one, another brand's, two different external ids, or more than 1,000 conversations.
    """
    return _again(lambda: _merge(surviving, discarded, by))


def _again(act: Callable[[], Made]) -> Made:
    """Try once more when somebody who writes is in the way: a customer's word goes first."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return act()
        except (IntegrityError, OperationalError):
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311  # keeps no secret
    return act()


@transaction.atomic
def _merge(surviving: Contact, discarded: Contact, by: User) -> ContactMerge:
    if surviving.pk == discarded.pk or surviving.brand_id != discarded.brand_id:
        raise InvalidContent(_("Choose another customer of the same brand."), field="contact")
    give_way_to_writers()
    # In the order in which a message takes them, as merge_contact does again.
    list(Conversation.objects.select_for_update().filter(contact=discarded).order_by("pk"))
    both = Contact.objects.select_for_update().filter(pk__in=[surviving.pk, discarded.pk])
    found = {each.pk: each for each in both.order_by("pk")}
    if len(found) < 2:
        raise InvalidContent(_("One of the two is gone: they were merged meanwhile."), field="contact")
    surviving, discarded = found[surviving.pk], found[discarded.pk]
    foreseen = foresee(surviving=surviving, discarded=discarded)
    if foreseen.plan.is_refused:
        text = _("They have two different external ids: to your own system they are two people.")
        raise InvalidContent(text, field="contact")
    if foreseen.conversations > MAX_CONVERSATIONS:
        limit = MAX_CONVERSATIONS
        many = _("A customer with more than %(n)s conversations cannot be merged away.") % {"n": limit}
        raise InvalidContent(many, field="contact", limit=limit)
    merge = ContactMerge(
        brand_id=surviving.brand_id,
        surviving=surviving,
        discarded_id=discarded.public_id,
        discarded=_columns(discarded),
        moved=_belongings(discarded),
        filled=_filled(surviving, discarded, foreseen.plan),
        has_dropped=not foreseen.may_undo,
        made_by=by,
    )
    merge_contact(surviving=surviving, discarded=discarded, by=Actor.of_user(by), keeps_identities=True)
    _set(surviving, merge.filled, after=True)
    merge.save()
    live.announce_changed(surviving.brand_id, f"contact-{merge.discarded_id}")
    return merge


def _columns(contact: Contact) -> dict[str, Any]:
    kept = {name: getattr(contact, name) for name in (*FIELDS, *VOUCHED, *MAPPINGS)}
    return {**kept, "pk": contact.pk, "created_at": contact.created_at.isoformat()}


def _belongings(contact: Contact) -> dict[str, Any]:
    default = Conversation.objects.filter(default_for=contact).values_list("pk", flat=True).first()
    return {
        "conversations": list(Conversation.objects.filter(contact=contact).values_list("pk", flat=True)),
        "identities": list(Identity.objects.filter(contact=contact).values_list("pk", flat=True)),
        "attachments": list(Attachment.objects.filter(contact=contact).values_list("pk", flat=True)),
        "default": default,
    }


def _filled(surviving: Contact, discarded: Contact, plan: MergePlan) -> dict[str, Any]:
    """Give what the surviving one takes over, as ContactMerge.filled keeps it."""
    after: dict[str, object] = dict(plan.fields)
    if discarded.external_id:
        after |= {name: getattr(discarded, name) for name in VOUCHED}
    filled: dict[str, Any] = {name: [getattr(surviving, name), value] for name, value in after.items()}
    taken = {"properties": plan.properties, "field_values": plan.values}
    return filled | {name: values for name, values in taken.items() if values}


def _set(contact: Contact, filled: dict[str, Any], *, after: bool) -> None:
    """Set what a merge filled in, or take back what is still as the merge left it."""
    for name, (before, then) in ((name, pair) for name, pair in filled.items() if name not in MAPPINGS):
        if after:
            setattr(contact, name, then)
        elif getattr(contact, name) == then:
            setattr(contact, name, before)
    for name in MAPPINGS:
        own, taken = getattr(contact, name), filled.get(name, {})
        left = {key: value for key, value in own.items() if key not in taken or taken[key] != value}
        setattr(contact, name, own | taken if after else left)
    contact.terms = contact_terms(contact)
    contact.save(update_fields=[*FIELDS, *VOUCHED, *MAPPINGS, "terms", "updated_at"])


def undo_merge(*, merge: ContactMerge, by: Actor) -> Contact:
    """Make two customers of one again, within 30 days and where nothing was dropped; give the one who is back.

    What came to the surviving one since then stays theirs. Raises CannotBeUndone.
    """
    return _again(lambda: _undo(merge, by))


@transaction.atomic
def _undo(merge: ContactMerge, by: Actor) -> Contact:
    give_way_to_writers()
    moved = merge.moved
    conversations = Conversation.objects.filter(pk__in=moved["conversations"], contact=merge.surviving_id)
    list(conversations.select_for_update().order_by("pk"))
    surviving = Contact.objects.select_for_update().filter(pk=merge.surviving_id).first()
    still = ContactMerge.objects.filter(pk=merge.pk).exists()
    if surviving is None or not still or merge.has_dropped or merge.created_at < timezone.now() - UNDONE_WITHIN:
        raise CannotBeUndone
    _set(surviving, merge.filled, after=False)
    columns = {name: value for name, value in merge.discarded.items() if name != "created_at"}
    back = Contact(brand_id=merge.brand_id, public_id=merge.discarded_id, **columns)
    if Contact.objects.filter(_taken(back)).exists():
        raise CannotBeUndone(_("Somebody else is known by their external id or email by now."))
    back.terms = contact_terms(back)
    back.save(force_insert=True)
    Contact.objects.filter(pk=back.pk).update(created_at=parse_datetime(merge.discarded["created_at"]))
    keys = list(conversations.values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=keys, default_for=surviving).update(default_for=None)
    Conversation.objects.filter(pk__in=keys).update(contact=back)
    Conversation.objects.filter(pk__in=keys).filter(pk=moved["default"] or 0).update(default_for=back)
    Participant.objects.filter(conversation__in=keys, contact=surviving).update(contact=back)
    Message.objects.filter(conversation__in=keys, author_contact=surviving).update(author_contact=back)
    Identity.objects.filter(pk__in=moved["identities"], contact=surviving).update(contact=back)
    Attachment.objects.filter(pk__in=moved["attachments"], contact=surviving).update(contact=back)
    merge.delete()
    fact = ContactUnmerged(surviving=surviving.public_id, restored=back.public_id)
    append(fact, brand_id=surviving.brand_id, by=by)
    live.announce_signed_out(surviving.pk)
    live.announce_changed(surviving.brand_id, f"contact-{surviving.public_id}", f"contact-{back.public_id}", "inbox")
    return back


def _taken(contact: Contact) -> Q:
    taken = Q(pk__in=[])
    for name in ("external_id", "verified_email"):
        if value := getattr(contact, name):
            taken |= Q(**{name: value})
    return Q(brand=contact.brand_id) & taken


def drop_old_merges(*, limit: int = DROPPED_AT_ONCE) -> int:
    """Delete what is kept of merges that cannot be undone any more, the oldest first; say how many."""
    old = ContactMerge.objects.filter(created_at__lt=timezone.now() - UNDONE_WITHIN).order_by("created_at")
    return ContactMerge.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()[0]
