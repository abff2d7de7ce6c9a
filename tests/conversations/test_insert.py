import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.insert import insert
from conversations.models import Contact, Message
from tests.factories import make_brand, make_channel, make_visitor, say


def test_row_is_what_saving_would_have_made(db: None) -> None:
    carol = make_visitor(make_channel(make_brand()))
    conversation = say(carol, "hello").message.conversation
    given = {
        "conversation": conversation,
        "author_kind": "contact",
        "author_contact": carol.contact,
        "content": {"type": "text", "text": "텐트 “%s”"},
        "metadata": {"order": 1, "paid": True},
        "created_at": timezone.now(),
    }
    saved, inserted = Message(seq=2, **given), Message(seq=3, **given)
    saved.save()
    insert(inserted)
    assert (inserted._state.adding, inserted._state.db) == (saved._state.adding, saved._state.db)
    own = {"id", "public_id", "seq"}
    rows = list(Message.objects.filter(pk__in=[saved.pk, inserted.pk]).order_by("pk").values())
    first, second = ({name: value for name, value in row.items() if name not in own} for row in rows)
    assert first == second
    assert rows[1]["id"] == inserted.pk and rows[1]["public_id"] == inserted.public_id
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Message(seq=3, **given))


def test_moments_that_rows_give_themselves_are_given(db: None) -> None:
    contact = Contact(brand=make_brand(), name="Carol")
    insert(contact)
    contact.refresh_from_db()
    assert contact.created_at and contact.updated_at
