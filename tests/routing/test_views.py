"""The lists that people make: what they list is what their conditions say, whatever the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import NotFound
from conversations.events import SYSTEM, Actor
from conversations.models import Contact, Conversation, Event, Responder
from conversations.queries import viewer_of
from routing import queries
from routing.actions.agents import agent_of
from routing.actions.saved_views import (
    MAX_OWN,
    MAX_SHARED,
    change_own_view,
    delete_view,
    make_own_view,
    move_view,
    save_view,
)
from routing.decide.conditions import Kind, Operator, holds, parse, read
from routing.decide.conditions.language import VALUELESS
from routing.decide.fields import FIELDS
from routing.errors import InvalidChange
from routing.models import Group, Ticket, View
from routing.queries.compiled import COLUMNS, compiled, view_fields
from routing.queries.facts import facts_of
from routing.queries.views import counted_in, saved_counts, tickets_in
from tests.factories import make_brand, make_channel, make_user

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS: dict[str, Any] = {"all": [], "any": []}


def asks(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}]}


class House:
    """Two groups, two agents, and twenty-four tickets that differ in everything a list can ask."""

    def __init__(self) -> None:
        self.brand = make_brand()
        self.groups = [Group.objects.create(brand=self.brand, name=name) for name in ("Refunds", "Orders")]
        self.people = [make_user(name, self.brand) for name in ("alice", "bob")]
        agents = [agent_of(person) for person in self.people]
        channels = [make_channel(self.brand), make_channel(self.brand)]
        holders = [None, Responder.objects.get(), Responder.objects.create(brand=self.brand, name="b", kind="bot")]
        words = ("", "Refund my Tent", "환불 요청", "환불", "50% _off_ \\ 'now'", "É la vie")
        kept: tuple[dict[str, Any], ...] = (
            {},
            {"plan": "Pro"},
            {"plan": "", "n": 3},
            {"n": 2.5, "is on": True, "x.y": "환불"},
        )
        for n in range(24):
            contact = Contact.objects.create(
                brand=self.brand,
                name=words[n % 6],
                email=("", "Carol@example.test")[n % 2],
                phone=("", "010")[n // 2 % 2],
                locale=("", "ko", "en")[n % 3],
                is_verified=n % 4 == 0,
                external_id=("", f"id-{n}")[n % 3 == 0],
                properties=kept[n % 4],
            )
            conversation = Conversation.objects.create(
                brand=self.brand,
                contact=contact,
                channel=channels[n % 2],
                holder=holders[n % 3],
                metadata=kept[n // 4 % 4],
            )
            status = Ticket.Status.values[n % 6]
            Ticket.objects.create(
                brand=self.brand,
                conversation=conversation,
                number=n + 1,
                subject=words[n // 4],
                status=status,
                is_open=status in Ticket.OPEN_STATUSES,
                priority=n % 4 + 1,
                group=[None, *self.groups][n % 3],
                assignee=[None, *agents][n // 3 % 3],
                tags=[[], ["refund"], ["refund", "vip"], ["환불", "it's"]][n // 2 % 4],
                session_ended=n % 5 == 0,
                is_active=n % 3 > 0,
                waiting_since=None if n % 2 else NOW - timedelta(minutes=n),
                last_activity_at=NOW - timedelta(minutes=n // 2),
                sla_state=(None, "running", "paused", "broken")[n % 4],
                sla_due_at=NOW + timedelta(minutes=n - 12) if n % 2 else None,
            )
            Ticket.objects.filter(number=n + 1).update(created_at=NOW - timedelta(minutes=n // 3))


@pytest.fixture
def house(db: None) -> House:
    return House()


def rows_of(house: House) -> st.SearchStrategy[dict[str, Any]]:
    """Give rows of conditions that say something of some of the tickets."""
    fields = view_fields(house.brand.pk)
    texts = st.sampled_from(
        ["refund", "환불", "Tent", "_off_", "%", "\\", "'", "pro", "3", "2.5", "true", "É", "ko", "010", "id-3"]
    )

    def of(path: str) -> st.SearchStrategy[dict[str, Any]]:
        field = fields[path]
        values: dict[Kind, st.SearchStrategy[Any]] = {
            Kind.TEXT: texts,
            Kind.TAGS: st.lists(st.sampled_from(["refund", "vip", "환불", "it's", "none"]), min_size=1, max_size=2),
            Kind.FLAG: st.booleans(),
            Kind.MOMENT: st.integers(1, 12),
            Kind.NUMBER: st.sampled_from([-3, 0, 2.5, 10**12]),
        }
        choices = st.sampled_from([value for value, _label in field.choices or ()] or ["x"])
        keys = st.sampled_from(["plan", "n", "is on", "x.y", "gone", "0"])

        def row(operator: Operator) -> st.SearchStrategy[dict[str, Any]]:
            value = values.get(field.kind, choices)
            if operator in {Operator.ANY_OF, Operator.NONE_OF}:
                value = st.lists(choices, min_size=1, max_size=3)
            if operator in VALUELESS:
                value = st.none()
            if field.is_language:
                value = st.sampled_from(["ko", "en", "fr"])
            named = keys.map(lambda key: f"{path}.{key}") if field.is_keyed else st.just(path)
            return st.fixed_dictionaries({"field": named, "operator": st.just(operator.value), "value": value})

        return st.sampled_from(field.operators).flatmap(row)

    return st.sampled_from(sorted(fields)).flatmap(of)


@pytest.mark.usefixtures("house")
def test_list_is_what_the_conditions_hold_of(house: House) -> None:
    fields = view_fields(house.brand.pk)
    tickets = list(Ticket.objects.all())
    facts = facts_of(tickets, now=NOW)
    seen: set[tuple[str, str]] = set()
    rows = rows_of(house)

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(rows, max_size=3), st.lists(rows, max_size=2))
    def check(every: list[dict[str, Any]], either: list[dict[str, Any]]) -> None:
        conditions = parse({"all": every, "any": either}, fields)
        seen.update((row.field.path, row.operator) for row in conditions.rows if row.field)
        listed = set(Ticket.objects.filter(compiled(conditions, NOW)).values_list("pk", flat=True))
        assert listed == {pk for pk, known in facts.items() if holds(conditions, known)}

    check()
    assert {path for path, _operator in seen} == set(COLUMNS) & set(fields)


def test_every_operator_of_every_column_is_compiled(house: House) -> None:
    tickets = list(Ticket.objects.all())
    facts = facts_of(tickets, now=NOW)
    values: dict[Kind, Any] = {Kind.TEXT: "환불", Kind.TAGS: ["refund"], Kind.FLAG: True, Kind.MOMENT: 5}
    values[Kind.NUMBER] = 3
    for path, field in view_fields(house.brand.pk).items():
        for operator in field.operators:
            choices = [value for value, _label in field.choices or ()][:1]
            value = values.get(field.kind, choices if operator in {"any_of", "none_of"} else (choices or [""])[0])
            value = "ko" if field.is_language else value
            conditions = parse(asks(f"{path}.n" if field.is_keyed else path, operator, value), {path: field})
            listed = set(Ticket.objects.filter(compiled(conditions, NOW)).values_list("pk", flat=True))
            assert listed == {pk for pk, known in facts.items() if holds(conditions, known)}, (path, operator)


def test_what_is_gone_lists_nothing(house: House) -> None:
    for stored in (asks("ticket.gone", "is", "x"), asks("conversation.last_message", "is", "x"), {"all": "?"}):
        assert not Ticket.objects.filter(compiled(read(stored, FIELDS), NOW)).exists()
    lost = read(asks("ticket.group", "is_not", "0" * 24), FIELDS)
    assert Ticket.objects.filter(compiled(lost, NOW)).count() == 24


@pytest.mark.parametrize("order", View.Order.values)
def test_pages_hold_every_ticket_once_in_order(house: House, order: str) -> None:
    view = save_view(view=View(brand=house.brand, name="All", conditions=ALWAYS, order=order), by=SYSTEM)
    viewer = viewer_of(house.people[0])
    found: list[Ticket] = []
    after = ""
    for _page in range(30):
        page = queries.saved_page(viewer, view, after=after, limit=5)
        found += page.tickets
        after = page.after
        if not after:
            break
    keys: dict[str, Any] = {
        "promise": lambda each: (
            (0, each.sla_due_at.timestamp(), each.pk)
            if each.sla_due_at
            else (1, each.waiting_since.timestamp(), each.pk)
            if each.waiting_since
            else (2, -each.last_activity_at.timestamp(), -each.pk)
        ),
        "waiting": lambda each: (
            (0, each.waiting_since.timestamp(), each.pk)
            if each.waiting_since
            else (1, -each.last_activity_at.timestamp(), -each.pk)
        ),
        "activity": lambda each: (-each.last_activity_at.timestamp(), -each.pk),
        "opened": lambda each: (-each.created_at.timestamp(), -each.pk),
        "priority": lambda each: (-each.priority, -each.last_activity_at.timestamp(), -each.pk),
    }
    assert [each.pk for each in found] == [each.pk for each in sorted(Ticket.objects.all(), key=keys[order])]


def test_lists_and_counts_cost_the_same_whatever_is_in_them(house: House) -> None:
    viewer = viewer_of(house.people[0])
    view = save_view(view=View(brand=house.brand, name="All", conditions=ALWAYS), by=SYSTEM)
    with CaptureQueriesContext(connection) as few:
        queries.saved_page(viewer, view, limit=20)
        saved_counts(viewer, [view], 1000)
    others = [
        save_view(view=View(brand=house.brand, name=f"{n}", conditions=asks("ticket.status", "is", "new")), by=SYSTEM)
        for n in range(5)
    ]
    with CaptureQueriesContext(connection) as many:
        queries.saved_page(viewer, view, limit=30)
        assert saved_counts(viewer, [view, *others], 1000) == [24, 4, 4, 4, 4, 4]
    assert len(few) == len(many) == 5
    assert saved_counts(viewer, [view], 10) == [10] and saved_counts(viewer, [], 10) == []


def test_count_takes_in_all_open_ones_and_the_newest_of_those_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = viewer_of(house.people[0])
    view = save_view(view=View(brand=house.brand, name="All", conditions=ALWAYS), by=SYSTEM)
    over = Ticket.objects.filter(is_open=False)
    assert saved_counts(viewer, [view], 1000) == [24] and over.exists()
    monkeypatch.setattr("routing.queries.views.LOOKED_AT", 2)
    newest = Ticket.objects.order_by("-number")[0].number
    assert saved_counts(viewer, [view], 1000) == [
        Ticket.objects.filter(is_open=True).count() + over.filter(number__gt=newest - 2).count()
    ]


def test_a_view_that_finds_little_is_counted_by_an_index_whatever_is_over(house: House) -> None:
    view = View(brand=house.brand, name="x", conditions=asks("ticket.tags", "include_any", ["vip"]))
    _open, over = counted_in(viewer_of(house.people[0]), view, 1_000_000)
    assert '"number" > 990000' in str(over.query)
    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table from one end to the other
        assert "ticket_number_once_per_brand" in over.explain() or "number>?" in over.explain()


def test_open_ones_are_found_by_the_index_of_open_ones(house: House) -> None:
    view = View(brand=house.brand, name="x", conditions=asks("ticket.status", "any_of", ["new", "open"]))
    assert "is_open" in str(tickets_in(viewer_of(house.people[0]), view).query.where)
    view.conditions = asks("ticket.status", "any_of", ["new", "solved"])
    assert "is_open" not in str(tickets_in(viewer_of(house.people[0]), view).query.where)


def test_own_views_are_seen_by_their_owner_only(house: House) -> None:
    alice, bob = house.people
    shared = save_view(view=View(brand=house.brand, name="Team", conditions=ALWAYS), by=SYSTEM)
    by = Actor.of_user(alice)
    values: dict[str, Any] = {"name": " Mine ", "conditions": ALWAYS, "columns": ["tags", "number", "tags"]}
    own = make_own_view(owner=agent_of(alice), brand_id=house.brand.pk, values=values, by=by)
    assert (own.name, own.columns) == ("Mine", ["number", "tags"])
    assert {each.name for each in queries.views_of(viewer_of(alice))} == {"Mine", "Team"}
    assert list(queries.views_of(viewer_of(bob))) == [shared]
    for public_id in (own.public_id, "nothing"):
        with pytest.raises(NotFound):
            queries.view_for_viewer(viewer_of(bob), public_id)
    with pytest.raises(NotFound):
        queries.own_view_for_viewer(viewer_of(alice), shared.public_id)
    charlie = make_user("charlie", make_brand("other"))
    assert not queries.views_of(viewer_of(charlie))
    with pytest.raises(NotFound):
        queries.view_for_viewer(viewer_of(charlie), shared.public_id)
    # Only what is everybody's business stands in the audit trail.
    change_own_view(view=own, values={"name": "Still mine"}, by=by)
    delete_view(view=own, by=by)
    changes = Event.objects.filter(type="configuration.changed").order_by("pk")
    assert [each.payload["change"] for each in changes] == ["created"]
    delete_view(view=shared, by=by)
    assert Ticket.objects.count() == 24


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": "Team"}, "name"),
        ({"order": "backwards"}, "order"),
        ({"columns": ["secrets"]}, "columns"),
        ({"columns": "tags"}, "columns"),
        ({"conditions": asks("ticket.subject", "matches", "x")}, "all.0.operator"),
        ({"conditions": asks("conversation.last_message", "is", "x")}, "all.0.field"),
        ({"conditions": asks("ticket.group", "is", "0" * 24)}, "all.0.value"),
    ],
)
def test_view_that_cannot_be_is_refused(house: House, values: dict[str, Any], field: str) -> None:
    save_view(view=View(brand=house.brand, name="Team", conditions=ALWAYS), by=SYSTEM)
    with pytest.raises(InvalidChange) as refused:
        save_view(view=View(**{"brand": house.brand, "name": "New", "conditions": ALWAYS, **values}), by=SYSTEM)
    assert refused.value.field == field and View.objects.count() == 1


def test_views_are_bounded(house: House) -> None:
    alice = agent_of(house.people[0])
    for owner, most in ((None, MAX_SHARED), (alice, MAX_OWN)):
        View.objects.bulk_create(View(brand=house.brand, owner=owner, name=f"{n}", position=n) for n in range(most))
        with pytest.raises(InvalidChange) as refused:
            save_view(view=View(brand=house.brand, owner=owner, name="One more"), by=SYSTEM)
        assert refused.value.limit == most


def test_views_change_places(house: House) -> None:
    one, two, three = (save_view(view=View(brand=house.brand, name=name), by=SYSTEM) for name in ("1", "2", "3"))

    def names() -> list[str]:
        return list(View.objects.order_by("position").values_list("name", flat=True))

    assert move_view(view=three, is_up=True, by=SYSTEM) and names() == ["1", "3", "2"]
    assert move_view(view=one, is_up=False, by=SYSTEM) and names() == ["3", "1", "2"]
    assert not move_view(view=two, is_up=False, by=SYSTEM) and names() == ["3", "1", "2"]


def test_ages_go_on(house: House) -> None:
    view = save_view(
        view=View(brand=house.brand, name="Late", conditions=asks("ticket.waiting_since", "older_than_minutes", 20)),
        by=SYSTEM,
    )
    with time_machine.travel(NOW, tick=False):
        assert tickets_in(viewer_of(house.people[0]), view).count() == 1
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert tickets_in(viewer_of(house.people[0]), view).count() == 6


def test_brand_sees_its_own_tickets_only(house: House) -> None:
    other = make_brand("other")
    view = save_view(view=View(brand=other, name="All", conditions=ALWAYS), by=SYSTEM)
    charlie = make_user("charlie", other)
    assert not tickets_in(viewer_of(charlie), view).exists()
    # A view is no way to tickets of a brand that is not the viewer's.
    ours = save_view(view=View(brand=house.brand, name="All", conditions=ALWAYS), by=SYSTEM)
    assert tickets_in(viewer_of(house.people[0]), ours).count() == 24
    assert not tickets_in(viewer_of(charlie), ours).exists()


def test_view_that_nothing_can_be_in_counts_nothing(house: House) -> None:
    gone = View(brand=house.brand, name="Gone", conditions={"all": [{"field": "ticket.gone", "operator": "is"}]})
    every = View(brand=house.brand, name="All", conditions={"all": []})
    counts = saved_counts(viewer_of(house.people[0]), [gone, every], 1000)
    assert counts == [0, Ticket.objects.filter(brand=house.brand).count()]
