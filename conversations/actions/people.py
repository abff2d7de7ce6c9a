"""People of the business: who signs in, what each is in which brand, and how somebody new gets their first password."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from conversations.actions.configuration import create_brand, record_configuration
from conversations.changes import FieldChange
from conversations.errors import InvalidContent, LastAdmin, OwnAccess
from conversations.events import Actor, MembershipChanged, append
from conversations.models import Brand, CustomRole, Membership, Role, User

# Of a brand's pk, a standard role, the public id of a custom role of that brand, or "" for none.
Roles = Mapping[int, str]
# A person may have many pages and apps, which say every 15 s that they are there; an app that is not asked, every 25 s.
# With what is passed over that stays below the shortest limit of absence, 30 s: the page that was noted may be gone.
SEEN_EVERY = timedelta(seconds=4)


def check_access(*, person: User, roles: Roles, by: Actor) -> None:
    """Refuse what would leave a brand without an admin, or its maker outside.

    `roles` is as `save_person` takes it; `person.is_active` is as it shall be. Raises LastAdmin,
    OwnAccess.
    """
    if person._state.adding:
        return
    was_admin_of = set(Membership.objects.filter(user=person, role=Role.ADMIN).values_list("brand_id", flat=True))
    lost = {pk for pk in was_admin_of if not person.is_active or roles.get(pk, Role.ADMIN) != Role.ADMIN}
    if person.public_id == by.id and (lost or not person.is_active):
        raise OwnAccess
    others = Membership.objects.filter(brand_id__in=lost, role=Role.ADMIN, user__is_active=True).exclude(user=person)
    if lost - set(others.values_list("brand_id", flat=True)):
        raise LastAdmin


@transaction.atomic
def save_person(*, person: User, roles: Roles, fields: Sequence[str], by: Actor) -> User:
    """Save a person with their role in each brand of `roles`; "" takes them out.

    Raises LastAdmin, OwnAccess, and InvalidContent for a role the brand does not have.

    Somebody new cannot sign in before they were given a link (`make_sign_in_link`). `fields` names what else changed.
    """
    # Two admins who take each other's role at once: the second waits here, and then is refused.
    list(Membership.objects.select_for_update().filter(brand_id__in=roles, role=Role.ADMIN).order_by("pk"))
    check_access(person=person, roles=roles, by=by)
    is_new = person._state.adding
    was_active = is_new or User.objects.values_list("is_active", flat=True).get(pk=person.pk)
    if is_new:
        person.set_unusable_password()
    person.email = person.email.strip().lower()
    person.save()
    custom = _custom_roles(roles)
    before = roles_of(person, roles)
    changed = {brand_id: role for brand_id, role in roles.items() if before.get(brand_id, "") != role}
    for brand_id, role in changed.items():
        if role:
            own = custom.get(brand_id)
            given = {"role": own.base if own else role, "custom_role": own}
            Membership.objects.update_or_create(user=person, brand_id=brand_id, defaults=given)
        else:
            Membership.objects.filter(user=person, brand_id=brand_id).delete()
    _tell_places(person, changed, by, all_brands=was_active != person.is_active)
    words = "created" if is_new else ", ".join([*fields, *(["roles"] if changed else [])])
    brand_ids = sorted(set(before) | {brand_id for brand_id, role in roles.items() if role})
    names = _role_names([*before.values(), *changed.values()])
    for brand_id in brand_ids if words else ():
        was, now = (names.get(each.get(brand_id, "")) for each in (before, roles))
        # What somebody is in one brand is not told in another.
        told = [FieldChange("roles", was, now)] if brand_id in changed and not is_new else []
        record_configuration(row=person, brand_ids=[brand_id], change=words, by=by, told=told)
    return person


def _tell_places(person: User, changed: Iterable[int], by: Actor, *, all_brands: bool) -> None:
    """Append what a person is now in the brands where that changed, or in all of theirs too."""
    places = dict(Membership.objects.filter(user=person).values_list("brand_id", "role"))
    for brand_id in sorted({*changed, *(places if all_brands else ())}):
        role = places.get(brand_id, "") if person.is_active else ""
        append(MembershipChanged(person=person.public_id, role=role), brand_id=brand_id, by=by)


def roles_of(person: User, brand_ids: Iterable[int]) -> dict[int, str]:
    """Give what somebody is in each of these brands, as `save_person` takes it; brands they are not in are left out."""
    found = Membership.objects.filter(user=person, brand_id__in=list(brand_ids))
    rows = found.values_list("brand_id", "role", "custom_role__public_id")
    return {brand_id: custom or role for brand_id, role, custom in rows}


def _role_names(roles: Iterable[str]) -> dict[str, str]:
    """Give what the audit trail calls these roles: standard ones by their value, custom ones by their name."""
    own = {role for role in roles if role and role not in Role.values}
    named = CustomRole.objects.filter(public_id__in=own).values_list("public_id", "name")
    return {**{role: role for role in Role.values}, **dict(named)}


def _custom_roles(roles: Roles) -> dict[int, CustomRole]:
    """Give the custom roles among these, by brand, locked so that none is removed meanwhile."""
    wanted = {brand_id: role for brand_id, role in roles.items() if role and role not in Role.values}
    found = CustomRole.objects.select_for_update().filter(brand_id__in=wanted, public_id__in=wanted.values())
    custom = {each.brand_id: each for each in found.order_by("pk") if each.public_id == wanted[each.brand_id]}
    if missing := set(wanted) - set(custom):
        raise InvalidContent(field=f"role_{min(missing)}")
    return custom


@transaction.atomic
def make_sign_in_link(*, person: User, by: Actor) -> tuple[str, str]:
    """Give the two parts of a one-time address at which a person sets a password: user and token.

    It holds for three days (PASSWORD_RESET_TIMEOUT), until it is used, or until the password changes. Kept nowhere.
    """
    brand_ids = list(Membership.objects.filter(user=person).values_list("brand_id", flat=True))
    record_configuration(row=person, brand_ids=brand_ids, change="sign-in link", by=by)
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)


@transaction.atomic
def create_admin(*, person: User, brand: Brand) -> User:
    """Make a person who configures the whole installation, and the brand whose admin they are.

    They sign in by a link first (`make_sign_in_link`). Raises ValidationError for what neither can be.
    """
    person.email = person.email.strip().lower()
    person.is_staff = person.is_superuser = True
    person.set_unusable_password()
    person.full_clean()
    brand.full_clean()
    person.save()
    create_brand(brand=brand, admin=Actor.of_user(person))
    return person


def keep_sign_of_life(*, user_pk: int, is_active: bool) -> None:
    """Keep that a page or an app of a person's is there, and with `is_active` that their hands are on it.

    Each is written at most every SEEN_EVERY, however many pages say so.
    """
    now = timezone.now()
    found = User.objects.filter(pk=user_pk)
    for name in ("seen_at", "active_at") if is_active else ("seen_at",):
        found.filter(Q(**{name: None}) | Q(**{f"{name}__lt": now - SEEN_EVERY})).update(**{name: now})
