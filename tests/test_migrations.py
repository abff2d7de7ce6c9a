"""What migrations do to the rows of those who ran Madang before: from the first version to this one, once.

One story and not many: the way takes as long as all of them together.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from conversations.models import Attachment, Contact, Conversation
from routing.models import Survey


def migrate(*to: tuple[str, str]) -> Any:
    """Migrate to these, or to now, and give the apps as they are there."""
    executor = MigrationExecutor(connection)
    return executor.migrate(list(to) or executor.loader.graph.leaf_nodes()).apps


@pytest.fixture
def nothing_yet(transactional_db: None) -> Iterator[None]:
    """An empty database; it is left as all others expect it, whatever it was migrated to."""
    _drop_all()
    yield
    call_command("migrate", verbosity=0)


def _drop_all() -> None:
    cascade = "CASCADE" if connection.vendor == "postgresql" else ""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        # In the order of names an index of words goes before the tables it is made of, which go with it.
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} {cascade}")


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


def brand_of(apps: Any, slug: str) -> Any:
    return apps.get_model("conversations", "Brand").objects.create(name=slug, slug=slug)


def of_several_default_groups_the_oldest_stays() -> None:
    old = migrate(("routing", "0003_when_the_status_was_set"))
    brand, other = brand_of(old, "groups"), brand_of(old, "others")
    makes = old.get_model("routing", "Group").objects
    for name, brand_id in (("a", brand.pk), ("b", brand.pk), ("c", other.pk), ("d", brand.pk)):
        makes.create(name=name, brand_id=brand_id, is_default=True)
    found = migrate(("routing", "0004_one_group_gets_new_tickets")).get_model("routing", "Group").objects
    assert set(found.filter(is_default=True).values_list("name", flat=True)) == {"a", "c"}
    assert found.count() == 4


def each_group_gets_an_id_of_its_own_and_so_do_those_that_old_processes_make() -> None:
    makes = migrate(("routing", "0005_own_work_counted_by_index")).get_model("routing", "Group").objects
    brand_id = makes.values_list("brand", flat=True)[0]
    new = migrate(("routing", "0006_groups_have_public_ids"))
    makes.create(name="late", brand_id=brand_id)
    ids = set(new.get_model("routing", "Group").objects.values_list("public_id", flat=True))
    assert len(ids) == 5 and all(re.fullmatch("[0-9a-f]{24}", each) for each in ids)


def who_is_offline_for_nothing_but_chats_is_present() -> None:
    old = migrate(("routing", "0026_when_a_status_was_chosen"))
    brand_id, people = brand_of(old, "statuses").pk, old.get_model("conversations", "User").objects
    makes = old.get_model("routing", "CustomStatus").objects
    emails = makes.create(brand_id=brand_id, name="Emails", messaging="offline", email="online", voice="offline")
    nothing = makes.create(brand_id=brand_id, name="Lunch", messaging="offline", email="offline", voice="offline")
    own = {"emails": emails.pk, "nothing": nothing.pk}
    for name in ("online", "away", "offline", *own):
        user_id = people.create(email=f"{name}@x.test", name=name).pk
        status = "offline" if name in own else name
        old.get_model("routing", "Agent").objects.create(user_id=user_id, status=status, custom_status_id=own.get(name))
    agents = migrate(("routing", "0027_who_is_present")).get_model("routing", "Agent").objects
    assert set(agents.filter(is_present=True).values_list("user__name", flat=True)) == {"online", "away", "emails"}


def a_question_of_before_there_were_two_languages_is_still_asked() -> None:
    old = migrate(("routing", "0037_when_what_waits_was_checked"))
    brand_id = old.get_model("conversations", "Brand").objects.values_list("pk", flat=True)[0]
    old.get_model("routing", "Survey").objects.create(brand_id=brand_id, text="어땠나요?", reasons=["느림"])
    new = migrate(("routing", "0038_surveys_in_both_languages"))
    survey = new.get_model("routing", "Survey").objects.get()
    assert (survey.text_en, survey.text_ko, survey.reasons_en, survey.reasons_ko) == ("어땠나요?", "", ["느림"], [])


def chats_and_email_come_back_by_what_was_one_rule() -> None:
    old = migrate(("routing", "0040_silent_work_that_is_given_takes_room"))
    old.get_model("routing", "RoutingConfig").objects.create(
        brand_id=old.get_model("conversations", "Brand").objects.values_list("pk", flat=True)[0],
        reassignment_reopened_statuses=["away"],
        reassignment_agent_statuses=["away", "offline"],
        reassignment_ticket_priorities=[3],
    )
    new = migrate(("routing", "0041_chats_and_email_come_back_by_their_own_rules"))
    config = new.get_model("routing", "RoutingConfig").objects.get()
    assert config.reassignment_reopened_tickets_messaging_statuses == ["away"]
    assert config.reassignment_reopened_tickets_support_statuses == ["away"]
    for name in ("messaging", "support"):
        assert getattr(config, f"reassignment_agent_status_change_{name}_agent_statuses") == ["away", "offline"]
        assert getattr(config, f"reassignment_agent_status_change_{name}_ticket_priorities") == [3]
        assert getattr(config, f"reassignment_agent_status_change_{name}_enabled")
    with connection.cursor() as cursor:
        # As a process of the version before does.
        cursor.execute("SELECT reassignment_reopened_statuses FROM routing_routingconfig")
        assert cursor.fetchone()


def what_was_there_before_is_filled_in_and_old_processes_may_go_on(old: Any) -> None:
    answered, silent = Conversation.objects.order_by("pk")
    assert (answered.last_answer_kind, answered.last_answer_name) == ("agent", "Maya")
    assert (silent.last_answer_kind, silent.last_answer_name) == ("", "")
    assert [each.last_ended_by for each in (answered, silent)] == ["contact", "contact"]
    assert Attachment.objects.get().is_sent
    found = dict(Contact.objects.values_list("name", "verified_email"))
    assert found == {"ada": "a@x.test", "ben": "", "cy": "", "dee": ""}
    survey = Survey.objects.get()
    assert (survey.look, survey.words_en, survey.words_ko) == ("faces", [], [])
    # A process of the version before, still running, knows nothing of the new columns.
    contact = Contact.objects.get(name="cy")
    begun = old.get_model("conversations", "Conversation").objects.create(
        brand_id=contact.brand_id, contact_id=contact.pk, channel_id=answered.channel_id
    )
    assert Conversation.objects.get(pk=begun.pk).last_answer_kind == ""


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("nothing_yet")
def test_rows_of_before_are_as_they_must_be_now() -> None:
    old = migrate(("conversations", "0004_what_nothing_used"))
    rows_of_0004(old)
    of_several_default_groups_the_oldest_stays()
    each_group_gets_an_id_of_its_own_and_so_do_those_that_old_processes_make()
    who_is_offline_for_nothing_but_chats_is_present()
    a_question_of_before_there_were_two_languages_is_still_asked()
    chats_and_email_come_back_by_what_was_one_rule()
    migrate()
    what_was_there_before_is_filled_in_and_old_processes_may_go_on(old)
