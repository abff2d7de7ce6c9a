"""Agents, their one status, and what is offered to them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import AFTER, KEY, LIMIT, Meta, answer, operation, path_id, query
from conversations.business.views import BusinessView, Input, one_named
from conversations.errors import InvalidContent, NotAllowed
from conversations.permissions import Permission
from conversations.scopes import Area
from conversations.shapes import timestamp
from routing import queries
from routing.actions import agents, offers, statuses
from routing.api.shapes import AgentShape, Output, TicketShape, agent_told, ticket_told, tickets_told
from routing.decide.statuses import Availability, Source
from routing.models import Agent, CustomStatus
from routing.queries.calls import agent_for_viewer, loads_of, seen_agents, seen_tickets, ticket_for_viewer
from routing.queries.spells import statuses_of

TAG, OFFERS = "Agents", "Offers"
OF = path_id("public_id", "an agent")
AGENT = answer("AgentAnswer", agent=AgentShape())


class StatusBody(Input):
    status = serializers.ChoiceField(Availability.choices, required=False)
    custom = serializers.CharField(
        required=False, max_length=24, help_text="Id of a status of the brand's own, instead of `status`."
    )


class OfferShape(Output):
    ticket = TicketShape()
    queue = serializers.CharField(allow_blank=True)
    skills = serializers.ListField(child=serializers.CharField())
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class AgentView(BusinessView):
    """Base: agents."""

    area = Area.AGENTS

    def told(self, agent: Agent) -> dict[str, Any]:
        """Show one agent as the caller may see them."""
        found = seen_agents(self.viewer).get(pk=agent.pk)
        return agent_told(found, found.seen_groups, loads_of(self.viewer, [found])[found.pk])  # type: ignore[attr-defined]

    def require_sway(self, agent: Agent) -> None:
        """Raise NotAllowed unless the caller is this agent, or supervises a brand of theirs."""
        theirs = set(agent.user.memberships.values_list("brand_id", flat=True))
        if agent.user_id != self.viewer.user.pk and not theirs & set(self.viewer.brands_where(Permission.SUPERVISE)):
            raise NotAllowed

    def set_status(self, agent: Agent) -> Response:
        """Set what the body says. Raises InvalidContent, InvalidChange."""
        given = self.given(StatusBody)
        if ("status" in given) == ("custom" in given):
            raise InvalidContent(field="status")
        own = CustomStatus.objects.filter(brand__in=self.viewer.brand_ids)
        custom = one_named(own, given.get("custom"), "custom")
        if custom is None and "status" not in given:
            raise InvalidContent(field="custom")
        changed = statuses.set_agent_status(
            agent=agent, status=given.get("status", ""), custom=custom, by=self.caller.actor, source=Source.API
        )
        return Response({"agent": self.told(changed)})


class AgentsView(AgentView):
    """Those who answer."""

    @operation(
        "listAgents",
        "List agents",
        TAG,
        {200: answer("AgentsAnswer", agents=AgentShape(many=True), meta=Meta())},
        parameters=(
            query("status", "Only those.", enum=Availability.values),
            query("group", "Id of a group: its members."),
            AFTER,
            LIMIT,
        ),
        refuses=(400,),
    )
    def get(self, request: Request) -> Response:
        """Give a page of who answers in your brands, with their status and what they have of what they may have."""
        found = seen_agents(self.viewer)
        if status := self.asked("status"):
            if status not in Availability.values:
                raise InvalidContent(field="status", limit=", ".join(Availability.values))
            found = found.filter(status=status)
        if group := self.asked("group"):
            found = found.filter(groups__public_id=group, groups__brand__in=self.viewer.brand_ids)
        page, meta = self.page(found)
        loads = loads_of(self.viewer, page)
        told = [agent_told(each, each.seen_groups, loads[each.pk]) for each in page]  # type: ignore[attr-defined]
        return Response({"agents": told, "meta": meta})


class OneAgentView(AgentView):
    """One agent."""

    @operation("readAgent", "Read an agent", TAG, {200: AGENT}, parameters=(OF,), refuses=(404,))
    def get(self, request: Request, public_id: str) -> Response:
        """Give one."""
        return Response({"agent": self.told(agent_for_viewer(self.viewer, public_id))})


class AgentStatusView(AgentView):
    """The status of somebody else."""

    @operation(
        "setAgentStatus",
        "Set an agent's status",
        TAG,
        {200: AGENT},
        body=StatusBody,
        parameters=(OF,),
        refuses=(404,),
    )
    def put(self, request: Request, public_id: str) -> Response:
        """Set somebody's status: for those who supervise a brand of theirs, and for systems of it."""
        agent = agent_for_viewer(self.viewer, public_id)
        self.require_sway(agent)
        return self.set_status(agent)


