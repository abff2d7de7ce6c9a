"""What migrations do to the rows of those who ran Madang before."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from conversations.models import Attachment, Contact, Conversation

BEFORE = [("conversations", "0004_what_nothing_used")]


def migrate_to_now() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def rows_of_0004(old: Any) -> None:
    now = timezone.now()
    brand = old.get_model("conversations", "Brand").objects.create(name="Sopoong", slug="sopoong")
    channel = old.get_model("conversations", "Channel").objects.create(brand=brand, kind="web", name="Website")
    contacts, conversations, messages, sessions, files = (
        old.get_model("conversations", name).objects
        for name in ("Contact", "Conversation", "Message", "Session", "Attachment")
    )
    people = [("ada", True, "a@x.test"), ("ben", True, "a@x.test"), ("cy", False, "c@x.test"), ("dee", True, "")]
    for name, is_verified, email in people:
        contacts.create(brand=brand, name=name, external_id=name, is_verified=is_verified, email=email)
    ada = contacts.get(name="ada")
    for key in ("answered", "silent"):
        made = conversations.create(brand=brand, contact=ada, channel=channel, display_name=key)
        for seq, (kind, by, audience) in enumerate(
            [("contact", "Ada", "public"), ("agent", "Maya", "public"), ("agent", "Noah", "internal")]
            if key == "answered"
            else [("contact", "Ada", "public")],
            start=1,
        ):
            messages.create(
                conversation=made, seq=seq, author_kind=kind, author_name=by, audience=audience,
                content={"type": "text", "text": "a"}, created_at=now,
            )  # fmt: skip
        for ended_by in ("agent", "contact"):
            sessions.create(
                conversation=made, state="ended", ended_by=ended_by, started_at=now, last_contact_at=now
            )  # fmt: skip
    files.create(brand=brand, contact=ada, key="k" * 43, file="a.txt", name="a.txt", media_type="text/plain", size=1)


@pytest.mark.django_db(transaction=True)
def test_what_was_there_before_is_filled_in_and_old_processes_may_go_on() -> None:
    try:
        executor = MigrationExecutor(connection)
        old = executor.migrate(BEFORE).apps
        rows_of_0004(old)
    finally:
        migrate_to_now()
    answered, silent = Conversation.objects.order_by("pk")
    assert (answered.last_answer_kind, answered.last_answer_name) == ("agent", "Maya")
    assert (silent.last_answer_kind, silent.last_answer_name) == ("", "")
    assert [each.last_ended_by for each in (answered, silent)] == ["contact", "contact"]
    assert Attachment.objects.get().is_sent
    found = dict(Contact.objects.values_list("name", "verified_email"))
    assert found == {"ada": "a@x.test", "ben": "", "cy": "", "dee": ""}
    # A process of the version before, still running, knows nothing of the new columns.
    brand, contact = old.get_model("conversations", "Brand").objects.get(), Contact.objects.get(name="cy")
    begun = old.get_model("conversations", "Conversation").objects.create(
        brand=brand, contact_id=contact.pk, channel_id=answered.channel_id
    )
    assert Conversation.objects.get(pk=begun.pk).last_answer_kind == ""
