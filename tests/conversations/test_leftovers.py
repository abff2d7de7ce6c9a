"""What nobody can use any more goes; what a message names stays."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.utils import timezone

from conversations.actions import messages, visitors
from conversations.actions.attachments import UNSENT_KEPT, drop_unsent, store_upload
from conversations.errors import InvalidContent
from conversations.models import Attachment, ClientToken, Identity
from conversations.tasks import drop_leftovers
from tests.factories import make_brand, make_channel, make_visitor

OLD = UNSENT_KEPT + timedelta(minutes=1)


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()), "carols-browser-0001")


def upload(carol: Identity, *, age: timedelta = OLD) -> Attachment:
    file = SimpleUploadedFile("notes.txt", b"hello")
    attachment = store_upload(brand=carol.contact.brand, file=file, contact=carol.contact)
    Attachment.objects.filter(pk=attachment.pk).update(created_at=timezone.now() - age)
    return attachment


def test_only_old_files_that_were_never_sent_go(carol: Identity) -> None:
    sent, forgotten, fresh = upload(carol), upload(carol), upload(carol, age=UNSENT_KEPT - timedelta(minutes=1))
    messages.receive(identity=carol, content={"type": "file", "mediaUrl": sent.path})
    drop_leftovers()
    assert set(Attachment.objects.all()) == {sent, fresh}
    assert [default_storage.exists(str(each.file)) for each in (sent, forgotten, fresh)] == [True, False, True]


def test_what_a_business_sends_stays_too(carol: Identity) -> None:
    said = messages.receive(identity=carol, content={"type": "text", "text": "hello"}).message
    file = upload(carol)
    buy = {"type": "postback", "text": "Buy", "payload": "buy"}
    item = {"title": "A tent", "mediaUrl": f"https://chat.example.com{file.path}", "actions": [buy]}
    content = {"type": "carousel", "items": [item]}
    messages.post_message(conversation=said.conversation, author=messages.Author.system(), content=content)
    assert drop_unsent() == 0


def test_files_that_words_and_buttons_point_to_stay(carol: Identity) -> None:
    said = messages.receive(identity=carol, content={"type": "text", "text": "hello"}).message
    linked, named = upload(carol), upload(carol)
    link = {"type": "link", "text": "Manual", "uri": f"https://chat.example.com{linked.path}"}
    for content in (
        {"type": "text", "text": "Read this", "actions": [link]},
        {"type": "text", "text": "Read this", "markdownText": f"[it](https://chat.example.com{named.path})"},
    ):
        messages.post_message(conversation=said.conversation, author=messages.Author.system(), content=content)
    assert drop_unsent() == 0


def test_file_that_is_sent_while_leftovers_go_stays(carol: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(carol)
    found = Attachment.objects.filter(pk=file.pk)
    delete = QuerySet.delete

    def send_first(rows: QuerySet[Attachment]) -> tuple[int, dict[str, int]]:
        found.update(is_sent=True)
        return delete(rows)

    monkeypatch.setattr(QuerySet, "delete", send_first)
    assert drop_unsent() == 0
    assert found.exists() and default_storage.exists(str(file.file))


def test_file_that_has_gone_is_refused(carol: Identity) -> None:
    file = upload(carol)
    assert drop_unsent() == 1
    with pytest.raises(InvalidContent):
        messages.receive(identity=carol, content={"type": "file", "mediaUrl": file.path})


def test_files_go_some_at_a_time(carol: Identity) -> None:
    for _ in range(3):
        upload(carol)
    assert [drop_unsent(limit=2), drop_unsent(limit=2), drop_unsent(limit=2)] == [2, 1, 0]


def test_tokens_that_ended_go(carol: Identity) -> None:
    ends = [None, timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(hours=1)]
    ClientToken.objects.all().delete()
    for n, expires_at in enumerate(ends):
        ClientToken.objects.create(identity=carol, token_hash=str(n), expires_at=expires_at)
    assert [visitors.drop_expired_tokens(limit=1), visitors.drop_expired_tokens()] == [1, 0]
    assert set(ClientToken.objects.values_list("token_hash", flat=True)) == {"0", "2"}
