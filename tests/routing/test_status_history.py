"""The history of statuses: on its page of the console, and by the business API."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Role, User
from routing.actions.statuses import set_agent_status
from routing.decide.spells import Span, time_in_each
from routing.decide.statuses import Source
from routing.models import Agent, CustomStatus
from routing.queries import spells
from tests.business.calling import app_of, system
from tests.factories import make_brand, make_user, signed_in
from tests.routing.cast import make_agent

PAGE = "/admin/routing/statusspell/"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def ada(brand: Brand) -> User:
    return make_user("ada", brand, role=Role.ADMIN)


@pytest.fixture
def client(ada: User) -> Client:
    return signed_in(ada)


def live_a_day(agent: Agent, begins: datetime, ada: User) -> None:
    """Online at `begins`, in training after an hour, online again after two, idle after three."""
    brand = ada.memberships.get().brand
    training = CustomStatus.objects.get_or_create(brand=brand, name="Training")[0]
    hour = timedelta(hours=1)
    set_agent_status(agent=agent, status="online", by=SYSTEM, at=begins)
    set_agent_status(agent=agent, status="", custom=training, by=Actor.of_user(ada), at=begins + hour)
    set_agent_status(agent=agent, status="online", by=Actor.of_user(agent.user), at=begins + 2 * hour)
    set_agent_status(agent=agent, status="away", by=SYSTEM, source=Source.IDLE, at=begins + 3 * hour)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 7), 24), (date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2024, 2, 29), 24)]
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, hours: int) -> None:
    always = Span(("online", ""), datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    assert time_in_each([always], day, NEW_YORK) == [(("online", ""), timedelta(hours=hours))]


def test_times_are_summed_and_cut_at_midnight() -> None:
    midnight = datetime(2026, 11, 30, tzinfo=UTC)

    def span(what: str, begins_h: float, ends_h: float) -> Span:
        return Span((what, ""), midnight + timedelta(hours=begins_h), midnight + timedelta(hours=ends_h))

    given = [span("online", -2, 1), span("away", 1, 2), span("online", 2, 30), span("away", 24, 25)]
    assert time_in_each(given, date(2026, 11, 30), UTC) == [
        (("online", ""), timedelta(hours=23)),
        (("away", ""), timedelta(hours=1)),
    ]


def test_page_tells_times_and_changes_with_their_reasons(client: Client, brand: Brand, ada: User) -> None:
    alice = make_agent("alice", brand, status="offline")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - timedelta(hours=14)
    live_a_day(alice, yesterday, ada)
    shown = client.get(PAGE, {"day": yesterday.date().isoformat()}).content.decode()
    for words in ('Training</span> <b class="num">1 h 0 min', 'Online</span> <b class="num">2 h 0 min'):
        assert words in shown, words
    assert 'Away</span> <b class="num">11 h 0 min' in shown
    assert "Chosen by Ada" in shown and ">Idle<" in shown
    two_weeks = client.get(PAGE, {"agent": alice.pk}).content.decode()
    assert two_weeks.count('<th scope="row"') == 2 and "Everybody" in two_weeks
    nothing = client.get(PAGE, {"day": "2020-01-01"}).content.decode()
    assert "No status changed on this day." in nothing and "Nobody had a status then." in nothing


@pytest.mark.parametrize(
    "given", [{"day": "2026-02-31"}, {"day": "soon"}, {"agent": "x"}, {"agent": "9" * 30}, {"before": "-1"}]
)
def test_page_takes_nonsense_for_nothing(client: Client, brand: Brand, given: dict[str, str]) -> None:
    make_agent("alice", brand)
    shown = client.get(PAGE, given)
    assert shown.status_code == 200 and "Alice" in shown.content.decode()


def test_page_pages_by_key_and_shows_each_change_once(
    client: Client, brand: Brand, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.admin.history.PAGE", 2)
    monkeypatch.setattr(spells, "PAGE", 2)
    alice = make_agent("alice", brand)
    for n in range(4):
        set_agent_status(agent=alice, status=["away", "online"][n % 2], by=SYSTEM)
    seen: list[str] = []
    before: int | None = 0
    while before is not None:
        answer = client.get(PAGE, {"before": before} if before else {})
        seen += [f"{row['was']}>{row['name']}" for row in answer.context["rows"]]
        before = answer.context["before"]
    assert seen == ["Away>Online", "Online>Away", "Away>Online", "Online>Away", ">Online"]


def test_page_shows_nobody_of_another_brand(client: Client, brand: Brand) -> None:
    bob = make_agent("bob", make_brand("other"))
    assert "Bob" not in client.get(PAGE).content.decode()
    assert "Bob" not in client.get(PAGE, {"agent": bob.pk}).content.decode()


def test_page_costs_the_same_with_more_agents_and_changes(client: Client, brand: Brand, ada: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(PAGE).status_code == 200
        return len(counted)

    live_a_day(make_agent("alice", brand), timezone.now() - timedelta(hours=4), ada)
    few = cost()
    for n in range(5):
        live_a_day(make_agent(f"agent{n}", brand), timezone.now() - timedelta(hours=4), ada)
    assert cost() == few <= 15


def test_api_gives_the_history_to_oneself_and_to_who_supervises(brand: Brand, ada: User) -> None:
    alice = make_agent("alice", brand, status="offline")
    live_a_day(alice, timezone.now() - timedelta(hours=4), ada)
    path = f"/agents/{alice.user.public_id}/statuses"
    for caller in (app_of(alice.user), app_of(ada), system(brand)):
        told = caller.call("GET", path)
        assert [
            (each["from_name"] or each["from_status"], each["name"] or each["status"]) for each in told["statuses"]
        ] == [
            ("online", "away"),
            ("Training", "online"),
            ("online", "Training"),
            (None, "online"),
        ]
        assert [each["source"] for each in told["statuses"]] == ["idle", "manual", "manual", "manual"]
        assert [each["by"] for each in told["statuses"]] == ["", "", "Ada", ""]
    first = app_of(ada).call("GET", f"{path}?limit=3")
    rest = app_of(ada).call("GET", f"{path}?limit=3&after={first['meta']['after']}")
    assert len(first["statuses"]) == 3 and len(rest["statuses"]) == 1 and not rest["meta"]["has_more"]
    app_of(make_user("bob", brand)).call("GET", path, status=403)


def test_api_says_that_it_was_set_by_the_api(brand: Brand) -> None:
    alice = make_agent("alice", brand)
    system(brand).call("PUT", f"/agents/{alice.user.public_id}/status", {"status": "away"})
    told = app_of(alice.user).call("GET", f"/agents/{alice.user.public_id}/statuses")
    assert (told["statuses"][0]["source"], told["statuses"][0]["by"]) == ("api", "Shop")
