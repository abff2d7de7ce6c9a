"""The customers' panels: who someone is, what they wrote before, the list of all."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions import contacts
from conversations.actions.merging import UNDONE_WITHIN
from conversations.errors import ConversationsError, InvalidContent
from conversations.events import Actor
from conversations.incoming import MAX_KEY, number_in
from conversations.models import Contact
from conversations.permissions import Permission
from conversations.workspace.blocks import block_context
from conversations.workspace.told import told

PAST = 20


@require_safe
@agents_only
def listing(request: AgentRequest) -> HttpResponse:
    """Show one page of customers, newest first, or those whose name, email or phone hold the words."""
    words, before = request.GET.get("q", "").strip()[:200], number_in(request.GET.get("before", ""), MAX_KEY)
    rows = queries.contacts(request.viewer, words=words, before=before)
    page = rows[: queries.PAGE]
    context = {"contacts": page, "words": words, "before": page[-1].pk if len(rows) > queries.PAGE else None}
    return render(request, "conversations/_contacts.html", context)


@require_safe
@agents_only
def customer(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show who a customer is, with all their conversations."""
    return panel(request, queries.contact_for_viewer(request.viewer, public_id))


@require_safe
@agents_only
def customer_of(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show who wrote a conversation; the open one is not listed among the others."""
    conversation = queries.conversation_for_viewer(request.viewer, public_id)
    return panel(request, queries.contact_for_viewer(request.viewer, conversation.contact.public_id), opened=public_id)


def panel(
    request: AgentRequest, contact: Contact, *, opened: str = "", errors: Mapping[str, ConversationsError] | None = None
) -> HttpResponse:
    past = queries.recent_of_contact(request.viewer, contact, PAST)
    context = {
        "contact": contact,
        "opened": opened,
        "past": [each for each in past if each.public_id != opened],
        "may_write": request.viewer.may(contact.brand_id, Permission.EDIT_CONTACTS),
        "may_merge": request.viewer.may(contact.brand_id, Permission.MERGE_CONTACTS),
        "merges": queries.merges_of(contact, timezone.now() - UNDONE_WITHIN),
        **block_context(request, contact),
        "errors": errors or {},
        "given": request.POST,
    }
    return render(request, "conversations/_customer.html", context, status=422 if errors else 200)


@require_POST
@agents_only
def edit(request: AgentRequest, public_id: str) -> HttpResponse:
    """Change a customer's name, email, phone or one property; answers with the panel, errors beside their field.

    What is right is saved, whatever else is wrong: a field that was refused before comes along with the next one.
    """
    contact, opened = queries.contact_for_viewer(request.viewer, public_id), request.POST.get("conversation", "")
    request.require(contact.brand_id, Permission.EDIT_CONTACTS)
    fields = [name for name in (*contacts.LIMITS, "property") if name in request.POST]
    errors: dict[str, ConversationsError] = {}
    for name in fields:
        try:
            contacts.update_contact(contact=contact, changes=_change(request, name), by=Actor.of_user(request.user))
        except InvalidContent as error:
            errors[name] = error
    shown = panel(request, queries.contact_for_viewer(request.viewer, public_id), opened=opened, errors=errors)
    return told(shown, _("Saved.")) if len(errors) < len(fields) else shown


def _change(request: AgentRequest, name: str) -> dict[str, object]:
    if name != "property":
        return {name: request.POST[name]}
    key, value = request.POST["property"].strip(), request.POST.get("value", "").strip()
    if not 0 < len(key) <= contacts.MAX_PROPERTY_CHARS:
        raise InvalidContent(field="property", limit=contacts.MAX_PROPERTY_CHARS)
    return {"properties": {key: value or None}}
