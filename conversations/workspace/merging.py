"""Merging a customer with another one: choosing, seeing what would happen, doing it, and taking it back."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions.merging import foresee, merge_customers, undo_merge
from conversations.errors import InvalidContent, NotFound
from conversations.events import Actor
from conversations.models import Contact
from conversations.permissions import Permission
from conversations.workspace.names import called
from conversations.workspace.told import told

# The names of what can be lost; a property is named by itself.
LABELS = {"name": gettext_lazy("Name"), "email": gettext_lazy("Email"), "phone": gettext_lazy("Phone")}


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def merge(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show with whom a customer can be merged; with one chosen, what would happen; then merge them."""
    contact = queries.contact_for_viewer(request.viewer, public_id)
    request.require(contact.brand_id, Permission.MERGE_CONTACTS)
    if request.method != "POST":
        return _form(request, contact)
    try:
        other = _other(request, contact)
        keep = request.POST.get("keep", "")
        surviving, discarded = (other, contact) if keep == other.public_id else (contact, other)
        if not keep and _weight(other) > _weight(contact):
            surviving, discarded = other, contact
        if request.POST.get("sure") != surviving.public_id:
            return _preview(request, contact, surviving, discarded)
        return _merge(request, contact, surviving, discarded)
    except InvalidContent as error:
        return _form(request, contact, error)


def _other(request: AgentRequest, contact: Contact) -> Contact:
    try:
        return queries.contact_for_viewer(request.viewer, request.POST.get("with", ""))
    except NotFound:
        raise InvalidContent(_("Choose a customer."), field="contact") from None


def _weight(contact: Contact) -> tuple[bool, bool, float]:
    """Say who rather stays: who is vouched for, who has an email, who was there first."""
    return contact.is_verified, bool(contact.email), -contact.created_at.timestamp()


def _form(request: AgentRequest, contact: Contact, error: InvalidContent | None = None) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {
        "contact": contact,
        "choices": queries.merge_choices(request.viewer, contact, words),
        "words": words,
        "error": error,
    }
    rows = request.htmx.target == "merge-rows"
    template = "conversations/_merge_rows.html" if rows else "conversations/_merge.html"
    return render(request, template, context, status=422 if error else 200)


def _preview(request: AgentRequest, contact: Contact, surviving: Contact, discarded: Contact) -> HttpResponse:
    foreseen = foresee(surviving=surviving, discarded=discarded)
    other = discarded if surviving.pk == contact.pk else surviving
    context = {
        "contact": contact,
        "other": other,
        "both": (contact, other),
        "surviving": surviving,
        "discarded": discarded,
        "foreseen": foreseen,
        "dropped": [(LABELS.get(name, name), value) for name, value in foreseen.plan.dropped],
    }
    return render(request, "conversations/_merge_preview.html", context)


def _merge(request: AgentRequest, contact: Contact, surviving: Contact, discarded: Contact) -> HttpResponse:
    text = _("%(one)s was merged into %(other)s.") % {"one": called(discarded), "other": called(surviving)}
    if called(surviving).endswith("."):
        text = text.replace("..", ".")
    made = merge_customers(surviving=surviving, discarded=discarded, by=request.user)
    response = HttpResponse(status=204)
    # The shell's page of one customer (DESIGN, section 7).
    if request.htmx.current_url_abs_path == f"/workspace/contacts/{discarded.public_id}/":
        # The page they are on shows somebody who is gone.
        response.headers["HX-Redirect"] = f"/workspace/contacts/{surviving.public_id}/"
    undo = "" if made.has_dropped else reverse("conversations:undo_merge", args=[made.public_id])
    return told(response, text, undo=undo)


@require_POST
@agents_only
def undo(request: AgentRequest, public_id: str) -> HttpResponse:
    """Make two customers of one again."""
    found = queries.merge_for_viewer(request.viewer, public_id)
    request.require(found.brand_id, Permission.MERGE_CONTACTS)
    back = undo_merge(merge=found, by=Actor.of_user(request.user))
    return told(HttpResponse(status=204), _("%(name)s is a customer of their own again.") % {"name": called(back)})
