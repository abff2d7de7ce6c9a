"""Saving and removing what admins configure, each with its line in the audit trail."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model

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


@transaction.atomic
def delete_configuration(*, row: Model, brand_ids: Sequence[int], by: Actor) -> None:
    """Remove a configured row and record it."""
    record_configuration(row=row, brand_ids=brand_ids, change="deleted", by=by)
    row.delete()


def record_configuration(*, row: Model, brand_ids: Sequence[int], change: str, by: Actor) -> None:
    """Append one fact per brand. The caller is in a transaction."""
    public = str(getattr(row, "public_id", row.pk))
    fact = ConfigurationChanged(model=str(row._meta.model_name), object=public, label=str(row)[:200], change=change)
    for brand_id in brand_ids:
        append(fact, brand_id=brand_id, by=by)
