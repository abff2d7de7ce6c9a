"""Web forms and tickets of the API: what comes in, once, and from whom."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations import outward
from conversations.actions import blocking
from conversations.events import SYSTEM
from conversations.models import Attachment, Brand, Channel, Contact, Conversation, Message, Responder
from routing.actions.fields import set_field_values
from routing.actions.forms import delete_form, save_form
from routing.actions.opening import Written, open_ticket_by_api, send_form
from routing.actions.ratings import save_survey
from routing.actions.tickets import set_status
from routing.errors import InvalidChange
from routing.models import FormAnswer, Rating, Survey, Ticket, TicketForm
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, signed_in
from tests.routing.cast import settle
from tests.routing.test_fields import field_of, form_of
from tests.threads import in_threads

GIVEN = {
    "name": "Carol",
    "email": "Carol@example.test",
    "subject": "A bent pole",
    "text": "The pole of my tent is bent.",
}
ORDER = {"field:order": "A1"}


@pytest.fixture
def form(brand: Brand) -> TicketForm:
    field_of(brand, "order", shown_to_customer=True, help="On the parcel.")
    field_of(brand, "secret")
    return form_of(brand, "Contact us", "order", "secret", for_customers=True, intro_en="We read everything.")


def address(form: TicketForm, **query: str) -> str:
    return f"/forms/{form.public_id}/" + (f"?lang={query['lang']}" if query else "")


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def send(form: TicketForm, **given: Any) -> Any:
    client = Client()
    token = given.pop("token", None) or token_of(client.get(address(form)).content.decode())
    return client.post(address(form), {**GIVEN, "token": token, **given})


def test_page_asks_for_what_customers_may_see(form: TicketForm) -> None:
    answer = Client().get(address(form))
    page = answer.content.decode()
    assert "We read everything." in page and 'name="field:order"' in page and "secret" not in page.lower()
    assert "frame-ancestors *" in answer["Content-Security-Policy"] and "X-Frame-Options" not in answer
    assert "script" not in page and "Set-Cookie" not in answer
    assert "메시지" in Client().get(address(form, lang="ko")).content.decode()
    korean = Client().get(address(form), headers={"Accept-Language": "fr, ko;q=0.8"}).content.decode()
    assert '<html lang="ko">' in korean
    Brand.objects.update(locale="ko")
    assert '<html lang="ko">' in Client().get(address(form), headers={"Accept-Language": "fr"}).content.decode()


def test_customers_read_their_language_and_what_is_kept_is_the_same(form: TicketForm) -> None:
    field_of(
        form.brand,
        "size",
        kind="select",
        label="Size?",
        options=["S", "L"],
        label_ko="크기",
        help_ko="상자에 적혀 있어요.",
        options_ko=["작음", "큼"],
        shown_to_customer=True,
    )
    form.field_keys = [*form.field_keys, "size"]
    form.title_ko, form.intro_ko = "문의하기", "모두 읽어요."
    save_form(form=form, by=SYSTEM)
    korean = Client().get(address(form, lang="ko")).content.decode()
    for words in ("<h1", "문의하기", "모두 읽어요.", "크기", "상자에 적혀 있어요.", '<option value="S" >작음</option>'):
        assert words in korean, words
    assert "We read everything." not in korean and "Size?" not in korean
    english = Client().get(address(form, lang="en")).content.decode()
    assert "We read everything." in english and "Size?" in english and ">S</option>" in english
    # Where one language is empty, everybody reads the other.
    assert "문의하기" in english
    refused = send(form, **ORDER, **{"field:size": "XL"})
    # Whoever comes back to it finds it: a browser keeps what may be kept.
    assert "no-store" not in refused["Cache-Control"]
    bad = refused.content.decode()
    assert "Size?: Choose one of the list." in bad and "Size?: Size?" not in bad
    send(form, **ORDER, **{"field:size": "L"})
    assert Ticket.objects.get().field_values["size"] == "L"


def test_words_for_customers_fit_their_options(brand: Brand) -> None:
    with pytest.raises(InvalidChange) as refused:
        field_of(brand, "size", kind="select", options=["S", "L"], options_ko=["작음"])
    assert (refused.value.field, refused.value.limit) == ("options_ko", 2)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[A-Z{2", "a bracket [ is not closed (at character 1)"),
        ("ab(c", "a parenthesis ( is not closed (at character 3)"),
        ("ab)", "a parenthesis ) was never opened (at character 3)"),
        ("*a", "there is nothing before *, + or ? to repeat (at character 1)"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said_in_plain_words(brand: Brand, pattern: str, why: str) -> None:
    with pytest.raises(InvalidChange) as refused:
        field_of(brand, "code", kind="regex", pattern=pattern)
    assert why in str(refused.value.text)


def test_form_sent_is_a_ticket_of_class_email_with_its_number(form: TicketForm) -> None:
    sent = send(form, **ORDER)
    assert sent.status_code == 303
    ticket = Ticket.objects.get()
    thanks = Client().get(sent["Location"]).content.decode()
    assert f"#{ticket.number}" in thanks
    settle()
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.channel_class, ticket.status) == ("A bent pole", "email", "new")
    assert (ticket.form, ticket.field_values) == (form, {"order": "A1"})
    assert ticket.waiting_since is not None and Ticket.objects.count() == 1
    conversation, contact = ticket.conversation, ticket.conversation.contact
    assert conversation.channel.kind == "form" and conversation.holder and conversation.holder.kind == "agents"
    assert (contact.name, contact.email, contact.is_verified, contact.locale) == (
        "Carol",
        "Carol@example.test",
        False,
        "en",
    )
    assert [message.content["text"] for message in conversation.messages.all()] == [GIVEN["text"]]


def test_agents_hold_it_whoever_answers_first(form: TicketForm, brand: Brand) -> None:
    Responder.objects.filter(brand=brand).update(is_default=False)
    Responder.objects.create(brand=brand, name="bot", kind=Responder.Kind.BOT, is_default=True)
    send(form)
    settle()
    holder = Conversation.objects.get().holder
    assert holder and holder.kind == Responder.Kind.AGENTS
    assert Ticket.objects.count() == 1


def test_same_page_sent_again_makes_nothing_twice(form: TicketForm) -> None:
    token = token_of(Client().get(address(form)).content.decode())
    first = send(form, token=token, files=SimpleUploadedFile("a.txt", b"words"))
    # Also with other words: what was sent stands.
    again = send(form, token=token, email="other@example.test", files=SimpleUploadedFile("a.txt", b"words"))
    assert first.status_code == again.status_code == 303
    assert (Ticket.objects.count(), Contact.objects.count(), Message.objects.count()) == (1, 1, 2)
    assert Attachment.objects.count() == FormAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_page_sent_by_many_at_once_is_one_ticket() -> None:
    form = form_of(make_brand(), "Contact us", for_customers=True)
    form = TicketForm.objects.select_related("channel__brand", "brand").get(pk=form.pk)
    written = Written("Carol", "carol@example.test", "Hi", "Hello")
    numbers: set[int] = set()
    sent = in_threads(4, lambda _n: numbers.add(send_form(form=form, written=written, token="the-same").number))
    assert (sent, numbers) == ([], {1})
    assert (Ticket.objects.count(), Contact.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_files_come_along(form: TicketForm) -> None:
    send(form, files=[SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")])
    contents = [message.content for message in Message.objects.order_by("seq")]
    assert [content["type"] for content in contents] == ["text", "file", "file"]
    assert not Attachment.objects.filter(is_sent=False).exists()
    assert Conversation.objects.get().last_preview == GIVEN["text"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "in-name"),
        ({"name": "x" * 129}, "in-name"),
        ({"email": "nobody"}, "in-email"),
        ({"email": ""}, "in-email"),
        ({"subject": "x" * 161}, "in-subject"),
        ({"text": ""}, "in-text"),
        ({"text": "x" * 4097}, "in-text"),
        ({"text": "a\x00b"}, "in-text"),
        ({"field:order": "x" * 1001}, "in-field-order"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    form: TicketForm, given: dict[str, str], field: str
) -> None:
    token = token_of(Client().get(address(form)).content.decode())
    refused = send(form, token=token, **given)
    page = refused.content.decode()
    assert refused.status_code == 422 and f'id="{field}-error"' in page and f'href="#{field}"' in page
    # What was right stands there again, and the same token goes on.
    assert token_of(page) == token and ("A bent pole" in page or field == "in-subject")
    assert not Contact.objects.exists() and not Ticket.objects.exists()


def test_field_of_no_customer_cannot_be_sent(form: TicketForm) -> None:
    assert send(form, **{"field:secret": "x"}).status_code == 422
    assert not Ticket.objects.exists()


def test_files_out_of_bounds_are_refused(form: TicketForm) -> None:
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    for files in (many, SimpleUploadedFile("a.exe", b"MZ"), SimpleUploadedFile("a.txt", b"")):
        refused = send(form, files=files)
        assert refused.status_code == 422 and 'id="in-files-error"' in refused.content.decode()
    form.takes_files = False
    save_form(form=form, fields=["takes_files"], by=SYSTEM)
    assert send(form, files=SimpleUploadedFile("a.txt", b"x")).status_code == 422
    assert not Attachment.objects.exists() and not Contact.objects.exists()


def test_robots_are_thanked_and_kept_out(form: TicketForm) -> None:
    trapped = send(form, website="https://spam.example")
    assert trapped.status_code == 303
    assert "#" not in re.sub(r"<[^>]+>", "", Client().get(trapped["Location"]).content.decode())
    whole = token_of(Client().get(address(form)).content.decode())
    for token in ("made-up", whole[:-1] + ("B" if whole.endswith("A") else "A")):
        assert send(form, token=token).status_code == 422
    assert not Contact.objects.exists()


def test_token_is_of_one_form_and_of_one_day(form: TicketForm, brand: Brand, time_machine: Any) -> None:
    other = form_of(brand, "Other", for_customers=True)
    assert send(form, token=token_of(Client().get(address(other)).content.decode())).status_code == 422
    time_machine.move_to("2026-11-30T09:00:00Z", tick=False)
    token = token_of(Client().get(address(form)).content.decode())
    time_machine.move_to("2026-12-01T09:00:01Z", tick=False)
    late = send(form, token=token)
    assert late.status_code == 422 and "A bent pole" in late.content.decode()
    # The page that says so can be sent.
    assert send(form, token=token_of(late.content.decode())).status_code == 303


@pytest.mark.usefixtures("standing_window")
def test_too_many_from_one_address_wait(form: TicketForm, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"form": 2}
    token = token_of(Client().get(address(form)).content.decode())
    answers = [send(form, token=token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "A bent pole" in answers[2].content.decode()


@pytest.mark.parametrize("kind", ["email", "address", "contact"])
def test_blocked_sender_gets_the_calm_answer(form: TicketForm, brand: Brand, kind: str) -> None:
    send(form)
    contact = Contact.objects.get()
    value = {"email": "carol@example.test", "address": "127.0.0.1", "contact": ""}[kind]
    blocking.block(brand=brand, kind=kind, value=value, contact=contact, by=SYSTEM)
    refused = send(form)
    assert refused.status_code == 403 and "This conversation is closed." in refused.content.decode()
    assert Ticket.objects.count() == Conversation.objects.count() == 1


def test_email_again_is_the_same_contact_but_never_a_verified_one(form: TicketForm, brand: Brand) -> None:
    visitor = make_visitor(make_channel(brand), email="carol@example.test", name="A widget's visitor")
    send(form)
    send(form, name="Somebody else")
    first, second = Conversation.objects.order_by("pk")
    assert first.contact == second.contact != visitor.contact
    assert second.contact.name == "Carol"
    Contact.objects.filter(pk=first.contact_id).update(is_verified=True)
    send(form)
    send(form)
    third, fourth = Conversation.objects.order_by("pk")[2:]
    assert first.contact_id not in {third.contact_id, fourth.contact_id}
    assert not third.contact.is_verified


def test_another_form_of_the_brand_knows_the_email_another_brands_does_not(form: TicketForm, brand: Brand) -> None:
    send(form)
    for owner in (brand, make_brand("other")):
        assert send(form_of(owner, "Two", for_customers=True)).status_code == 303
    one, two, three = Conversation.objects.order_by("pk")
    assert one.contact == two.contact != three.contact


def test_page_is_there_only_while_it_is_on(form: TicketForm, brand: Brand) -> None:
    form.for_customers = False
    save_form(form=form, fields=["for_customers"], by=SYSTEM)
    assert Client().get(address(form)).status_code == 404
    assert Channel.objects.get(kind="form").state == Channel.State.PAUSED
    form.for_customers = True
    save_form(form=form, fields=["for_customers"], by=SYSTEM)
    send(form)
    delete_form(form=form, by=SYSTEM)
    assert Client().get(f"/forms/{form.public_id}/").status_code == 404
    ticket = Ticket.objects.get()
    assert ticket.form is None and ticket.conversation.channel.state == Channel.State.PAUSED


def test_form_costs_the_same_at_one_field_and_at_thirty(brand: Brand) -> None:
    form = form_of(brand, "Contact us", for_customers=True)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert send(form, **{"field:f0": "x"}).status_code == 303
        return len(counted)

    def ask(count: int) -> None:
        made = [field_of(brand, f"f{n}", shown_to_customer=True).key for n in range(len(form.field_keys), count)]
        form.field_keys = [*form.field_keys, *made]
        save_form(form=form, by=SYSTEM)

    ask(1)
    cost()  # the first one makes the contact
    few = cost()
    ask(30)
    assert cost() == few


def test_ticket_of_the_api_is_one_however_often_it_is_sent(brand: Brand) -> None:
    field_of(brand, "order")
    contact = make_visitor(make_channel(brand)).contact
    given: dict[str, Any] = {
        "contact": contact,
        "subject": "Refund",
        "text": "Please.",
        "by": SYSTEM,
        "client_id": "erp-1",
        "priority": 4,
        "tags": ["From ERP"],
        "values": {"order": "A1"},
    }
    ticket = open_ticket_by_api(**given)
    settle()
    assert open_ticket_by_api(**given).pk == ticket.pk
    ticket.refresh_from_db()
    assert (ticket.channel_class, ticket.priority, ticket.tags) == ("email", 4, ["from-erp"])
    assert ticket.field_values == {"order": "A1"} and ticket.conversation.channel.kind == "api"
    assert open_ticket_by_api(**given | {"client_id": "erp-2"}).pk != ticket.pk
    assert Channel.objects.filter(kind="api").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"text": "x" * 4097}, "text"),
        ({"priority": 9}, "priority"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"values": {"nowhere": "x"}}, "field:nowhere"),
    ],
)
def test_ticket_of_the_api_out_of_bounds_begins_nothing(brand: Brand, given: dict[str, Any], field: str) -> None:
    contact = make_visitor(make_channel(brand)).contact
    asked: dict[str, Any] = {"contact": contact, "subject": "Refund", "text": "Please.", "by": SYSTEM}
    with pytest.raises(InvalidChange) as refused:
        open_ticket_by_api(**asked | given)
    assert refused.value.field == field
    assert not Conversation.objects.exists()


def test_agent_fills_in_what_the_customer_does_not_see(form: TicketForm) -> None:
    send(form, **ORDER)
    ticket = set_field_values(ticket=Ticket.objects.get(), values={"secret": "ours"}, by=SYSTEM)
    assert ticket.field_values == {"order": "A1", "secret": "ours"}


def test_what_customers_must_fill_in_is_asked_for_and_its_lack_refused(brand: Brand) -> None:
    field_of(brand, "order", shown_to_customer=True, is_required_for_customer=True)
    field_of(brand, "gift", shown_to_customer=True)
    field_of(brand, "terms", kind="checkbox", shown_to_customer=True, is_required_for_customer=True)
    form = form_of(brand, "Orders", "order", "gift", "terms", for_customers=True, takes_files=False)
    page = Client().get(address(form)).content.decode()
    assert page.count("(optional)") == 1
    assert re.search(r'name="field:order"[^>]* required', page) and re.search(r'name="field:terms"[^>]* required', page)
    answer = send(form, **{"field:gift": "yes"})
    shown = answer.content.decode()
    assert answer.status_code == 422 and shown.count("Fill this in.") == 4 and not Ticket.objects.exists()
    assert send(form, **{"field:order": "A-1", "field:terms": "on"}).status_code == 303
    assert Ticket.objects.get().field_values == {"order": "A-1", "terms": True}
    with pytest.raises(InvalidChange) as refused:
        field_of(brand, "hidden", is_required_for_customer=True)
    assert refused.value.field == "is_required_for_customer"


def test_who_wrote_by_a_form_can_rate_where_they_keep_their_number(form: TicketForm, brand: Brand) -> None:
    save_survey(survey=Survey(brand=brand, is_on=True, when="solved"), by=SYSTEM)
    sent = send(form, **ORDER)["Location"]
    settle()
    assert "Keep this page" in Client().get(sent).content.decode()
    ticket = Ticket.objects.get()
    reply(ticket.conversation, make_user("alice", brand), "Done.")
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle()
    page = Client().get(sent).content.decode()
    found = re.search(r'href="(/rate/[^"]+)"', page)
    assert found and Client().post(found[1], {"score": "5"}).status_code == 200
    settle()
    assert Rating.objects.get().score == 5
    assert "/rate/" not in Client().get(sent.split("&n=")[0]).content.decode()
    Rating.objects.update(expires_at=timezone.now())
    assert "/rate/" not in Client().get(sent).content.decode()


def test_agents_are_told_that_an_answer_waits_for_email(
    form: TicketForm, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(form, **ORDER)
    settle()
    conversation = Conversation.objects.get()
    desk = signed_in(make_user("alice", brand))
    told = "Your reply waits here until email is connected."
    thread = f"/workspace/conversations/{conversation.public_id}/"
    head = reverse("routing:ticket_head", args=[conversation.public_id])
    assert told in (shown := desk.get(thread).content.decode()) and "data-waits" in shown
    assert "active now" not in desk.get(head).content.decode()
    monkeypatch.setattr(outward, "_carried", {"form"})
    assert told not in (shown := desk.get(thread).content.decode()) and "data-waits" not in shown
    assert "active now" not in desk.get(head).content.decode()
