"""Macros in the workspace: the menu of the composer and the palette, using one, and an agent's own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.events import Actor
from conversations.incoming import MAX_KEY, json_in, number_in
from conversations.models import Attachment, Brand
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from conversations.workspace.told import told
from routing import queries
from routing.actions import macros
from routing.actions.many import asked_for
from routing.decide.placeholders import SHOWN, filled
from routing.decide.steps import OWN
from routing.errors import InvalidChange
from routing.file_editor import FilesInput, take_upload
from routing.models import Group, Macro, Ticket
from routing.queries.placeholders import values_in
from routing.queries.rules import known_of
from routing.step_editor import StepsInput
from routing.workspace.undoing import undo_token


@require_safe
@agents_only
def menu(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the macros that can be used in a conversation, as rows that scripts pick from."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    found = queries.macros_for(request.viewer, conversation.brand_id)
    text, ticket = " ".join(macro.text for macro in found), queries.ticket_of(conversation)
    values = values_in(text, conversation=conversation, ticket=ticket, agent=request.user.name) if found else {}
    shown = [{"macro": macro, "text": filled(macro.text, values, empty="…")} for macro in found]
    context = {"conversation": conversation, "shown": shown}
    return render(request, "routing/_macro_menu.html", context)


@require_POST
@agents_only
def apply(request: AgentRequest, macro_id: str, conversation_id: str) -> HttpResponse:
    """Use a macro: answers JSON with its text and files, and, where it changed the ticket, what to tell."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    macro = queries.macro_for_viewer(request.viewer, macro_id)
    if macro.brand_id != conversation.brand_id:
        raise NotFound
    request.require(conversation.brand_id, Permission.NOTE if macro.is_note else Permission.REPLY)
    ticket = queries.ticket_of(conversation)
    if ticket:
        for permission in asked_for(macros.changes_of(macro, request.user), ticket, request.user):
            request.require(conversation.brand_id, permission)
    applied = macros.apply_macro(macro=macro, conversation=conversation, ticket=ticket, user=request.user)
    answer: dict[str, Any] = {
        "text": applied.text,
        "audience": "internal" if applied.is_note else "public",
        "files": [{"id": file.public_id, "name": file.name} for file in applied.files],
    }
    if applied.changed and applied.changed.before != applied.changed.after:
        token = undo_token(request.user, [applied.changed])
        answer["told"] = {
            "text": _("Used: %(name)s.") % {"name": macro},
            "undo": reverse("routing:undo"),
            "values": {"token": token},
        }
    return JsonResponse(answer)


@require_safe
@agents_only
def own(request: AgentRequest) -> HttpResponse:
    """Show the agent's own macros, and the form of one: a new one, or the one that `edit` names."""
    edited = queries.own_macro(request.viewer, request.GET["edit"]) if request.GET.get("edit") else None
    return _own(request, edited or Macro(), queries.files_of(edited) if edited else [])


def _own(
    request: AgentRequest, macro: Macro, files: Sequence[Attachment] = (), error: InvalidChange | None = None
) -> HttpResponse:
    answering = request.viewer.brands_where(Permission.REPLY)
    context = {
        "macros": queries.own_macros(request.viewer),
        "macro": macro,
        "error": error,
        "brands": Brand.objects.filter(pk__in=answering).order_by("name"),
        "groups": Group.objects.filter(brand__in=answering).select_related("brand").order_by("brand__name", "name"),
        "statuses": Macro.Status.choices,
        "priorities": Ticket.Priority.choices,
        "assignees": Macro.Assignee.choices,
        "placeholders": SHOWN,
        "steps": _editor(macro, answering, error),
        "files": _files(macro, answering, files),
    }
    return render(request, "routing/_own_macros.html", context, status=422 if error else 200)


def _editor(macro: Macro, brand_ids: Sequence[int], error: InvalidChange | None) -> SafeString:
    """Give the editor of what a macro does to a brand's own fields; empty where no brand has any."""
    known = {brand: known_of(brand) for brand in brand_ids}
    if not any(each.fields or each.contact_fields or each.forms for each in known.values()):
        return SafeString()
    widget = StepsInput()
    widget.known, widget.offered, widget.brand_id = known, OWN, macro.brand_id
    if error and error.field.startswith("steps."):
        widget.refused = {error.field.removeprefix("steps."): str(error.text)}
    return widget.render("steps", json.dumps(macro.steps, ensure_ascii=False))


def _files(macro: Macro, brand_ids: Sequence[int], files: Sequence[Attachment]) -> SafeString:
    widget = FilesInput()
    widget.files, widget.upload = files, reverse("routing:macro_file")
    widget.brand_id = macro.brand_id or next(iter(brand_ids), None)
    return widget.render("files", None)


@require_POST
@agents_only
def upload(request: AgentRequest) -> HttpResponse:
    """Keep a file for a macro of the agent's own; answers JSON."""
    brand = _brand(request)
    request.require(brand.pk, Permission.REPLY)
    return take_upload(request, brand, request.user)


@require_POST
@agents_only
def save(request: AgentRequest, macro_id: str = "") -> HttpResponse:
    """Save one of the agent's own macros, or make one; answers with the list, errors beside their field."""
    if macro_id:
        macro = queries.own_macro(request.viewer, macro_id)
    else:
        macro = Macro(owner=request.user, brand=_brand(request))
    request.require(macro.brand_id, Permission.REPLY)
    files: Sequence[Attachment] = queries.files_of(macro)
    try:
        _fill(macro, request.POST)
        files = queries.files_to_attach(macro, request.POST.getlist("files"), request.user)
        macros.save_macro(macro=macro, by=Actor.of_user(request.user), files=files)
    except InvalidChange as error:
        return _own(request, macro, files, error)
    return told(_own(request, Macro()), _("Saved: %(name)s") % {"name": macro})


def _brand(request: AgentRequest) -> Brand:
    chosen = number_in(request.POST.get("brand", ""), MAX_KEY)
    found = Brand.objects.filter(pk__in=request.viewer.brand_ids).order_by("name")
    brand = (found.filter(pk=chosen) if chosen is not None else found).first()
    if brand is None:
        raise NotFound
    return brand


def _fill(macro: Macro, given: Mapping[str, str]) -> None:
    """Take over what a form says. Raises InvalidChange."""
    macro.name, macro.shortcut, macro.text = (given.get(name, "") for name in ("name", "shortcut", "text"))
    macro.is_note = "is_note" in given
    macro.status, macro.assignee = given.get("status", ""), given.get("assignee", "")
    macro.priority = number_in(given.get("priority", ""), 32767)
    group = number_in(given.get("group", ""), MAX_KEY)
    macro.group = Group.objects.filter(brand=macro.brand_id, pk=group).first() if group is not None else None
    macro.add_tags, macro.remove_tags = (given.get(name, "").split(",") for name in ("add_tags", "remove_tags"))
    try:
        macro.steps = json_in(given.get("steps") or "[]")
    except ValueError:
        raise InvalidChange(_("These steps could not be read."), field="steps") from None
    if given.get("group") and macro.group is None:
        raise InvalidChange(_("This group belongs to another brand."), field="group")


@require_POST
@agents_only
def delete(request: AgentRequest, macro_id: str) -> HttpResponse:
    """Remove one of the agent's own macros; answers with the list."""
    macro = queries.own_macro(request.viewer, macro_id)
    request.require(macro.brand_id, Permission.REPLY)
    name = str(macro)
    macros.delete_macro(macro=macro, by=Actor.of_user(request.user))
    return told(_own(request, Macro()), _("Deleted: %(name)s") % {"name": name})
