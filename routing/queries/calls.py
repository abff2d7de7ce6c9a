"""What the business API asks of tickets and agents, bounded by the viewer."""

from collections.abc import Mapping, Sequence

from django.db.models import F, Prefetch, Q, QuerySet, Value

from conversations.errors import NotFound
from conversations.models import Message
from conversations.permissions import Permission
from conversations.queries import Viewer, only_seen, unread_by
from conversations.search import has_words
from routing.models import Agent, Firing, Group, Rating, Rule, Ticket
from routing.queries.compiled import HasTag
from routing.queries.own import Used, used_of
from routing.queries.persons import config_of, default_capacity, loads
from routing.queries.work import ANSWERING

NONE = "none"


def seen_tickets(viewer: Viewer) -> QuerySet[Ticket]:
    """Give the tickets that the viewer may see, with all that is shown of one but its promise."""
    found = only_seen(Ticket.objects.all(), viewer, conversation="conversation").annotate(unread=unread_by(viewer))
    return found.select_related(
        "conversation__contact",
        "conversation__channel",
        "conversation__brand",
        "assignee__user",
        "group__escalates_to",
        "form",
    )


def ticket_for_viewer(viewer: Viewer, public_id: str, brand_id: int | None = None) -> Ticket:
    """Give a ticket the viewer may see, of this brand where one is named. Raises NotFound."""
    found = seen_tickets(viewer).filter(public_id=public_id)
    ticket = (found if brand_id is None else found.filter(brand=brand_id)).first()
    if ticket is None:
        raise NotFound
    return ticket


def matching(
    found: QuerySet[Ticket],
    *,
    number: int | None = None,
    status: str = "",
    assignee: str = "",
    group: str = "",
    tag: str = "",
    words: str = "",
) -> QuerySet[Ticket]:
    """Narrow tickets; what is "" narrows nothing. `assignee` and `group` are public ids, or "none".

    `words` are looked for in the messages of the conversation.
    """
    if number is not None:
        found = found.filter(number=number)
    if status:
        found = found.filter(status=status)
    if assignee:
        found = found.filter(Q(assignee=None) if assignee == NONE else Q(assignee__user__public_id=assignee))
    if group:
        found = found.filter(Q(group=None) if group == NONE else Q(group__public_id=group))
    if tag:
        found = found.filter(HasTag(F("tags"), Value(tag)))
    if words:
        said = Message.objects.filter(terms__found=words) if has_words(words) else Message.objects.none()
        found = found.filter(conversation__in=said.values("conversation"))
    return found


def seen_firings(viewer: Viewer, rule: Rule) -> QuerySet[Firing]:
    """Give what a rule did to tickets that the viewer may see, with the tickets."""
    found = Firing.objects.filter(rule=rule.pk)
    seen = only_seen(found, viewer, brand="ticket__brand_id", conversation="ticket__conversation")
    return seen.select_related("ticket")


def seen_ratings(viewer: Viewer) -> QuerySet[Rating]:
    """Give what customers were asked for, of work that the viewer may see, with the tickets' contacts."""
    seen = only_seen(Rating.objects.all(), viewer, brand="ticket__brand_id", conversation="ticket__conversation")
    return seen.select_related("ticket__conversation__contact")


def seen_agents(viewer: Viewer) -> QuerySet[Agent]:
    """Give the agents who answer in a brand of the viewer's; `seen_groups` of each are those of these brands."""
    found = Agent.objects.filter(
        user__memberships__brand__in=viewer.brand_ids, user__memberships__role__in=ANSWERING, user__is_active=True
    )
    groups = Group.objects.filter(brand__in=viewer.brand_ids).order_by("name")
    found = found.select_related("user", "custom_status", "capacity_rule").distinct()
    return found.prefetch_related(Prefetch("groups", groups, to_attr="seen_groups"))


def agent_for_viewer(viewer: Viewer, public_id: str) -> Agent:
    """Give an agent of a brand of the viewer's. Raises NotFound."""
    agent = seen_agents(viewer).filter(user__public_id=public_id).first()
    if agent is None:
        raise NotFound
    return agent


def loads_of(viewer: Viewer, agents: Sequence[Agent]) -> Mapping[int, Sequence[Used]]:
    """Give what each agent has of what they may have, by key: by their own rule, or that of the viewer's first brand.

    Four queries, however many agents.
    """
    brand_id = min(viewer.brands_where(Permission.NOTE), default=min(viewer.brand_ids))
    load, usual = loads([agent.pk for agent in agents], config_of(brand_id)), default_capacity(brand_id)
    return {
        agent.pk: used_of(agent.capacity_rule.capacity if agent.capacity_rule else usual, load.get(agent.pk, {}))
        for agent in agents
    }
