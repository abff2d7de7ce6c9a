"""The status menu: what there is to choose, what each lets in, and how much of an agent's room is used."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Role, User
from conversations.queries import viewer_of
from routing import queries
from routing.actions import assignment
from routing.actions.agents import agent_of
from routing.actions.statuses import mark_absent, set_agent_status
from routing.actions.tickets import take_ticket
from routing.decide.statuses import Source
from routing.models import Agent, CapacityRule, CustomStatus, StatusSpell
from routing.queries.absence import absences
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import configure, make_agent, wait_in_line

MENU = "/workspace/parts/status/"
SET = "/workspace/me/status/"


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


@pytest.fixture
def page(alice: Agent) -> Client:
    return signed_in(alice.user)


def test_menu_shows_every_status_with_what_it_lets_in(page: Client, brand: Brand) -> None:
    CustomStatus.objects.create(brand=brand, name="Training", messaging="offline", email="online", voice="offline")
    CustomStatus.objects.create(brand=make_brand("other"), name="Not mine")
    shown = page.get(MENU).content.decode()
    assert shown.count('role="menuitemradio"') == 5 and shown.count('aria-checked="true"') == 1
    for words in (
        "Work of every channel",
        "Only work of: Email",
        "Only what colleagues pass on",
        "No work",
        "Training",
    ):
        assert words in shown, words
    assert "Not mine" not in shown
    assert "Online since" in shown


def test_status_of_the_brands_own_is_set_and_taken_for_current(page: Client, brand: Brand, alice: Agent) -> None:
    training = CustomStatus.objects.create(brand=brand, name="Training", messaging="transfers_only")
    shown = page.post(SET, {"custom": training.pk}).content.decode()
    assert 'aria-checked="true" tabindex="-1" id="status-custom-' in shown
    alice.refresh_from_db()
    assert (alice.custom_status, alice.status) == (training, "transfers_only")
    page.post(SET, {"status": "away"})
    alice.refresh_from_db()
    assert (alice.custom_status, alice.status) == (None, "away")


@pytest.mark.parametrize(
    ("given", "answer"), [({"status": "busy"}, 400), ({"custom": "9"}, 404), ({"custom": "x"}, 404)]
)
def test_status_that_there_is_not_changes_nothing(
    page: Client, alice: Agent, given: dict[str, str], answer: int
) -> None:
    CustomStatus.objects.create(pk=9, brand=make_brand("other"), name="Not mine")
    assert page.post(SET, given).status_code == answer
    assert StatusSpell.objects.filter(agent=alice).count() == 1


def test_who_only_reads_has_no_status(brand: Brand) -> None:
    rita = Client()
    rita.force_login(make_user("rita", brand, role=Role.LIGHT))
    assert 'id="status"' not in rita.get("/workspace/inbox/mine/").content.decode()
    assert rita.post(SET, {"status": "online"}).status_code == 403
    assert not StatusSpell.objects.exists()


def test_status_set_for_them_says_why_and_offers_the_way_back(page: Client, brand: Brand, alice: Agent) -> None:
    configure(brand, idle_after_minutes=5, disconnect_after_seconds=60)
    now = timezone.now() + timedelta(minutes=6)
    type(alice.user).objects.update(seen_at=now, active_at=now - timedelta(minutes=6))
    assert mark_absent(now) == 1
    shown = page.get(MENU).content.decode()
    assert "no activity" in shown and "Be online again" in shown
    assert "Be online again" not in page.post(SET, {"status": "online"}).content.decode()
    now = timezone.now() + timedelta(minutes=7)
    type(alice.user).objects.update(seen_at=now - timedelta(minutes=6), active_at=now)
    assert mark_absent(now) == 1
    assert "no connection" in page.get(MENU).content.decode()


def test_who_comes_back_from_idle_stays_for_another_stretch_of_idling(brand: Brand, alice: Agent) -> None:
    configure(brand, idle_after_minutes=5, disconnect_after_seconds=3600)
    assert alice.chosen_at
    gone = alice.chosen_at
    back = gone + timedelta(minutes=20)
    type(alice.user).objects.update(seen_at=back, active_at=gone)
    assert mark_absent(back) == 1
    set_agent_status(agent=alice, status="online", by=SYSTEM, at=back)
    type(alice.user).objects.update(seen_at=back + timedelta(minutes=5))
    assert mark_absent(back + timedelta(seconds=5)) == 0
    assert mark_absent(back + timedelta(minutes=5)) == 0
    assert mark_absent(back + timedelta(minutes=5, seconds=1)) == 1


def test_choosing_what_one_is_already_counts_as_a_sign_of_life(brand: Brand, alice: Agent) -> None:
    configure(brand, idle_after_minutes=5, disconnect_after_seconds=60)
    long_ago, now = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    type(alice.user).objects.update(seen_at=long_ago, active_at=long_ago)
    set_agent_status(agent=alice, status="online", by=SYSTEM, source=Source.API, at=now)
    assert mark_absent(now + timedelta(seconds=60)) == 0
    assert mark_absent(now + timedelta(seconds=61)) == 1
    assert StatusSpell.objects.filter(agent=alice).count() == 2


def test_one_click_brings_back_the_status_one_had(page: Client, brand: Brand, alice: Agent) -> None:
    own = CustomStatus.objects.create(brand=brand, name="Training", messaging="transfers_only")
    set_agent_status(agent=alice, status="", custom=own, by=SYSTEM)
    later = timezone.now() + timedelta(minutes=7)
    assert mark_absent(later) == 1
    shown = page.get(MENU).content.decode()
    assert "Back to Training" in shown and f'"custom": "{own.pk}"' in shown.split("status-details")[0]
    set_agent_status(agent=alice, status="away", by=SYSTEM, at=later)
    assert mark_absent(later + timedelta(minutes=7)) == 1
    assert "Back to Away" in page.get(MENU).content.decode()


def test_who_came_online_without_any_page_is_gone_after_the_limit(brand: Brand, alice: Agent) -> None:
    configure(brand, disconnect_after_seconds=60)
    assert alice.user.seen_at is None and alice.status_set_at
    assert mark_absent(alice.status_set_at + timedelta(seconds=60)) == 0
    assert mark_absent(alice.status_set_at + timedelta(seconds=61)) == 1


def test_closed_page_is_noticed_also_where_work_is_taken_by_hand(brand: Brand, alice: Agent) -> None:
    bob = make_agent("bob", make_brand("other"))
    configure(brand, enabled=False, disconnect_after_seconds=120, disconnect_status="transfers_only")
    now = timezone.now() + timedelta(seconds=100)
    assert mark_absent(now) == 1
    assert mark_absent(now + timedelta(seconds=100)) == 1
    assert [Agent.objects.get(pk=each.pk).status for each in (alice, bob)] == ["transfers_only", "offline"]
    assert mark_absent(now + timedelta(days=1)) == 0


def test_looking_who_is_there_costs_the_same_with_more_agents(brand: Brand, alice: Agent) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert mark_absent(timezone.now()) == 0
        return len(counted)

    few = cost()
    for n in range(8):
        make_agent(f"agent{n}", brand)
    assert cost() == few <= 4


def test_room_is_counted_by_class_and_in_all(brand: Brand, alice: Agent) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=4, max_voice=0, max_total=8)
    CapacityRule.objects.filter().update(weight_messaging=2)
    tickets = wait_in_line(make_channel(brand), "a", "b", "c")
    for ticket in tickets[:2]:
        take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    viewer = viewer_of(alice.user)
    rows = [(each.name, each.used, each.maximum, each.state) for each in queries.own_load(viewer, alice)]
    assert rows == [("messaging", 2, 4, "free"), ("email", 0, 10, "free"), ("total", 4, 8, "free")]
    assignment.assign(brand.pk)
    full = [(each.name, each.used, each.state, each.percent) for each in queries.own_load(viewer, alice)]
    assert full[0] == ("messaging", 3, "near", 75), "an offer takes room too"


def test_menu_costs_the_same_with_more_work(page: Client, brand: Brand, alice: Agent) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert page.get(MENU).status_code == 200
        return len(counted)

    few = cost()
    for ticket in wait_in_line(make_channel(brand), *(f"c{n}" for n in range(10))):
        take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    for n in range(10):
        CustomStatus.objects.create(brand=brand, name=f"Status {n}")
    assert cost() == few <= 14


def test_person_of_two_brands_keeps_one_status(brand: Brand) -> None:
    bob = agent_of(make_user("bob", brand, make_brand("other")))
    set_agent_status(agent=bob, status="online", by=SYSTEM)
    assert StatusSpell.objects.filter(agent=bob).count() == 1
    assert queries.own_load(viewer_of(bob.user), bob)[0].maximum == 5


def test_who_is_in_training_is_idle_when_that_status_says_so(brand: Brand) -> None:
    configure(brand, idle_after_minutes=5, idle_status="away")
    training = CustomStatus.objects.create(brand=brand, name="Training", idle_after_minutes=60, idle_status="offline")
    agents = {name: make_agent(name, brand) for name in ("alice", "bob")}
    set_agent_status(agent=agents["alice"], status="", custom=training, by=SYSTEM)
    now = timezone.now()

    def is_what() -> list[str]:
        return list(Agent.objects.order_by("user__name").values_list("status", flat=True))

    # Their pages are there; nobody's hands are.
    User.objects.update(seen_at=now + timedelta(minutes=10), active_at=now)
    mark_absent(now + timedelta(minutes=10))
    assert is_what() == ["transfers_only", "away"]
    User.objects.update(seen_at=now + timedelta(minutes=61))
    with CaptureQueriesContext(connection) as asked:
        found = list(absences(now + timedelta(minutes=61)))
    assert len(asked) == 3 and [key for key, _ in found] == [agents["alice"].pk]
    mark_absent(now + timedelta(minutes=61))
    assert is_what() == ["offline", "away"]


def test_who_signs_out_is_gone_at_once_by_what_the_brand_says(page: Client, brand: Brand, alice: Agent) -> None:
    configure(brand, disconnect_status="transfers_only")
    page.post("/workspace/sign-out/")
    alice.refresh_from_db()
    assert alice.status == "transfers_only"
    assert StatusSpell.objects.get(agent=alice, ended_at=None).source == Source.DISCONNECT


def test_who_signs_out_comes_no_nearer_and_who_is_no_agent_just_goes(page: Client, brand: Brand, alice: Agent) -> None:
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    configure(brand, disconnect_status="away")
    page.post("/workspace/sign-out/")
    alice.refresh_from_db()
    assert alice.status == "offline"
    boss = make_user("boss", brand, role=Role.ADMIN)
    assert signed_in(boss).post("/workspace/sign-out/").status_code == 302


def test_own_status_says_what_signing_out_leaves(page: Client, brand: Brand, alice: Agent) -> None:
    training = CustomStatus.objects.create(brand=brand, name="Training", disconnect_status="away")
    page.post(SET, {"custom": training.pk})
    page.post("/workspace/sign-out/")
    alice.refresh_from_db()
    assert (alice.status, alice.custom_status) == ("away", None)
