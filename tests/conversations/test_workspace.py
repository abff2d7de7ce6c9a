"""The core's panels of the workspace: the thread's lines, customers, drafts, and what they cost."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from conversations import queries, relay
from conversations.actions import sessions
from conversations.actions.contacts import update_contact
from conversations.actions.conversations import start_conversation
from conversations.events import SYSTEM, Actor
from conversations.models import Contact, Conversation, Draft, Identity, Role, Session, User
from conversations.uploads import file_size
from conversations.workspace.lines import rows_of
from routing.actions.agents import agent_of
from routing.actions.tickets import assign_ticket, set_status, take_ticket
from routing.models import Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, note, reply, say, signed_in

HTMX = {"HX-Request": "true"}


def settle() -> None:
    relay.publish_pending()
    relay.run_readers()


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    conversation = say(carol, "The pole is bent.").message.conversation
    settle()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def told(conversation: Conversation, **where: int) -> list[str]:
    """Give the rows of a thread: the words of messages, and lines in brackets."""
    stretch = queries.thread(conversation, internal=True, **where)
    return [
        str(row.message.content["text"]) if row.message else f"[{row.line.text}]"  # type: ignore[union-attr]
        for row in rows_of(conversation, stretch)
    ]


def test_thread_tells_what_happened_in_the_logs_order(carol: Identity, conversation: Conversation, alice: User) -> None:
    ticket, by = Ticket.objects.get(), Actor.of_user(alice)
    take_ticket(ticket=ticket, agent=agent_of(alice), by=by)
    reply(conversation, alice, "A new one is on its way.")
    set_status(ticket=ticket, status="solved", by=by)
    sessions.end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=by)
    settle()
    say(carol, "One more thing.")
    settle()
    assert told(conversation) == [
        "[<b>Carol</b> began a session]",
        "The pole is bent.",
        "[Ticket #1 opened]",
        "[<b>Alice</b> took this]",
        "A new one is on its way.",
        "[<b>Alice</b> solved this]",
        "[<b>Alice</b> ended the session]",
        "[<b>Carol</b> began a session]",
        "One more thing.",
        "[Opened again: the customer wrote]",
    ]
    assert told(conversation, after=2) == told(conversation)[5:]
    assert told(conversation, before=3) == told(conversation)[:5]
    with translation.override("ko"):
        assert told(conversation)[3] == "[<b>Alice</b> 님이 맡았어요]"


def test_line_is_there_before_the_log_is_numbered(conversation: Conversation, alice: User) -> None:
    bob = make_user("bob", conversation.brand)
    assign_ticket(ticket=Ticket.objects.get(), agent=agent_of(bob), by=Actor.of_user(alice))
    assert told(conversation, after=1)[-1] == "[<b>Alice</b> gave this to <b>Bob</b>]"


def test_name_in_a_line_is_escaped(conversation: Conversation, carol: Identity) -> None:
    Contact.objects.filter(pk=carol.contact_id).update(name="<script>")
    conversation.contact.refresh_from_db()
    assert told(conversation)[0] == "[<b>&lt;script&gt;</b> began a session]"


def test_a_page_nobody_looks_at_has_it_delivered_and_not_read(
    carol: Identity, conversation: Conversation, page: Client
) -> None:
    def marks() -> tuple[int, int]:
        (own,) = queries.own_view(carol.contact, conversation).conversations
        return own.business_delivered_seq, own.business_read_seq

    say(carol, "Are you there?")
    address = f"/workspace/conversations/{conversation.public_id}/read/"
    assert marks() == (0, 0)
    assert page.post(address, {"seq": "1", "unseen": "1"}).status_code == 204
    assert marks() == (1, 0)
    assert page.post(address, {"seq": "2"}).status_code == 204
    assert marks() == (2, 2)


def test_only_own_words_carry_their_client_id(
    carol: Identity, conversation: Conversation, alice: User, page: Client
) -> None:
    say(carol, "Second", client_id="carols-id")
    reply(conversation, make_user("bob", conversation.brand), "Bob's", client_id="bobs-id")
    reply(conversation, alice, "Alice's", client_id="alices-id")
    shown = page.get(f"/workspace/conversations/{conversation.public_id}/", headers=HTMX).content.decode()
    assert re.findall(r'data-client-id="([^"]*)"', shown) == ["alices-id"]


def test_conversation_without_a_word_does_not_hide_when_the_last_one_came(carol: Identity, alice: User) -> None:
    said = say(carol, "One more thing.").message
    start_conversation(identity=carol)
    (row,) = queries.contacts(queries.viewer_of(alice))
    assert row.last_message_at == said.created_at  # type: ignore[attr-defined]  # annotated


def test_note_marks_whom_it_mentions_and_escapes_the_rest(
    conversation: Conversation, alice: User, page: Client
) -> None:
    bob = make_user("bob", conversation.brand)
    note(conversation, alice, "@Bob see <b>https://shop.test/@Bob</b>", mentions=[bob])
    shown = page.get(f"/workspace/conversations/{conversation.public_id}/", headers=HTMX).content.decode()
    assert '<span class="m-mention">@Bob</span> see &lt;b&gt;' in shown
    assert "<b>https" not in shown


def test_new_rule_stands_above_the_first_unread(carol: Identity, conversation: Conversation, page: Client) -> None:
    address = f"/workspace/conversations/{conversation.public_id}/"
    assert "data-new" not in page.get(address, headers=HTMX).content.decode()
    page.post(f"{address}read/", {"seq": "1"})
    say(carol, "Second"), say(carol, "Third")
    shown = page.get(address, headers=HTMX).content.decode()
    assert shown.count("data-new") == 1
    assert shown.index('data-seq="1"') < shown.index("data-new") < shown.index('data-seq="2"')


def test_thread_costs_the_same_at_two_and_at_twenty(carol: Identity, conversation: Conversation, page: Client) -> None:
    alice, bob = User.objects.get(name="Alice"), make_user("bob", conversation.brand)

    def costs() -> list[int]:
        found = []
        base = f"/workspace/conversations/{conversation.public_id}/"
        for address in (base, f"{base}messages/?after=0", f"{base}customer/", "/workspace/parts/contacts/"):
            with CaptureQueriesContext(connection) as counted:
                assert page.get(address, headers=HTMX).status_code == 200
            found.append(len(counted))
        return found

    def talk() -> None:
        reply(conversation, alice, "hm"), note(conversation, alice, "@Bob", mentions=[bob]), say(carol, "yes")

    talk()
    settle()
    # The first look of a process also asks the database what it can.
    costs()
    few = costs()
    for n in range(20):
        talk()
        say(make_visitor(conversation.channel, f"browser-number-{n:04}"), "hello")
        sessions.end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=Actor.of_user(alice))
        say(carol, "again")
    settle()
    assert costs() == few


def test_customer_is_edited_with_the_error_beside_the_field(conversation: Conversation, page: Client) -> None:
    address = f"/workspace/contacts/{conversation.contact.public_id}/edit/"
    refused = page.post(address, {"email": "no address", "conversation": conversation.public_id}, headers=HTMX)
    shown = refused.content.decode()
    assert (refused.status_code, 'value="no address"' in shown, 'aria-describedby="ct-error-email"' in shown) == (
        422,
        True,
        True,
    )
    assert Contact.objects.get().email == ""
    assert page.post(address, {"email": "carol@mail.test"}, headers=HTMX).status_code == 200
    assert page.post(address, {"property": "plan", "value": "gold"}, headers=HTMX).status_code == 200
    assert (Contact.objects.get().email, Contact.objects.get().properties) == ("carol@mail.test", {"plan": "gold"})
    page.post(address, {"property": "plan", "value": ""}, headers=HTMX)
    assert Contact.objects.get().properties == {}
    assert page.post(address, {"property": "k" * 65, "value": "v"}, headers=HTMX).status_code == 422
    assert page.post(address, {"property": "", "value": "v"}, headers=HTMX).status_code == 422


def test_right_field_is_saved_beside_a_wrong_one(conversation: Conversation, page: Client) -> None:
    address = f"/workspace/contacts/{conversation.contact.public_id}/edit/"
    for number in ("abc", "+-()"):
        shown = page.post(address, {"name": "Caroline", "email": "no address", "phone": number}, headers=HTMX)
        assert shown.status_code == 422 and "Saved." in shown.headers["HX-Trigger"]
        for kept in ("Caroline", "no address", number):
            assert f'value="{kept}"' in shown.content.decode()
        assert (
            shown.content.decode().count('role="alert"') == 2 and "A phone number has digits." in shown.content.decode()
        )
    contact = Contact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("Caroline", "", "")
    assert page.post(address, {"phone": "+82 10 1234 5678"}, headers=HTMX).status_code == 200


def test_who_only_reads_cannot_edit_a_customer(conversation: Conversation) -> None:
    client = Client()
    client.force_login(make_user("rita", conversation.brand, role=Role.LIGHT))
    contact = conversation.contact
    assert client.post(f"/workspace/contacts/{contact.public_id}/edit/", {"name": "X"}, headers=HTMX).status_code == 403
    shown = client.get(f"/workspace/parts/contacts/{contact.public_id}/", headers=HTMX).content.decode()
    assert "<input" not in shown and "Carol" in shown


@pytest.mark.parametrize("words", ["김하", "하늘", "ㄱㅎㄴ", "haneul@mail", "4321"])
def test_customers_are_found_by_part_of_what_is_known(conversation: Conversation, page: Client, words: str) -> None:
    haneul = make_visitor(conversation.channel, "browser-number-0001").contact
    update_contact(
        contact=haneul, changes={"name": "김하늘", "email": "haneul@mail.test", "phone": "010 4321"}, by=SYSTEM
    )
    shown = page.get("/workspace/parts/contacts/", {"q": words}, headers=HTMX).content.decode()
    assert "김하늘" in shown and "Carol" not in shown


def test_list_of_customers_pages_and_stays_in_the_brand(conversation: Conversation, page: Client) -> None:
    for n in range(queries.PAGE + 5):
        make_visitor(conversation.channel, f"browser-number-{n:04}")
    make_visitor(make_channel(make_brand("other")), "browser-of-another-brand", name="Dave")
    first = page.get("/workspace/parts/contacts/", headers=HTMX).content.decode()
    last = Contact.objects.filter(brand=conversation.brand).order_by("-pk")[queries.PAGE - 1]
    assert (first.count("<tr>") - 1, f"before={last.pk}" in first, "Dave" in first) == (queries.PAGE, True, False)
    second = page.get("/workspace/parts/contacts/", {"before": last.pk}, headers=HTMX).content.decode()
    assert (second.count("<tr>") - 1, "before=" in second) == (6, False)
    assert page.get("/workspace/contacts/").status_code == 200
    assert page.get(f"/workspace/contacts/{conversation.contact.public_id}/").status_code == 200


def test_shortcut_names_the_key_of_the_readers_system(page: Client) -> None:
    mac = page.get("/workspace/inbox/mine/", headers={"User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14)"})
    other = page.get("/workspace/inbox/mine/", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    assert "⌘K" in mac.content.decode() and "Ctrl K" in other.content.decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Jihoon please", ["Jihoon"]),
        ("@Jiho please", ["Jiho"]),
        ("@Jihoon and @Jiho, please", ["Jiho", "Jihoon"]),
        ("@Jiho님 확인해 주세요", ["Jiho"]),
        ("jiho@mail.test", []),
    ],
)
def test_longest_name_is_the_one_meant(conversation: Conversation, text: str, expected: list[str]) -> None:
    for name in ("jiho", "jihoon"):
        make_user(name, conversation.brand)
    assert [person.name for person in queries.mentioned(conversation, text)] == expected


@pytest.mark.parametrize(
    ("kept", "known", "left"),
    [
        ("Hello Carol", "", 0),
        ("Hello\nCarol ", "", 1),
        ("Hello Car", "Hello Car", 0),
        ("written in another window", "Hello Car", 1),
    ],
    ids=["what was sent", "other words", "an older state of what was sent", "another window's"],
)
def test_only_the_draft_that_was_sent_is_forgotten(
    conversation: Conversation, page: Client, kept: str, known: str, left: int
) -> None:
    address = f"/workspace/conversations/{conversation.public_id}/"
    page.post(f"{address}draft/", {"text": kept, "audience": "public"})
    assert page.post(f"{address}post/", {"text": "Hello Carol", "draft": known}).status_code == 201
    assert Draft.objects.count() == left


@pytest.mark.parametrize(("language", "word"), [("en", "Visitor"), ("ko", "방문자")])
def test_visitor_without_a_name_is_called_the_same_everywhere(
    alice: User, page: Client, language: str, word: str
) -> None:
    stranger = make_visitor(alice.memberships.get().brand.channels.get(), "browser-number-0002")
    conversation = say(stranger, "hello").message.conversation
    settle()
    page.cookies["django_language"] = language
    number = stranger.contact.public_id[-6:]
    name = f"{word} {number}"
    for address in (
        "/workspace/parts/list/open/",
        "/workspace/parts/views/",
        f"/workspace/parts/ticket/{conversation.public_id}/",
        f"/workspace/conversations/{conversation.public_id}/",
        f"/workspace/conversations/{conversation.public_id}/customer/",
        "/workspace/parts/contacts/",
        f"/workspace/contacts/{stranger.contact.public_id}/",
    ):
        shown = page.get(address, headers=HTMX).content.decode().replace(stranger.contact.public_id, "")
        assert 0 < shown.count(number) == shown.count(name), address
        # Alice's own face is on a whole page, Carol's in the lists.
        assert set(re.findall(r'class="m-av[^>]*>([^<])', shown)) <= {word[0], "A", "C"}, address
    with translation.override(language):
        assert any(name in line for line in told(conversation))


@pytest.mark.parametrize(
    ("size", "shown"), [(5, "5 B"), (999, "999 B"), (1000, "1 kB"), (12_345, "12.3 kB"), (50_000_000, "50 MB")]
)
def test_file_size_is_counted_in_thousands(size: int, shown: str) -> None:
    assert file_size(size) == shown
