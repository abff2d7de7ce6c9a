"""Doing one thing to many tickets of the list at once."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import ConversationsError, NotFound
from conversations.events import Actor
from conversations.incoming import MAX_KEY, number_in
from conversations.permissions import Permission
from conversations.workspace.moments import chosen_moment, moments
from routing import queries
from routing.actions.macros import apply_macro, changes_of
from routing.actions.many import Changed, Changes, apply_changes, asked_for
from routing.errors import InvalidChange
from routing.models import Agent, CustomField, Group, Ticket, TicketForm
from routing.workspace.undoing import undo_token

AT_ONCE = 100
Deed = Callable[[Ticket], Changed | None]


@require_safe
@agents_only
def bar(request: AgentRequest) -> HttpResponse:
    """Show what can be done to the selected rows, in the brands where the agent answers. A fixed number of queries."""
    brand_ids = request.viewer.brands_where(Permission.CHANGE_TICKETS)
    context = {
        "agents": queries.agents_of_brands(brand_ids),
        "groups": Group.objects.filter(brand__in=brand_ids).select_related("brand").order_by("brand__name", "name"),
        "forms": _forms(brand_ids).select_related("brand").order_by("brand__name", "name"),
        "fields": _fields(brand_ids).select_related("brand").order_by("brand__name", "order", "pk"),
        "macros": [macro for macro in queries.usable_macros(request.viewer, brand_ids) if macro.changes_ticket],
        "statuses": Ticket.Status.choices[1:],
        "priorities": Ticket.Priority.choices,
        "moments": moments(),
        "has_brands": len(brand_ids) > 1,
        "at_once": AT_ONCE,
    }
    return render(request, "routing/_bulk.html", context)


@require_POST
@agents_only
def change_many(request: AgentRequest) -> HttpResponse:
    """Do one thing to each of at most AT_ONCE tickets, each on its own; answers JSON with what to tell.

    One that refuses stays as it was and is counted with its reason; the others are changed.
    """
    tickets = _tickets(request)
    deed = _deed(request)
    done: list[Changed] = []
    reasons: Counter[str] = Counter()
    for ticket in tickets:
        try:
            changed = deed(ticket)
        except ConversationsError as error:
            reasons[str(error.text)] += 1
        else:
            if changed and changed.before != changed.after:
                done.append(changed)
    told: dict[str, Any] = {"text": _words(len(done), len(tickets), reasons), "is_empty": not done}
    if able := [changed for changed in done if changed.after["status"] != Ticket.Status.CLOSED]:
        told |= {"undo": reverse("routing:undo"), "values": {"token": undo_token(request.user, able)}}
    return JsonResponse({"told": told})


def _tickets(request: AgentRequest) -> Sequence[Ticket]:
    """Give the tickets that a form names, each the viewer's to change. Raises InvalidChange, NotFound, NotAllowed."""
    names = list(dict.fromkeys(request.POST.getlist("ticket")))
    if not 0 < len(names) <= AT_ONCE:
        raise InvalidChange(_("Choose 1 to %(n)s conversations.") % {"n": AT_ONCE}, field="ticket", limit=AT_ONCE)
    tickets = queries.tickets_for_viewer(request.viewer, names)
    if len(tickets) != len(names):
        raise NotFound
    for brand_id in {ticket.brand_id for ticket in tickets}:
        request.require(brand_id, Permission.CHANGE_TICKETS)
    name, _colon, value = request.POST.get("do", "").partition(":")
    if name == "macro":
        changes = changes_of(queries.macro_for_viewer(request.viewer, value), request.user)
    else:
        changes = _changes(request, name, value)
    for ticket in tickets:
        for permission in asked_for(changes, ticket, request.user):
            request.require(ticket.brand_id, permission)
    return tickets


def _deed(request: AgentRequest) -> Deed:
    """Give what a form wants done. Raises InvalidChange, NotFound."""
    name, _colon, value = request.POST.get("do", "").partition(":")
    if name == "macro":
        macro = queries.macro_for_viewer(request.viewer, value)

        def use(ticket: Ticket) -> Changed | None:
            if ticket.brand_id != macro.brand_id:
                raise InvalidChange(_("This macro belongs to another brand."), field="macro")
            conversation, user = ticket.conversation, request.user
            return apply_macro(macro=macro, conversation=conversation, ticket=ticket, user=user).changed

        return use
    changes, by = _changes(request, name, value), Actor.of_user(request.user)
    own = _own(request, name, value)

    def change(ticket: Ticket) -> Changed:
        if own is not None and ticket.brand_id != own.brand_id:
            raise InvalidChange(_("This belongs to another brand."), field="do")
        return apply_changes(ticket=ticket, changes=changes, by=by)

    return change


def _forms(brand_ids: Collection[int]) -> QuerySet[TicketForm]:
    return TicketForm.objects.filter(brand__in=brand_ids, for_agents=True)


def _fields(brand_ids: Collection[int]) -> QuerySet[CustomField]:
    return CustomField.objects.filter(brand__in=brand_ids, of=CustomField.Of.TICKET)


def _own(request: AgentRequest, name: str, value: str) -> CustomField | TicketForm | None:
    """Give the field or form of a brand's own that a form names; None where it names none. Raises NotFound."""
    if name not in {"field", "form"} or not value:
        return None
    offered = _fields if name == "field" else _forms
    found = offered(request.viewer.brand_ids).filter(public_id=value).first()
    if found is None:
        raise NotFound
    return found


def _changes(request: AgentRequest, name: str, value: str) -> Changes:
    tag = request.POST.get("tag", "").strip()
    match name:
        case "assign":
            return Changes(assignee=_agent(value), no_assignee=not value)
        case "status":
            return Changes(status=value)
        case "priority":
            return Changes(priority=number_in(value, 32767))
        case "group":
            return Changes(group=_group(request, value), no_group=not value)
        case "form":
            form = _own(request, name, value)
            return Changes(form=form if isinstance(form, TicketForm) else None, no_form=form is None)
        case "field" if isinstance(field := _own(request, name, value), CustomField):
            return Changes(values={field.key: request.POST.get("value", "")})
        case "snooze":
            return Changes(snooze_until=chosen_moment(value))
        case "wake":
            return Changes(wakes=True)
        case "add_tag" if tag:
            return Changes(add_tags=(tag,))
        case "remove_tag" if tag:
            return Changes(remove_tags=(tag,))
    raise InvalidChange(_("Choose what to do."), field="do")


def _agent(public_id: str) -> Agent | None:
    agent = Agent.objects.filter(user__public_id=public_id).select_related("user").first()
    if public_id and agent is None:
        raise NotFound
    return agent


def _group(request: AgentRequest, value: str) -> Group | None:
    number = number_in(value, MAX_KEY)
    group = Group.objects.filter(brand__in=request.viewer.brand_ids, pk=number).first() if number is not None else None
    if value and group is None:
        raise NotFound
    return group


def _words(changed: int, asked: int, reasons: Counter[str]) -> str:
    """Say how many were changed, how many stayed because they were so already, and why the others refused."""
    refused = sum(reasons.values())
    parts = [ngettext("%(n)s changed", "%(n)s changed", changed) % {"n": changed}]
    if same := asked - changed - refused:
        parts.append(ngettext("%(n)s was so already", "%(n)s were so already", same) % {"n": same})
    for reason, count in reasons.most_common():
        text = ngettext("%(n)s refused: %(reason)s", "%(n)s refused: %(reason)s", count)
        parts.append(text % {"n": count, "reason": reason.rstrip(".")})
    return f"{', '.join(parts)}."
