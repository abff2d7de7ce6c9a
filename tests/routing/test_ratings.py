"""Asking customers how it went: once, only where it is wanted, and changed until its time is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext

from conversations.actions import visitors
from conversations.actions.ratings import answer_rating
from conversations.actions.sessions import end_session
from conversations.errors import InvalidContent, RatingIsOver
from conversations.events import SYSTEM
from conversations.models import AuthorKind, Conversation, Event, Identity, LogReader, Message, Session, User
from conversations.queries import viewer_of
from conversations.tokens import rating_token
from routing import queries
from routing.actions.ratings import save_survey, switch_rating
from routing.actions.tickets import set_status, snooze_ticket
from routing.decide.ratings import grade_of
from routing.errors import InvalidChange
from routing.models import Rating, Survey, Ticket
from routing.queries.facts import facts_of
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say, signed_in
from tests.routing.cast import settle

HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def carol(db: None, clock: time_machine.Traveller) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def alice(carol: Identity) -> User:
    return make_user("alice", carol.channel.brand)


@pytest.fixture
def conversation(carol: Identity, alice: User, clock: time_machine.Traveller) -> Conversation:
    conversation = say(carol, "The pole of my tent is bent.").message.conversation
    settle()
    clock.shift(60)
    reply(conversation, alice, "A new one is on its way.")
    settle()
    clock.shift(60)
    return conversation


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def ask_when(conversation: Conversation, when: str, **given: Any) -> Survey:
    survey = Survey(brand=conversation.brand, is_on=True, when=when, **{"reasons_en": ["Slow", "Rude"]} | given)
    return save_survey(survey=survey, by=SYSTEM)


def end(conversation: Conversation) -> None:
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle()


def solve() -> Ticket:
    ticket = set_status(ticket=Ticket.objects.get(), status="solved", by=SYSTEM)
    settle()
    return ticket


def asked() -> list[Message]:
    return list(Message.objects.filter(content__type="rating"))


def test_the_end_of_the_session_asks_once(conversation: Conversation) -> None:
    ask_when(conversation, "session_end", text_en="How was it?", scale=3)
    end(conversation)
    message = asked()[0]
    rating = Rating.objects.get()
    assert (message.content["text"], message.content["scale"], message.author_kind) == (
        "How was it?",
        3,
        AuthorKind.SYSTEM,
    )
    assert rating.expires_at - rating.asked_at == timedelta(days=28)
    assert Event.objects.filter(type="rating.asked").count() == 1
    LogReader.objects.filter(name="routing").update(position=0)
    settle()
    solve()
    assert len(asked()) == 1


def test_solving_asks_where_the_brand_wants_that(conversation: Conversation) -> None:
    ask_when(conversation, "solved")
    end(conversation)
    assert asked() == []
    ticket = solve()
    set_status(ticket=ticket, status="open", by=SYSTEM)
    solve()
    assert len(asked()) == 1


def test_the_question_is_in_the_customers_language(conversation: Conversation) -> None:
    conversation.contact.locale = "ko-KR"
    conversation.contact.save()
    ask_when(conversation, "solved")
    solve()
    assert asked()[0].content["text"] == "상담은 어떠셨나요?"


@pytest.mark.parametrize(
    ("locale", "text", "reasons"),
    [("ko", "어땠나요?", ["느림"]), ("en-GB", "How was it?", ["Slow"]), ("fr", "How was it?", ["Slow"])],
)
def test_question_and_reasons_are_in_the_customers_language(
    conversation: Conversation, locale: str, text: str, reasons: list[str]
) -> None:
    conversation.contact.locale = locale
    conversation.contact.save()
    words = {"text_en": "How was it?", "text_ko": " 어땠나요? ", "reasons_en": ["Slow"], "reasons_ko": ["느림"]}
    ask_when(conversation, "solved", **words)
    solve()
    assert (asked()[0].content["text"], asked()[0].content["reasons"]) == (text, reasons)


def test_where_one_language_is_empty_everybody_reads_the_other(conversation: Conversation) -> None:
    ask_when(conversation, "solved", text_ko="어땠나요?", reasons_en=["Slow"])
    conversation.contact.locale = "ko"
    conversation.contact.save()
    solve()
    assert (asked()[0].content["text"], asked()[0].content["reasons"]) == ("어땠나요?", ["Slow"])


def test_nobody_is_asked_of_what_is_snoozed_switched_off_closed_or_unanswered(
    conversation: Conversation, carol: Identity
) -> None:
    ask_when(conversation, "session_end")
    ticket = snooze_ticket(ticket=Ticket.objects.get(), until=timezone.now() + timedelta(hours=1), by=SYSTEM)
    end(conversation)
    Ticket.objects.update(snoozed_until=None)
    switch_rating(ticket=ticket, is_on=False, by=SYSTEM)
    say(carol, "One more thing")
    end(conversation)
    switch_rating(ticket=ticket, is_on=True, by=SYSTEM)
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    settle()
    other = say(make_visitor(carol.channel, "daves-browser-00001"), "Hello?").message.conversation
    settle()
    end(other)
    assert asked() == []
    assert not Rating.objects.exists()


def test_off_asks_nobody(conversation: Conversation) -> None:
    ask_when(conversation, "session_end")
    Survey.objects.update(is_on=False)
    end(conversation)
    assert asked() == []


def test_an_answer_is_kept_and_may_change_until_its_time_is_over(
    conversation: Conversation, clock: time_machine.Traveller
) -> None:
    ask_when(conversation, "solved")
    solve()
    message, contact = asked()[0], conversation.contact
    for _twice in range(2):
        answer_rating(message=message, score=1, reasons=["Rude"], comment=" Never again ", by=contact)
    settle()
    rating = Rating.objects.get()
    assert (rating.score, rating.grade, rating.reasons, rating.comment) == (1, "bad", ["Rude"], "Never again")
    given = Event.objects.filter(type="rating.given")
    assert [event.payload["is_change"] for event in given] == [False]
    assert "Never" not in str(given[0].payload)
    clock.shift(timedelta(days=27))
    answer_rating(message=message, score=5, reasons=["Rude"], by=contact)
    settle()
    rating.refresh_from_db()
    assert (rating.score, rating.grade, rating.reasons, rating.comment) == (5, "good", [], "")
    clock.shift(timedelta(days=2))
    with pytest.raises(RatingIsOver):
        answer_rating(message=message, score=2, by=contact)


@pytest.mark.parametrize(("left", "is_over"), [(timedelta(milliseconds=1), False), (timedelta(0), True)], ids=str)
def test_a_rating_is_given_until_28_days_are_over(
    conversation: Conversation, clock: time_machine.Traveller, left: timedelta, is_over: bool
) -> None:
    ask_when(conversation, "solved")
    solve()
    message = asked()[0]
    clock.move_to(Rating.objects.get().asked_at + timedelta(days=28) - left)
    if is_over:
        with pytest.raises(RatingIsOver):
            answer_rating(message=message, score=2, by=conversation.contact)
    else:
        answer_rating(message=message, score=2, by=conversation.contact)
        settle()
        assert Rating.objects.get().score == 2


def test_a_closed_ticket_is_rated_no_more(conversation: Conversation) -> None:
    ask_when(conversation, "solved")
    set_status(ticket=solve(), status="closed", by=SYSTEM)
    settle()
    with pytest.raises(RatingIsOver):
        answer_rating(message=asked()[0], score=2, by=conversation.contact)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"score": 1, "reasons": ["Ugly"]}, "reasons"),
        ({"score": 1, "comment": "x" * 1001}, "comment"),
        ({"score": 1, "comment": "x\x00"}, "comment"),
    ],
)
def test_what_is_no_answer_is_refused(conversation: Conversation, given: dict[str, Any], field: str) -> None:
    ask_when(conversation, "solved")
    solve()
    with pytest.raises(InvalidContent) as refused:
        answer_rating(message=asked()[0], by=conversation.contact, **given)
    assert refused.value.field == field
    assert "answer" not in asked()[0].content


@pytest.mark.parametrize(
    ("score", "scale", "grade"),
    [(1, 2, "bad"), (2, 2, "good"), (1, 3, "bad"), (2, 3, "okay"), (3, 3, "good"), (2, 5, "bad"), (3, 5, "okay")],
)
def test_what_a_score_means(score: int, scale: int, grade: str) -> None:
    assert grade_of(score, scale) == grade


def test_the_client_api_takes_an_answer_again_and_again(conversation: Conversation, carol: Identity) -> None:
    ask_when(conversation, "solved")
    solve()
    token = visitors.admit_visitor(channel=carol.channel, client_id="carols-browser-0001").token
    dave = visitors.admit_visitor(channel=carol.channel, client_id="daves-browser-00001").token
    address = f"/client/v1/conversations/{conversation.public_id}/rating"
    body = {"message": asked()[0].public_id, "score": 4, "comment": "Fine"}

    def post(token: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return Client().post(address, body, content_type="application/json", headers=headers)

    assert post(dave, body).status_code == 404
    for _twice in range(2):
        answer = post(token, body)
        assert answer.status_code == 200
        assert answer.json()["message"]["content"]["answer"]["score"] == 4
    assert Event.objects.filter(type="rating.given").count() == 1
    assert post(token, body | {"score": 9}).json()["error"]["field"] == "score"
    first = conversation.messages.order_by("seq")[0]
    assert post(token, body | {"message": first.public_id}).json()["error"]["field"] == "message"


def test_the_page_works_without_a_script_or_a_session(conversation: Conversation) -> None:
    ask_when(conversation, "solved", text_en="Was it <good>?")
    solve()
    address = reverse("rate", args=[rating_token(asked()[0].public_id)])
    assert b"Was it &lt;good&gt;?" in Client().get(address).content
    assert Client().post(address, {}).status_code == 400
    saved = Client().post(address, {"score": "2", "reasons": "Slow", "comment": "Took long"})
    assert saved.status_code == 200
    settle()
    assert (Rating.objects.get().reasons, Rating.objects.get().comment) == (["Slow"], "Took long")
    assert Client(enforce_csrf_checks=True).post(address, {"score": "5"}).status_code == 403
    assert Client().get(reverse("rate", args=[asked()[0].public_id])).status_code == 404
    forged = rating_token(conversation.messages.order_by("seq")[0].public_id)
    assert Client().get(reverse("rate", args=[forged])).status_code == 404


def test_agents_see_it_in_thread_and_panel_and_switch_it_off(conversation: Conversation, page: Client) -> None:
    ask_when(conversation, "solved")
    panel = reverse("routing:ticket_panel", args=[conversation.public_id])
    assert b"Do not ask" in page.get(panel, headers=HTMX).content
    change = reverse("routing:change", args=[conversation.public_id, "rating"])
    shown = page.post(change, {"rating": ""}, headers=HTMX | {"HX-Target": "ticket-panel"})
    assert b"Ask after all" in shown.content
    page.post(change, {"rating": "on"}, headers=HTMX)
    solve()
    answer_rating(message=asked()[0], score=1, reasons=["Slow"], comment="Took <long>", by=conversation.contact)
    settle()
    told = page.get(panel, headers=HTMX).content
    assert b"1/5" in told and b"Took &lt;long&gt;" in told
    assert b">Very bad<" in told and b">Bad<" not in told
    thread = page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX).content
    assert '1 of 5 · <span dir="auto">Very bad</span>' in thread.decode()
    assert b"The customer rated this: Very bad (1 of 5)" in thread
    assert page.post(change, {"rating": ""}, headers=HTMX).status_code == 400


def test_earlier_ratings_of_the_customer_stand_beside(conversation: Conversation, alice: User) -> None:
    ask_when(conversation, "solved")
    solve()
    assert [each.ticket.number for each in queries.ratings_of(viewer_of(alice), conversation.contact)] == [1]
    charlie = make_user("charlie", make_brand("other"))
    assert queries.ratings_of(viewer_of(charlie), conversation.contact) == []


def test_conditions_know_the_rating(conversation: Conversation) -> None:
    def rating() -> object:
        ticket = Ticket.objects.get()
        return facts_of([ticket])[ticket.pk].values["ticket.rating"]

    assert rating() is None
    ask_when(conversation, "solved")
    solve()
    assert rating() == "asked"
    answer_rating(message=asked()[0], score=5, by=conversation.contact)
    settle()
    assert rating() == "good"


@pytest.mark.parametrize(
    ("score", "scale", "word"),
    [(1, 2, "Bad"), (2, 2, "Good"), (1, 3, "Bad"), (2, 3, "Okay"), (3, 3, "Good")]
    + [(score, 5, word) for score, word in enumerate(("Very bad", "Bad", "Okay", "Good", "Great"), start=1)],
)
def test_each_point_has_its_word(conversation: Conversation, page: Client, score: int, scale: int, word: str) -> None:
    ask_when(conversation, "solved", scale=scale)
    solve()
    answer_rating(message=asked()[0], score=score, by=conversation.contact)
    settle()
    assert Rating.objects.get().said == word
    panel = page.get(reverse("routing:ticket_panel", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert f'<p><span dir="auto">{word}</span>' in panel
    thread = page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert f"The customer rated this: {word} ({score} of {scale})" in thread
    with translation.override("ko"):
        assert Rating.objects.get().said == gettext(word) != word


OWN = {"words_en": ["Awful", " So  so ", "Lovely"], "words_ko": ["별로", "그저 그래요", "<최고>"]}


@pytest.mark.parametrize(("locale", "word"), [("ko", "<최고>"), ("en", "Lovely"), ("fr", "Lovely")])
def test_what_was_asked_keeps_its_look_and_words_whatever_becomes_of_the_survey(
    conversation: Conversation, page: Client, locale: str, word: str
) -> None:
    conversation.contact.locale = locale
    conversation.contact.save()
    survey = ask_when(conversation, "solved", scale=3, look="words", **OWN)
    assert survey.words_en == ["Awful", "So so", "Lovely"]
    solve()
    survey.look, survey.scale, survey.words_en, survey.words_ko = "numbers", 5, [], []
    save_survey(survey=survey, by=SYSTEM)
    content = asked()[0].content
    assert (content["look"], content["scale"], content["words"][2]) == ("words", 3, word)
    answer_rating(message=asked()[0], score=3, by=conversation.contact)
    settle()
    rating = Rating.objects.get()
    assert (rating.word, rating.said, rating.grade) == (word, word, "good")
    assert Event.objects.get(type="rating.given").payload["word"] == word
    panel = page.get(reverse("routing:ticket_panel", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert f'<p><span dir="auto">{escape(word)}</span>' in panel
    thread = page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert f"The customer rated this: {escape(word)} (3 of 3)" in thread
    assert f'3 of 3 · <span dir="auto">{escape(word)}</span>' in thread


def test_what_was_asked_before_there_were_looks_is_shown_and_rated(conversation: Conversation, page: Client) -> None:
    ask_when(conversation, "solved")
    solve()
    message = asked()[0]
    message.content = {name: value for name, value in message.content.items() if name not in {"look", "words"}}
    message.save()
    address = reverse("rate", args=[rating_token(message.public_id)])
    assert "#i-frown2" in Client().get(address).content.decode()
    answer_rating(message=message, score=2, by=conversation.contact)
    settle()
    Event.objects.filter(type="rating.given").update(
        payload={"message": message.public_id, "score": 2, "scale": 5, "reasons": [], "is_change": False}
    )
    thread = page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX).content
    assert b"The customer rated this: Bad (2 of 5)" in thread
    assert Rating.objects.get().said == "Bad"


@pytest.mark.parametrize(
    ("look", "shown", "hidden"),
    [
        ("faces", "#i-frown2", 'class="num"'),
        ("numbers", '<b class="num">2</b>', "#i-frown"),
        ("words", "Bad", "#i-frown"),
    ],
)
def test_the_page_shows_the_look(conversation: Conversation, look: str, shown: str, hidden: str) -> None:
    ask_when(conversation, "solved", look=look)
    solve()
    told = Client().get(reverse("rate", args=[rating_token(asked()[0].public_id)])).content.decode()
    assert shown in told and hidden not in told


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"look": "stars"}, "look"),
        ({"words_en": ["Bad", "Good"]}, "words_en"),
        ({"words_ko": ["x"] * 5}, "words_ko"),
        ({"words_ko": ["1", "2", "3", "4", "x" * 41]}, "words_ko"),
        ({"scale": 4}, "scale"),
        ({"when": "never"}, "when"),
        ({"text_en": "x" * 201}, "text_en"),
        ({"text_ko": "x" * 201}, "text_ko"),
        ({"reasons_en": [str(n) for n in range(11)]}, "reasons_en"),
        ({"reasons_ko": ["x" * 61]}, "reasons_ko"),
    ],
)
def test_a_survey_within_its_limits(conversation: Conversation, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidChange) as refused:
        save_survey(survey=Survey(brand=conversation.brand, **{"when": "solved", "scale": 5} | given), by=SYSTEM)
    assert refused.value.field == field
    assert not Survey.objects.exists()
