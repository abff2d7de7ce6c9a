"""Why a ticket waits, and why an agent got it: every candidate, and the reason each was passed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.models import Event
from conversations.queries.blocks import blocked_among
from routing.decide.assign import Choice, Person, Reason, Terms, Work, choose, misfit
from routing.decide.snapshots import choose_again, unpack_people, unpack_work
from routing.events import OfferEnded, TicketAssigned, TicketOffered, TicketQueued
from routing.models import Agent, Decision, Group, Offer, Skill, Ticket, Waiting
from routing.queries.lanes import had_by, work_of
from routing.queries.persons import config_of, persons_of, terms_of
from routing.queries.trails import Path, path_of
from routing.queries.work import answering


@dataclass(frozen=True)
class Candidate:
    """One agent of the brand, and why they did not get it; `reason` is None for whoever did, or could."""

    agent: Agent
    reason: Reason | None


@dataclass(frozen=True)
class Need:
    """What a piece of work asks for, in names."""

    queue: str
    groups: Sequence[str]
    second_groups: Sequence[str]
    required: Sequence[str]
    preferred: Sequence[str]

    def gave_up_skills(self, path: Path | None) -> bool:
        """Whether rules on its way asked for skills that it waited for long enough and asks for no more."""
        return not self.required and path is not None and any(way.requires for way in path.asking)


@dataclass(frozen=True)
class WhyWaiting:
    """Why a ticket waits now. `ahead` counts what stands before it in its lane, up to 1000.

    `never`: why nobody of the brand can take it at all, whoever comes; None where somebody could.
    """

    row: Waiting
    need: Need
    path: Path | None
    is_automatic: bool
    # Its customer is blocked: it is given only by hand.
    is_blocked: bool
    # The triggers that hear of its opening are run before it is given.
    rules_first: bool
    offered_to: Agent | None
    ahead: int
    never: Reason | None
    candidates: Sequence[Candidate]

    @property
    def gave_up_skills(self) -> bool:
        return self.need.gave_up_skills(self.path)


@dataclass(frozen=True)
class WhyAgent:
    """Why an agent was chosen: the decision made again from what was stored with it."""

    decision: Decision
    need: Need
    path: Path | None
    method: str
    candidates: Sequence[Candidate]

    @property
    def gave_up_skills(self) -> bool:
        return self.need.gave_up_skills(self.path)


def why_waiting(ticket: Ticket, now: datetime) -> WhyWaiting | None:
    """Explain why a ticket waits; None where it does not."""
    row = Waiting.objects.select_related("lane__queue").filter(ticket=ticket).first()
    if row is None:
        return None
    config = config_of(ticket.brand_id)
    work = work_of(row, row.lane, had_by([row])[ticket.pk])
    people = persons_of(answering(ticket.brand_id), ticket.brand_id, config, now)
    choice = choose(work, people, terms_of(config), now.timestamp())
    offer = Offer.objects.filter(ticket=ticket, state=Offer.State.PENDING).select_related("agent__user").first()
    return WhyWaiting(
        row=row,
        need=_need(work, row.lane.queue.name if row.lane.queue else ""),
        path=path_of(ticket.brand_id, row.trail),
        is_automatic=config.enabled and not row.is_held,
        is_blocked=row.is_held and bool(blocked_among(ticket.brand_id, [ticket.conversation.contact_id])),
        rules_first=row.rules_until is not None and row.rules_until > now,
        offered_to=offer.agent if offer else None,
        ahead=ahead_of(row),
        never=_never(people, work),
        candidates=_candidates(ticket.brand_id, choice),
    )


def _never(people: Sequence[Person], work: Work) -> Reason | None:
    reasons = [misfit(person, work) for person in people]
    if None in reasons:
        return None
    return Reason.LACKS_SKILL if Reason.LACKS_SKILL in reasons else Reason.NOT_IN_GROUP


def ahead_of(row: Waiting) -> int:
    """Count what stands before a waiting ticket in its lane, up to 1000."""
    key = (row.due_at, -row.priority, row.eligible_at, row.pk)
    lane = Waiting.objects.filter(lane=row.lane_id, is_held=False).order_by("due_at", "-priority", "eligible_at", "pk")
    before = 0
    for due_at, priority, eligible_at, pk in lane.values_list("due_at", "priority", "eligible_at", "pk")[:1000]:
        if (due_at, -priority, eligible_at, pk) >= key:
            break
        before += 1
    return before


def why_agent(ticket: Ticket) -> WhyAgent | None:
    """Explain why the newest automatic decision about a ticket fell as it did; None where there was none.

    The queue is the one it waited in then, by the name it had.
    """
    decision = Decision.objects.filter(ticket=ticket).select_related("round", "agent__user").order_by("-pk").first()
    if decision is None:
        return None
    before = _made_before(decision)
    work = unpack_work(decision.work)
    terms = Terms(**decision.round.terms)
    free, at_once = unpack_people(bytes(decision.round.people))
    choice = choose_again(free, before, work, terms, decision.round.made_at.timestamp())
    passed_over = {**at_once, **choice.passed_over}
    choice = Choice(choice.agent, passed_over)
    return WhyAgent(
        decision=decision,
        need=_need(work, _queue_at(ticket, decision.made_at)),
        path=path_of(ticket.brand_id, decision.trail),
        method=terms.method,
        candidates=_candidates(ticket.brand_id, choice),
    )


def _made_before(decision: Decision) -> list[tuple[int, str]]:
    """Give what its round had given out ahead of it as (agent, channel class), also what did not hold afterwards."""
    earlier = Decision.objects.filter(round=decision.round_id, place__lt=decision.place)
    made = [
        (place, agent, work["channel_class"]) for place, agent, work in earlier.values_list("place", "agent", "work")
    ]
    made += [(place, agent, each) for place, agent, each in decision.round.dropped if place < decision.place]
    return [(agent, each) for _place, agent, each in sorted(made)]


@dataclass(frozen=True)
class Given:
    """How the assignee came to have a ticket: the fact of it, and whether a decision chose them."""

    event: Event
    was_decided: bool


def given(ticket: Ticket, story: Sequence[Event], why: WhyAgent | None) -> Given | None:
    """Say how a ticket came to its assignee, by the facts of its conversation; None where nobody has it.

    Accepting what one was offered is no choice of one's own: it was decided who is asked.
    """
    if ticket.assignee is None:
        return None
    mine = [event for event in story if event.payload.get("ticket") == ticket.public_id]
    event = next((each for each in reversed(mine) if each.type == TicketAssigned.type), None)
    if event is None:
        return None
    offered = [each for each in mine[: mine.index(event)] if each.type in (TicketOffered.type, OfferEnded.type)]
    accepted = bool(offered) and offered[-1].type == TicketOffered.type and event.actor_id == event.payload["agent"]
    accepted = accepted and offered[-1].payload["agent"] == event.payload["agent"]
    is_chosen = why is not None and why.decision.agent_id == ticket.assignee_id
    return Given(event, is_chosen and (not event.actor_id or accepted))


def _queue_at(ticket: Ticket, moment: datetime) -> str:
    """Give the queue a ticket waited in at a moment, by what was said when it came there; its row is gone by now."""
    said = Event.objects.filter(
        conversation_id=ticket.conversation_id,
        type=TicketQueued.type,
        payload__ticket=ticket.public_id,
        created_at__lte=moment,
    )
    newest = said.order_by("-created_at", "-pk").values_list("payload", flat=True).first()
    return str(newest["queue"]) if newest else ""


def _need(work: Work, queue: str) -> Need:
    groups = dict(Group.objects.filter(pk__in=work.primary | work.secondary).values_list("pk", "name"))
    skills = dict(Skill.objects.filter(pk__in=work.required | work.preferred).values_list("pk", "name"))
    return Need(
        queue=queue,
        groups=[groups[key] for key in sorted(work.primary) if key in groups],
        second_groups=[groups[key] for key in sorted(work.secondary) if key in groups],
        required=[skills[key] for key in sorted(work.required) if key in skills],
        preferred=[skills[key] for key in sorted(work.preferred) if key in skills],
    )


def _candidates(brand_id: int, choice: Choice) -> list[Candidate]:
    """Give everybody who answers for the brand: the chosen one first, then who came closest, the absent last."""
    places = {reason: place for place, reason in enumerate(reversed(Reason))}
    found = [
        Candidate(agent, None if agent.pk == choice.agent else choice.passed_over.get(agent.pk, Reason.STATUS))
        for agent in answering(brand_id).select_related("user", "custom_status").order_by("user__name", "pk").distinct()
    ]
    return sorted(found, key=lambda each: -1 if each.reason is None else places[each.reason])
