"""A brand's own fields as the panels of a ticket and of a customer show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import ConversationsError, NotFound
from conversations.events import Actor
from conversations.models import Contact
from conversations.permissions import Permission
from conversations.queries import contact_for_viewer, conversation_for_viewer
from conversations.workspace.told import told
from routing.actions.fields import set_contact_values
from routing.errors import InvalidChange
from routing.models import CustomField
from routing.queries.custom_fields import Filled, fields_of_brand, filled

PREFIX = "field:"


@dataclass(frozen=True)
class Row:
    """One field with its input: what stands in it, or what was refused there and why."""

    field: CustomField
    id: str
    shown: str
    told: str | Promise
    error: ConversationsError | None = None

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.field.key}"


def rows_of(
    found: Sequence[Filled], *, prefix: str, given: QueryDict, error: ConversationsError | None = None
) -> list[Row]:
    """Give a panel's rows. `prefix` makes the ids its own; the field an error names shows what was given again."""
    rows = []
    for each in found:
        name = f"{PREFIX}{each.field.key}"
        wrong = error if error and error.field == name else None
        kept = "" if each.value is None else "on" if each.value is True else str(each.value)
        shown = given.get(name, "") if wrong and name in given else kept
        rows.append(Row(each.field, f"{prefix}-{each.field.key}", shown, each.told, wrong))
    return rows


def values_in(given: QueryDict) -> dict[str, object]:
    """Give the values that a panel sent, by key. A box without its tick is not sent itself: `box` names it."""
    values: dict[str, object] = dict.fromkeys(given.getlist("box"), "")
    return values | {name.removeprefix(PREFIX): given[name] for name in given if name.startswith(PREFIX)}


@require_safe
@agents_only
def contact_fields(request: AgentRequest, contact_id: str) -> HttpResponse:
    """Show a customer's fields."""
    return _panel(request, contact_for_viewer(request.viewer, contact_id))


@require_safe
@agents_only
def contact_fields_of(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the fields of whoever wrote a conversation."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    return _panel(request, conversation.contact)


@require_POST
@agents_only
def set_contact_fields(request: AgentRequest, contact_id: str) -> HttpResponse:
    """Fill in a customer's fields; answers with all of them, what was refused beside its field."""
    contact = contact_for_viewer(request.viewer, contact_id)
    request.require(contact.brand_id, Permission.EDIT_CONTACTS)
    values = values_in(request.POST)
    if not values:
        raise NotFound
    try:
        changed = set_contact_values(contact=contact, values=values, by=Actor.of_user(request.user))
    except InvalidChange as error:
        return _panel(request, contact, error)
    return told(_panel(request, changed), _("Saved."))


def _panel(request: AgentRequest, contact: Contact, error: ConversationsError | None = None) -> HttpResponse:
    found = filled(fields_of_brand(contact.brand_id, CustomField.Of.CONTACT), contact)
    context = {
        "contact": contact,
        "rows": rows_of(found, prefix="cf", given=request.POST, error=error),
        "may_write": request.viewer.may(contact.brand_id, Permission.EDIT_CONTACTS),
    }
    return render(request, "routing/_contact_fields.html", context, status=422 if error else 200)
