"""Saving and removing what admins configure, each with its line in the audit trail."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from conversations.changes import MAX_CHANGES, FieldChange, changes_of
from conversations.errors import ResponderNeeded
from conversations.events import Actor, ConfigurationChanged, append
from conversations.models import Brand, Membership, Responder, Role, User

AGENTS_SIDE = "zd-agentWorkspace"


@transaction.atomic
def save_configuration(*, row: Model, brand_ids: Sequence[int], fields: Sequence[str], by: Actor) -> None:
    """Save a configured row and record what changed, once in each brand it belongs to; `fields` empty: made new."""
    row.save()
    record_configuration(row=row, brand_ids=brand_ids, change=", ".join(fields) or "created", by=by)


@transaction.atomic
def create_brand(*, brand: Brand, admin: Actor) -> Brand:
    """Save a new brand with what it cannot be without: agents who answer first, and its maker as admin."""
    brand.save()
    Responder.objects.create(brand=brand, name=AGENTS_SIDE, kind=Responder.Kind.AGENTS, is_default=True)
    Membership.objects.create(brand=brand, user=User.objects.get(public_id=admin.id), role=Role.ADMIN)
    record_configuration(row=brand, brand_ids=[brand.pk], change="created", by=admin)
    return brand


def hold_brand(brand_id: int) -> None:
    """Have whoever else configures this brand wait until the caller's transaction ends; facts go on."""
    Brand.objects.select_for_update(no_key=True).filter(pk=brand_id).values_list("pk").get()


@transaction.atomic
def save_responder(*, responder: Responder, fields: Sequence[str], by: Actor) -> None:
    """Save one who can hold a conversation; when it answers first, no other one of its brand does any more.

    Kind and brand stay as they were made. Raises ResponderNeeded where nobody would answer first, or no agents would be
    left.
    """
    # Two admins who each take the tick away from the other's: the second waits here.
    hold_brand(responder.brand_id)
    others = Responder.objects.filter(brand=responder.brand_id).exclude(pk=responder.pk)
    made = Responder.objects.filter(pk=responder.pk).first()
    if made and (made.kind, made.brand_id) != (responder.kind, responder.brand_id):
        raise ResponderNeeded(_("A responder keeps the kind and the brand it was made with. Add another one instead."))
    if responder.kind != Responder.Kind.AGENTS and not others.filter(kind=Responder.Kind.AGENTS).exists():
        raise ResponderNeeded(_("A brand needs a responder of the kind Agents, so that conversations reach your team."))
    if responder.is_default:
        others.filter(is_default=True).update(is_default=False)
    elif not others.filter(is_default=True).exists():
        raise ResponderNeeded
    save_configuration(row=responder, brand_ids=[responder.brand_id], fields=fields, by=by)


@transaction.atomic
def delete_configuration(*, row: Model, brand_ids: Sequence[int], by: Actor) -> None:
    """Remove a configured row and record it."""
    record_configuration(row=row, brand_ids=brand_ids, change="deleted", by=by)
    row.delete()


def record_configuration(
    *, row: Model, brand_ids: Sequence[int], change: str, by: Actor, told: Sequence[FieldChange] = ()
) -> None:
    """Append one fact per brand. The caller is in a transaction.

    `change` is "created", "deleted", or the names of what changed with commas between. What the row was before, and is
    now, is told of those that are fields of it; `told` is what the caller knows of others.
    """
    public = str(getattr(row, "public_id", row.pk))
    names = [name.strip() for name in change.split(",")]
    changes = [*told, *changes_of(row, names)][:MAX_CHANGES]
    model, label = str(row._meta.model_name), str(row)[:200]
    fact = ConfigurationChanged(model=model, object=public, label=label, change=change, changes=changes)
    for brand_id in brand_ids:
        append(fact, brand_id=brand_id, by=by)