class SpellShape(Output):
    status = serializers.ChoiceField(Availability.choices)
    name = serializers.CharField(allow_blank=True, help_text="Of a status of the brand's own, as it was called then.")
    from_status = serializers.ChoiceField(Availability.choices, allow_null=True, help_text="What they were before.")
    from_name = serializers.CharField(allow_blank=True)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]  # what it is called to the outside
    by = serializers.CharField(allow_blank=True, help_text="Who set it for them; empty where they did, or nobody.")
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="null: it goes on.")


class AgentStatusesView(AgentView):
    """What an agent was, and since when."""

    @operation(
        "readAgentStatuses",
        "Read the statuses an agent had",
        TAG,
        {200: answer("AgentStatusesAnswer", statuses=SpellShape(many=True), meta=Meta())},
        parameters=(OF, AFTER, LIMIT),
        refuses=(400, 404),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give a page of them, newest first: your own, or those of whoever you supervise."""
        agent = agent_for_viewer(self.viewer, public_id)
        self.require_sway(agent)
        page, meta = self.page(statuses_of([agent.pk]), newest_first=True)
        return Response({"statuses": [_spell_told(each) for each in page], "meta": meta})


def _spell_told(spell: Any) -> dict[str, Any]:
    return {
        "status": spell.status,
        "name": spell.name,
        "from_status": spell.from_status,
        "from_name": spell.from_name or "",
        "source": spell.source,
        "by": spell.by_name,
        "began_at": timestamp(spell.began_at),
        "ended_at": timestamp(spell.ended_at),
    }


class OwnStatusView(AgentView):
    """One's own status."""

    in_person = True

    @operation("readOwnStatus", "Read your status", TAG, {200: AGENT})
    def get(self, request: Request) -> Response:
        """Give yourself as an agent, with what you have of what you may have."""
        return Response({"agent": self.told(self.agent())})

    @operation("setOwnStatus", "Set your status", TAG, {200: AGENT}, body=StatusBody)
    def put(self, request: Request) -> Response:
        """Set your one status for all channels: one of the four, or one of the brand's own."""
        return self.set_status(self.agent())

    def agent(self) -> Agent:
        """Give the caller as an agent. Raises NotAllowed for those who answer nowhere."""
        if not self.viewer.answers:
            raise NotAllowed
        return agents.agent_of(self.person)


class OffersView(BusinessView):
    """What one is asked to accept."""

    area = Area.AGENTS
    in_person = True

    @operation("listOffers", "List your offers", OFFERS, {200: answer("OffersAnswer", offers=OfferShape(many=True))})
    def get(self, request: Request) -> Response:
        """Give what is offered to you now, the first to run out first; at most 20."""
        found = queries.own_offers(self.viewer)
        seen = list(seen_tickets(self.viewer).filter(pk__in=[each.offer.ticket_id for each in found]))
        tickets = dict(zip((each.pk for each in seen), tickets_told(seen), strict=True))
        return Response(
            {
                "offers": [
                    {
                        "ticket": tickets[each.offer.ticket_id],
                        "queue": each.queue,
                        "skills": list(each.skills),
                        "made_at": timestamp(each.offer.made_at),
                        "expires_at": timestamp(each.offer.expires_at),
                    }
                    for each in found
                    if each.offer.ticket_id in tickets
                ]
            }
        )


TICKET = path_id("public_id", "a ticket that is offered to you")


class AcceptView(BusinessView):
    """Yes."""

    area = Area.AGENTS
    in_person = True

    @operation(
        "acceptOffer",
        "Accept an offer",
        OFFERS,
        {200: answer("AcceptedAnswer", ticket=TicketShape())},
        parameters=(TICKET, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Take what is offered to you."""
        ticket = ticket_for_viewer(self.viewer, public_id)
        self.require(ticket.brand_id, Permission.REPLY)
        offers.accept_offer(ticket=ticket, agent=agents.agent_of(self.person), by=self.caller.actor)
        return Response({"ticket": ticket_told(ticket_for_viewer(self.viewer, public_id))})


class DeclineView(BusinessView):
    """No."""

    area = Area.AGENTS
    in_person = True

    @operation("declineOffer", "Decline an offer", OFFERS, {204: None}, parameters=(TICKET, KEY), refuses=(404, 409))
    def post(self, request: Request, public_id: str) -> Response:
        """Let it go on to somebody else."""
        ticket = ticket_for_viewer(self.viewer, public_id)
        self.require(ticket.brand_id, Permission.REPLY)
        offers.decline_offer(ticket=ticket, agent=agents.agent_of(self.person), by=self.caller.actor)
        return Response(status=204)
