"""The core's pure decisions: plain data in, plain data out."""

import json
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.incoming import is_storable

MAX_METADATA_BYTES = 4096


def metadata_problem(metadata: object) -> str | Promise:
    """Say what is wrong with metadata, or nothing: flat, of strings, numbers and booleans, at most 4096 bytes of JSON.

    The rule is the platform API's (contract, section 4.5).
    """
    if not isinstance(metadata, dict):
        return _("This must be an object.")
    if not all(isinstance(value, str | int | float | bool) for value in metadata.values()):
        return _("Values must be text, numbers or booleans.")
    if not is_storable(metadata):
        return _("This holds a character that cannot be stored.")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > MAX_METADATA_BYTES:
        return _("This is larger than 4 KB.")
    return ""


@dataclass(frozen=True)
class Known:
    """What is stored of one contact, as far as signing in needs it. `pk` is None for nobody."""

    pk: int
    external_id: str
    is_verified: bool


@dataclass(frozen=True)
class SignIn:
    """What a signed token leads to: the contact to go on as (None: a new one), and the one to merge into it."""

    become: int | None
    adopt_id: bool
    merge: int | None


def decide_sign_in(*, external_id: str, visitor: Known | None, owner: Known | None) -> SignIn:
    """Decide who a visitor is after signing in as `external_id`; `owner` already has that id.

    Two different verified people are never merged (contract product 2.10): a visitor who is one of them is left as they
    are. An anonymous visitor becomes the owner, or, where there is none, takes the id.
    """
    is_anonymous = visitor is not None and not visitor.external_id and not visitor.is_verified
    if owner is not None:
        merge = visitor.pk if visitor is not None and is_anonymous and visitor.pk != owner.pk else None
        return SignIn(become=owner.pk, adopt_id=False, merge=merge)
    if visitor is not None and is_anonymous:
        return SignIn(become=visitor.pk, adopt_id=True, merge=None)
    return SignIn(become=None, adopt_id=True, merge=None)


@dataclass(frozen=True)
class Profile:
    """What a contact says of itself, as far as a merge needs it; `fields` are name, email, phone and locale.

    `values` are those of the brand's own fields, by key.
    """

    external_id: str
    fields: dict[str, str]
    properties: dict[str, object]
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class MergePlan:
    """What the surviving contact takes over (`fields`, `properties`, `values`), and what of the other one is lost.

    `dropped` are (field, property or key of an own field, the value that is lost). `is_refused`: the two are known to
    be two people.
    """

    is_refused: bool
    fields: dict[str, str]
    properties: dict[str, object]
    values: dict[str, object]
    dropped: list[tuple[str, object]]


def plan_merge(surviving: Profile, discarded: Profile) -> MergePlan:
    """Decide what a merge makes of two contacts: what one lacks it takes from the other, what it has it keeps.

    Two with different external ids are two people to the business's own system, and never merged (product 2.10).
    """
    is_refused = bool(surviving.external_id and discarded.external_id)
    fields, dropped = {}, []
    for name, value in discarded.fields.items():
        own = surviving.fields[name]
        if value and not own:
            fields[name] = value
        elif value and name != "locale" and value.casefold() != own.casefold():
            dropped.append((name, value))
    properties, lost = _taken_over(surviving.properties, discarded.properties)
    if metadata_problem({**surviving.properties, **properties}):
        lost, properties = {**properties, **lost}, {}
    values, lost_values = _taken_over(surviving.values, discarded.values)
    return MergePlan(is_refused, fields, properties, values, [*dropped, *lost.items(), *lost_values.items()])


def _taken_over(own: dict[str, object], other: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Give what one lacks of the other's, and what of the other's is lost because one has something else."""
    return (
        {key: value for key, value in other.items() if key not in own},
        {key: value for key, value in other.items() if own.get(key, value) != value},
    )
