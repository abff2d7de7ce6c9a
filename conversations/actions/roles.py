"""Roles that a brand makes for itself."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import delete_configuration, hold_brand, save_configuration
from conversations.errors import InvalidContent
from conversations.events import Actor, MembershipChanged, append
from conversations.models import CustomRole, Membership
from conversations.permissions import GRANTED, Sees, nearest_role, permissions_of

MAX_ROLES = 50


@transaction.atomic
def save_role(*, role: CustomRole, permissions: Collection[str], fields: Sequence[str], by: Actor) -> CustomRole:
    """Save a custom role with exactly these permissions; whoever has it may do that from this moment on.

    `fields` names what changed. Raises InvalidContent naming the field: an unknown permission, one that only admins
    have, an unknown `sees`, or more than 50 roles.
    """
    unknown = sorted(set(permissions) - {each.value for each in GRANTED})
    if unknown:
        raise InvalidContent(field="permissions", limit=", ".join(sorted(each.value for each in GRANTED)))
    if role.sees not in Sees.values:
        raise InvalidContent(field="sees", limit=", ".join(Sees.values))
    is_new = role._state.adding
    if is_new:
        hold_brand(role.brand_id)
        if CustomRole.objects.filter(brand=role.brand_id).count() >= MAX_ROLES:
            text = _("A brand has at most %(n)s roles of its own.") % {"n": MAX_ROLES}
            raise InvalidContent(text, field="brand", limit=MAX_ROLES)
    role.permissions = sorted(set(permissions))
    role.base = nearest_role(permissions_of(role.base, role.permissions))
    save_configuration(row=role, brand_ids=[role.brand_id], fields=() if is_new else fields, by=by)
    moved = Membership.objects.filter(custom_role=role).exclude(role=role.base)
    people = list(moved.order_by("pk").values_list("user__public_id", flat=True))
    moved.update(role=role.base)
    for person in people:
        append(MembershipChanged(person=person, role=role.base), brand_id=role.brand_id, by=by)
    return role


@transaction.atomic
def delete_role(*, role: CustomRole, by: Actor) -> None:
    """Remove a custom role that nobody has. Raises InvalidContent while somebody does, naming how many."""
    CustomRole.objects.select_for_update().get(pk=role.pk)
    if held := Membership.objects.filter(custom_role=role).count():
        raise InvalidContent(
            _("Somebody still has this role. Give them another one first."), field="memberships", limit=held
        )
    delete_configuration(row=role, brand_ids=[role.brand_id], by=by)
