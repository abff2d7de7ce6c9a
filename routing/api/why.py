"""Why a ticket waits, or is whose it is."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import answer, operation
from conversations.queries import story_of
from routing.api.shapes import Named, Output, agent_named
from routing.api.tickets import OF, TAG, OneTicketView
from routing.decide.assign import Reason
from routing.events import OfferEnded, TicketAssigned, TicketOffered
from routing.models import Ticket
from routing.queries.explaining import given as how_given
from routing.queries.explaining import why_agent, why_waiting


class Candidate(Output):
    agent = Named()
    reason = serializers.ChoiceField(Reason.choices, allow_null=True, help_text="null: they could have it, or got it.")


class Condition(Output):
    text = serializers.CharField(help_text="As a sentence, in the caller's language.")
    holds = serializers.BooleanField()
    is_one_of = serializers.BooleanField(help_text="true: of these at least one has to hold; else each.")
    found = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="What the ticket had then; empty: nothing; null: it is not kept."
    )


class Way(Output):
    name = serializers.CharField(allow_blank=True, help_text="Empty once it is deleted.")
    holds = serializers.BooleanField()
    is_changed = serializers.BooleanField(help_text="true: its conditions are others by now, and not told.")
    conditions = Condition(many=True)
    requires = serializers.ListField(child=serializers.CharField())
    prefers = serializers.ListField(child=serializers.CharField())


class Path(Output):
    is_sent = serializers.BooleanField(help_text="Sent to its queue by hand or by a rule: no conditions were asked.")
    skips_queues = serializers.BooleanField(help_text="Put back: no queue was asked.")
    entered = Way(allow_null=True, help_text="The queue that took it.")
    passed = Way(many=True, help_text="The queues before that one, which did not.")
    asking = Way(many=True, help_text="Skill rules that asked for their skills.")
    silent = Way(many=True, help_text="Skill rules that did not apply.")


class Why(Output):
    state = serializers.ChoiceField(
        ["waits", "assigned", "rests", "closed"],
        help_text=(
            "assigned without candidates: somebody gave or took it by hand. rests: nobody has it, and nobody is looked"
            " for, since it is pending, on hold or snoozed. closed: solved too."
        ),
    )
    queue = serializers.CharField(allow_blank=True)
    groups = serializers.ListField(child=serializers.CharField())
    second_groups = serializers.ListField(child=serializers.CharField())
    required_skills = serializers.ListField(child=serializers.CharField())
    preferred_skills = serializers.ListField(child=serializers.CharField())
    is_automatic = serializers.BooleanField()
    is_blocked = serializers.BooleanField(help_text="Its customer is blocked: it is given only by hand.")
    rules_first = serializers.BooleanField(help_text="It was opened just now, and is given once its triggers were run.")
    never = serializers.ChoiceField(
        [Reason.LACKS_SKILL, Reason.NOT_IN_GROUP],
        allow_null=True,
        help_text="Why nobody of the brand can take it, whoever comes; null: somebody could.",
    )
    gave_up_skills = serializers.BooleanField(
        help_text="Its rules required skills; nobody with them was free in time, and now they are only preferred."
    )
    ahead = serializers.IntegerField(min_value=0, help_text="What stands before it in its lane, up to 1000.")
    offered_to = Named(allow_null=True)
    path = Path(allow_null=True, help_text="What was asked on the way there; null: nothing, or it is not kept.")
    candidates = Candidate(many=True)


class WhyView(OneTicketView):
    """Reasons."""

    @operation(
        "explainTicket",
        "Explain a ticket",
        TAG,
        {200: answer("WhyAnswer", why=Why())},
        parameters=(OF,),
        refuses=(404,),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Say why it waits, or why its agent has it, with everybody who could have had it and why they did not."""
        ticket = self.ticket(public_id)
        return Response({"why": _why(ticket)})


def _why(ticket: Ticket) -> dict[str, Any]:
    told: dict[str, Any] = {"is_automatic": False, "is_blocked": False, "rules_first": False, "never": None}
    told |= {"ahead": 0, "offered_to": None}
    waiting = chosen = None
    if ticket.assignee is None:
        waiting = why_waiting(ticket, timezone.now()) if ticket.is_open else None
        told["state"] = "waits" if waiting else "rests" if ticket.is_open else "closed"
        if waiting:
            told |= {"is_automatic": waiting.is_automatic, "rules_first": waiting.rules_first, "ahead": waiting.ahead}
            told |= {"offered_to": agent_named(waiting.offered_to), "never": waiting.never}
            told["is_blocked"] = waiting.is_blocked
        need, candidates = (waiting.need, waiting.candidates) if waiting else (None, ())
    else:
        decided = why_agent(ticket)
        story = story_of(ticket.conversation, (TicketOffered.type, OfferEnded.type, TicketAssigned.type))
        how = how_given(ticket, story, decided)
        chosen = decided if how and how.was_decided else None
        told |= {"state": "assigned", "is_automatic": chosen is not None}
        need, candidates = (chosen.need, chosen.candidates) if chosen else (None, ())
    found = waiting or chosen
    path = found.path if found else None
    return told | {
        "gave_up_skills": found.gave_up_skills if found else False,
        "queue": need.queue if need else "",
        "groups": list(need.groups) if need else [],
        "second_groups": list(need.second_groups) if need else [],
        "required_skills": list(need.required) if need else [],
        "preferred_skills": list(need.preferred) if need else [],
        "path": asdict(path) if path else None,
        "candidates": [{"agent": agent_named(each.agent), "reason": each.reason} for each in candidates],
    }
