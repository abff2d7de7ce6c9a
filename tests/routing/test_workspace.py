"""Routing's part of the workspace: what each address gives, to whom, and what it costs."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations import relay
from conversations.events import SYSTEM
from conversations.models import Conversation, Identity, Role, User
from conversations.queries import viewer_of
from routing import queries
from routing.actions import sla
from routing.actions.agents import agent_of
from routing.actions.service_levels import TargetEntry, save_policy
from routing.actions.tickets import change_ticket, set_status, take_ticket
from routing.models import Group, Promise, SlaPolicy, Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, note, reply, say, signed_in


def settle() -> None:
    relay.publish_pending()
    relay.run_readers()


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    conversation = say(carol, "The pole of my tent is bent.").message.conversation
    settle()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


HTMX = {"HX-Request": "true"}


def test_plain_visit_gives_the_page_and_a_swap_the_region(page: Client, conversation: Conversation) -> None:
    address = f"/workspace/inbox/open/{conversation.public_id}/"
    whole = page.get(address)
    opened = page.get(address, headers=HTMX | {"HX-Target": "opened"})
    main = page.get(address, headers=HTMX | {"HX-Target": "main"})
    assert b"<!DOCTYPE html>" in whole.content
    assert opened.content.strip().startswith(b'<div class="opened"')
    assert main.content.strip().startswith(b'<main class="main')
    for response in (whole, opened, main):
        assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))
    assert whole.content.count(b"<h1") == opened.content.count(b"<h1") + 1


def test_conversation_of_another_brand_is_not_there(conversation: Conversation) -> None:
    client = Client()
    client.force_login(make_user("charlie", make_brand("other")))
    address = f"/workspace/inbox/open/{conversation.public_id}/"
    visit, swap = client.get(address), client.get(address, headers=HTMX | {"HX-Target": "opened"})
    assert (visit.status_code, swap.status_code) == (404, 404)
    assert b"<!DOCTYPE html>" in visit.content and b"<!DOCTYPE html>" not in swap.content
    assert b"The pole" not in visit.content
    for part in ("ticket", "ticket-panel"):
        assert client.get(f"/workspace/parts/{part}/{conversation.public_id}/", headers=HTMX).status_code == 404
    assert client.get(f"/workspace/contacts/{conversation.contact.public_id}/").status_code == 404


def test_longest_wait_comes_first_and_those_we_wait_for_after(conversation: Conversation, alice: User) -> None:
    channel = conversation.channel
    second = say(make_visitor(channel, "browser-number-0002"), "second").message.conversation
    third = say(make_visitor(channel, "browser-number-0003"), "third").message.conversation
    settle()
    reply(second, alice, "answered")
    settle()
    page = queries.inbox(viewer_of(alice), "open")
    assert [ticket.conversation for ticket in page.waiting] == [conversation, third]
    assert [ticket.conversation for ticket in page.rest] == [second]


def test_pages_of_both_groups_follow_without_gap_or_double(conversation: Conversation, alice: User) -> None:
    channel = conversation.channel
    for n in range(70):
        other = say(make_visitor(channel, f"browser-number-{n:04}"), f"hello {n}").message.conversation
        if n % 2:
            reply(other, alice, "answered")
    settle()
    viewer, seen, after = viewer_of(alice), [], ""
    for _ in range(10):
        page = queries.inbox(viewer, "open", after=after)
        seen += page.tickets
        after = page.after
        if not after:
            break
    assert len(seen) == len({ticket.pk for ticket in seen}) == 71
    waits = [ticket.waiting_since for ticket in seen if ticket.waiting_since]
    assert waits == sorted(waits) and len(waits) == 36
    rest = [ticket.last_activity_at for ticket in seen[36:]]
    assert rest == sorted(rest, reverse=True)
    assert len(queries.inbox(viewer, "open", limit=60).tickets) == 60


def test_unread_counts_are_each_persons_own(carol: Identity, conversation: Conversation, alice: User) -> None:
    say(carol, "Are you there?")
    settle()
    bob = make_user("bob", conversation.brand)
    client = Client()
    client.force_login(alice)
    client.post(f"/workspace/conversations/{conversation.public_id}/read/", {"seq": "1"})
    for user, unread in ((alice, 1), (bob, 2)):
        assert [ticket.unread for ticket in queries.inbox(viewer_of(user), "open").tickets] == [unread]  # type: ignore[attr-defined]


def test_mentions_are_a_view_with_a_count_until_read(conversation: Conversation, alice: User, page: Client) -> None:
    bob = make_user("bob", conversation.brand)
    posted = note(conversation, bob, "@Alice can you look?", mentions=[alice])
    viewer = viewer_of(alice)
    assert [ticket.conversation for ticket in queries.inbox(viewer, "mentions").tickets] == [conversation]
    assert queries.inbox(viewer_of(bob), "mentions").tickets == []
    shown = page.get("/workspace/parts/views/").content.decode()
    assert f'data-mention="{posted.message.public_id}"' in shown and "@Alice can you look?" in shown
    assert 'title="1 unread"' in shown
    page.post(f"/workspace/conversations/{conversation.public_id}/read/", {"seq": str(posted.message.seq)})
    assert "data-mention" not in page.get("/workspace/parts/views/").content.decode()
    assert len(queries.inbox(viewer, "mentions").tickets) == 1


def test_every_view_is_counted_and_no_further_than_the_limit(
    conversation: Conversation, alice: User, page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNT_LIMIT", 3)
    for n in range(4):
        say(make_visitor(conversation.channel, f"browser-number-{n:04}"), f"hello {n}")
    settle()
    set_status(ticket=Ticket.objects.order_by("pk")[0], status="solved", by=SYSTEM)
    set_status(ticket=Ticket.objects.order_by("pk")[1], status="solved", by=SYSTEM)
    expected = {"mine": 0, "unassigned": 3, "open": 3, "risk": 0, "snoozed": 0, "ended": 2}
    assert queries.view_counts(viewer_of(alice)) == expected
    shown = page.get("/workspace/parts/views/").content.decode()
    assert shown.count('<span class="n"') == 8 and shown.count("2+") == 2


def test_what_is_promised_stands_in_row_head_and_panel(
    carol: Identity, conversation: Conversation, page: Client
) -> None:
    brand, ticket = conversation.brand, Ticket.objects.get()
    entries = [TargetEntry("first_reply", 2, 60), TargetEntry("requester_wait", 2, 120)]
    save_policy(policy=SlaPolicy(brand=brand, name="Premium"), targets=entries, by=SYSTEM)
    sla.reapply(brand.pk)
    base = f"/workspace/parts/{{}}/{conversation.public_id}/"
    begun = Promise.objects.get(metric="first_reply").started_at

    def shown(address: str) -> str:
        return page.get(address, headers=HTMX).content.decode()

    def at_risk() -> int:
        return shown("/workspace/parts/list/risk/").count("data-row")

    with time_machine.travel(begun + timedelta(minutes=10), tick=False):
        for address in ("/workspace/parts/list/open/", base.format("ticket"), base.format("ticket-panel")):
            assert "<span data-left>50m</span>" in shown(address) and "First reply, due" in shown(address)
        assert "<span data-left>1h 50m</span>" in shown(base.format("ticket-panel"))
        assert at_risk() == 0
    with time_machine.travel(begun + timedelta(minutes=46), tick=False):
        assert 'class="m-sla  warn"' in shown("/workspace/parts/list/open/") and at_risk() == 1
    with time_machine.travel(begun + timedelta(minutes=62), tick=False):
        assert 'class="m-sla pill breach"' in shown(base.format("ticket")) and "2m over" in shown(base.format("ticket"))
        assert 'class="n hot"' in shown("/workspace/parts/views/")
        sla.mark_breaches(timezone.now())
        assert at_risk() == 1
        reply(conversation, User.objects.get(name="Alice"), "Sorry")
        set_status(ticket=ticket, status="pending", by=SYSTEM)
        settle()
        settle()
    assert "Requester wait: paused, 58m left" in shown("/workspace/parts/list/open/")
    assert "</svg>Broken</span>" in shown(base.format("ticket-panel"))
    assert at_risk() == 0


def test_what_is_at_risk_comes_by_pages_the_soonest_first(conversation: Conversation, alice: User) -> None:
    now = timezone.now()
    for n in range(5):
        say(make_visitor(conversation.channel, f"browser-number-{n:04}"), f"hello {n}")
    settle()
    for n, ticket in enumerate(Ticket.objects.order_by("-pk")):
        due_at = now + timedelta(minutes=n // 2)
        Ticket.objects.filter(pk=ticket.pk).update(sla_state="running", sla_due_at=due_at, sla_risk_at=now)
    page = queries.inbox(viewer_of(alice), "risk", limit=2)
    found = page.tickets
    while page.after:
        page = queries.inbox(viewer_of(alice), "risk", after=page.after, limit=2)
        found += page.tickets
    assert [each.pk for each in found] == list(Ticket.objects.order_by("sla_due_at", "pk").values_list("pk", flat=True))


def test_news_is_ones_own_and_nobodys_but_never_anothers(conversation: Conversation, alice: User, page: Client) -> None:
    bob = make_user("bob", conversation.brand)
    assert f'data-conversation="{conversation.public_id}"' in page.get("/workspace/parts/views/").content.decode()
    take_ticket(ticket=Ticket.objects.get(), agent=agent_of(bob), by=SYSTEM)
    assert "data-news" not in page.get("/workspace/parts/views/").content.decode()
    assert len(queries.news(viewer_of(bob))) == 1


def changed(
    page: Client, conversation: Conversation, verb: str, target: str = "ticket-panel", **given: str
) -> dict[str, object]:
    """Do one thing to the ticket as the page does; give what the page is told of it."""
    response = page.post(
        f"/workspace/tickets/{conversation.public_id}/{verb}/", given, headers=HTMX | {"HX-Target": target}
    )
    assert response.status_code == 200, response.content
    told: dict[str, object] = json.loads(response.headers["HX-Trigger"])["told"]
    return told


@pytest.mark.parametrize(
    ("verb", "given", "field", "before", "after"),
    [
        ("status", {"status": "pending"}, "status", "open", "pending"),
        ("fields", {"priority": "4"}, "priority", 2, 4),
        ("fields", {"subject": "Bent pole"}, "subject", "The pole of my tent is bent.", "Bent pole"),
        ("tag", {"add": "tent"}, "tags", ["pole"], ["pole", "tent"]),
        ("tag", {"remove": "pole"}, "tags", ["pole"], []),
    ],
)
def test_each_change_tells_how_to_take_it_back(
    page: Client,
    conversation: Conversation,
    alice: User,
    verb: str,
    given: dict[str, str],
    field: str,
    before: object,
    after: object,
) -> None:
    ticket = Ticket.objects.get()
    set_status(ticket=ticket, status="open", by=SYSTEM)
    change_ticket(ticket=ticket, tags=["pole"], by=SYSTEM)
    told = changed(page, conversation, verb, **given)
    assert getattr(Ticket.objects.get(), field) == after
    page.post(str(told["undo"]), {**told["values"], "undo": "yes"})  # type: ignore[dict-item]
    assert getattr(Ticket.objects.get(), field) == before


def test_taking_and_giving_can_be_taken_back(page: Client, conversation: Conversation, alice: User) -> None:
    bob = make_user("bob", conversation.brand)
    agent_of(bob)
    told = changed(page, conversation, "take", target="thread-head")
    page.post(str(told["undo"]), {"undo": "yes"})
    assert Ticket.objects.get().assignee is None
    changed(page, conversation, "take", target="thread-head")
    told = changed(page, conversation, "assign", agent=bob.public_id)
    assert str(Ticket.objects.get().assignee) == "Bob"
    page.post(str(told["undo"]), {**told["values"], "undo": "yes"})  # type: ignore[dict-item]
    assert str(Ticket.objects.get().assignee) == "Alice"


def test_wrong_value_stands_beside_its_field_and_changes_nothing(page: Client, conversation: Conversation) -> None:
    address = f"/workspace/tickets/{conversation.public_id}/fields/"
    response = page.post(address, {"subject": "x" * 161}, headers=HTMX | {"HX-Target": "ticket-panel"})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode() and "(160)" in response.content.decode()
    assert Ticket.objects.get().subject == "The pole of my tent is bent."


def test_tags_say_in_words_what_is_wrong_with_them(page: Client, conversation: Conversation) -> None:
    def added(tag: str) -> str:
        address = f"/workspace/tickets/{conversation.public_id}/tag/"
        return page.post(address, {"add": tag}, headers=HTMX | {"HX-Target": "ticket-panel"}).content.decode()

    long = added("x" * 90)
    assert "A tag has at most 40 characters." in long and f'value="{"x" * 90}"' in long and 'maxlength="40"' in long
    assert changed(page, conversation, "tag", add="Tent")["text"] == "Tag added."
    again = changed(page, conversation, "tag", add="tent")
    assert again["text"] == "This tag is there already." and "undo" not in again
    change_ticket(ticket=Ticket.objects.get(), tags=[f"t{n}" for n in range(20)], by=SYSTEM)
    assert "At most 20 tags." in added("one more")


def test_light_agent_writes_notes_and_sees_no_other_control(conversation: Conversation) -> None:
    client = Client()
    client.force_login(make_user("rita", conversation.brand, role=Role.LIGHT))
    for part in (f"parts/ticket/{conversation.public_id}", f"parts/ticket-panel/{conversation.public_id}"):
        assert "hx-post" not in client.get(f"/workspace/{part}/", headers=HTMX).content.decode()
    thread = client.get(f"/workspace/conversations/{conversation.public_id}/", headers=HTMX).content.decode()
    assert 'data-audience="internal"' in thread and 'role="tab" data-audience="public"' not in thread
    refused = client.post(f"/workspace/tickets/{conversation.public_id}/take/", headers=HTMX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (403, "#toasts")


def test_parts_cost_the_same_at_two_and_at_twenty(carol: Identity, conversation: Conversation, page: Client) -> None:
    def costs() -> dict[str, int]:
        parts = {
            "list": "/workspace/parts/list/open/",
            "views": "/workspace/parts/views/",
            "head": f"/workspace/parts/ticket/{conversation.public_id}/",
            "panel": f"/workspace/parts/ticket-panel/{conversation.public_id}/",
        }
        found = {}
        for name, address in parts.items():
            with CaptureQueriesContext(connection) as counted:
                assert page.get(address, headers=HTMX).status_code == 200
            found[name] = len(counted)
        return found

    reply(conversation, User.objects.get(name="Alice"), "on it")
    say(make_visitor(conversation.channel, "browser-number-9999"), "two")
    settle()
    few = costs()
    for n in range(20):
        other = say(make_visitor(conversation.channel, f"browser-number-{n:04}"), f"hello {n}").message.conversation
        if n % 2:
            reply(other, User.objects.get(name="Alice"), "answered")
        make_user(f"agent{n}", conversation.brand)
    settle()
    assert costs() == few
    assert few["list"] <= 6 and few["views"] <= 15, few


def test_group_is_chosen_left_and_taken_back(page: Client, conversation: Conversation) -> None:
    group = Group.objects.create(brand=conversation.brand, name="Exchanges")
    address = reverse("routing:change", args=[conversation.public_id, "fields"])
    panel = HTMX | {"HX-Target": "ticket-panel"}
    chosen = page.post(address, {"group": group.pk}, headers=panel)
    undo = json.loads(chosen["HX-Trigger"])["told"]
    assert Ticket.objects.get().group == group and '<option value="" >None</option>' in chosen.content.decode()
    page.post(undo["undo"], {**undo["values"], "undo": ""}, headers=panel)
    assert Ticket.objects.get().group is None
    assert page.post(address, {"group": "999999"}, headers=panel).status_code == 422


def test_way_to_the_console_is_shown_to_whom_it_lets_in(conversation: Conversation) -> None:
    """Somebody who was made an admin under People, not by the installation, sees it; an agent does not."""
    for role, is_shown in ((Role.ADMIN, True), (Role.AGENT, False)):
        client = Client()
        client.force_login(make_user(f"new-{role}", conversation.brand, role=role))
        for address in ("/workspace/inbox/mine/", "/workspace/contacts/"):
            page = client.get(address).content.decode()
            # In the rail and in the command palette.
            assert page.count('href="/admin/"') == (2 if is_shown else 0), (role, address)
        assert client.get("/admin/").status_code == (200 if is_shown else 302)


def test_unassigned_goes_by_the_soonest_promise_once_something_is_promised(
    conversation: Conversation, alice: User, page: Client
) -> None:
    for number in range(3):
        say(make_visitor(conversation.channel, f"browser-number-{number:04}"), "hello")
    settle()
    tickets = list(Ticket.objects.order_by("pk"))
    now = timezone.now()
    for ticket, minutes in zip(tickets[1:3], (20, 10), strict=True):
        due = now + timedelta(minutes=minutes)
        Ticket.objects.filter(pk=ticket.pk).update(sla_state="running", sla_due_at=due, sla_risk_at=due)
    viewer = viewer_of(alice)
    assert queries.inbox(viewer, "unassigned").tickets == tickets
    SlaPolicy.objects.create(brand=conversation.brand, name="Gold")
    shown = queries.inbox(viewer, "unassigned")
    assert list(shown.promised) == [tickets[2], tickets[1]] and list(shown.waiting) == [tickets[0], tickets[3]]
    seen, after = [], ""
    for _ in range(4):
        part = queries.inbox(viewer, "unassigned", after=after, limit=1)
        seen += part.tickets
        after = part.after
    assert seen == [tickets[2], tickets[1], tickets[0], tickets[3]] and not after
    first = page.get("/workspace/parts/list/unassigned/").content.decode()
    assert first.index('id="grp-promised"') < first.index('id="grp-waiting"')
