"""A form takes one answer, and only one that fits it."""

from typing import Any

import pytest

from conversations.actions.messages import receive
from conversations.content import check_answers
from conversations.errors import FormAlreadyAnswered, InvalidContent
from conversations.models import Identity, Message
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say

FORM: dict[str, Any] = {
    "type": "form",
    "fields": [
        {"type": "text", "name": "order", "label": "Order", "minSize": 3, "maxSize": 8},
        {"type": "email", "name": "mail", "label": "Email"},
        {"type": "select", "name": "what", "label": "What", "options": [{"name": "a", "label": "Pole"}]},
    ],
}
GOOD: list[dict[str, Any]] = [
    {"type": "text", "name": "order", "label": "Order", "text": "SP-1"},
    {"type": "email", "name": "mail", "label": "Email", "email": "carol@example.test"},
    {"type": "select", "name": "what", "label": "What", "select": [{"name": "a", "label": "Pole"}]},
]


def answered(position: int, **change: Any) -> list[dict[str, Any]]:
    return [{**answer, **change} if at == position else answer for at, answer in enumerate(GOOD)]


def test_answers_that_fit_are_taken() -> None:
    check_answers(FORM, {"fields": GOOD})
    check_answers(FORM, {"fields": GOOD[::-1]})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (GOOD[:2], "fields.what"),
        ([*GOOD, GOOD[0]], "fields"),
        (answered(0, name="other"), "fields.0.name"),
        (answered(0, type="email"), "fields.0.type"),
        (answered(0, text="SP"), "fields.0.text"),
        (answered(0, text="SP-123456"), "fields.0.text"),
        (answered(0, text=""), "fields.0.text"),
        (answered(1, email="nowhere"), "fields.1.email"),
        (answered(2, select=[]), "fields.2.select"),
        (answered(2, select=[{"name": "b", "label": "Tent"}]), "fields.2.select"),
    ],
)
def test_answers_that_do_not_fit_are_refused(fields: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        check_answers(FORM, {"fields": fields})
    assert refused.value.field == field


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()))


@pytest.fixture
def form(carol: Identity) -> Message:
    conversation = say(carol, "hello").message.conversation
    return reply(conversation, make_user("alice", conversation.brand), content=FORM).message


def answer(carol: Identity, quoted: str, client_id: str = "c-1", fields: Any = GOOD) -> Any:
    return receive(
        identity=carol,
        content={"type": "formResponse", "quotedMessageId": quoted, "fields": fields},
        client_id=client_id,
    )


def test_answer_quotes_and_submits_its_form(carol: Identity, form: Message) -> None:
    posted = answer(carol, form.public_id)
    form.refresh_from_db()
    assert (posted.message.quoted, form.content["submitted"]) == (form, True)


def test_form_is_answered_once_and_a_retry_is_the_same_answer(carol: Identity, form: Message) -> None:
    first, again = answer(carol, form.public_id), answer(carol, form.public_id)
    assert (first.message.pk, again.created) == (again.message.pk, False)
    with pytest.raises(FormAlreadyAnswered):
        answer(carol, form.public_id, "c-2")
    assert Message.objects.count() == 3


def test_answer_to_no_form_or_to_another_visitors_is_refused(carol: Identity, form: Message) -> None:
    dave = make_visitor(carol.channel, "daves-browser-00001")
    for who, quoted in ((carol, "0" * 24), (dave, form.public_id)):
        with pytest.raises(InvalidContent) as refused:
            answer(who, quoted)
        assert refused.value.field == "quotedMessageId"
    form.refresh_from_db()
    assert (form.content["submitted"], Message.objects.count()) == (False, 2)
