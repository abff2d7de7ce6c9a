"""Files of macros: who attaches which, that they stay, who sends them, and that they go with the macro."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions.attachments import UNSENT_KEPT, drop_unsent, store_upload
from conversations.events import SYSTEM
from conversations.models import Attachment, Conversation, Event, Message, Role, User
from routing.actions.macros import delete_macro, save_macro
from routing.errors import InvalidChange
from routing.models import Macro
from routing.queries.macros import files_of, files_to_attach
from tests.business.calling import app_of, system
from tests.factories import make_brand, make_channel, make_user, make_visitor, say, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(db: None) -> Conversation:
    return say(make_visitor(make_channel(make_brand()), name="Carol"), "How do I pitch it?").message.conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def ada(conversation: Conversation) -> User:
    return make_user("ada", conversation.brand, role=Role.ADMIN)


def client_of(user: User) -> Client:
    return signed_in(user)


def uploaded(user: User | None, conversation: Conversation, name: str = "guide.txt") -> Attachment:
    return store_upload(brand=conversation.brand, file=SimpleUploadedFile(name, b"Pitch it flat."), user=user)


def macro_with(conversation: Conversation, *files: Attachment, **fields: Any) -> Macro:
    macro = Macro(**{"brand": conversation.brand, "name": "Guide", "text": "Here it is.", **fields})
    return save_macro(macro=macro, files=files, by=SYSTEM)


def use(user: User, macro: Macro, conversation: Conversation) -> Any:
    address = reverse("routing:use_macro", args=[macro.public_id, conversation.public_id])
    return client_of(user).post(address, headers=HTMX).json()


def send(user: User, conversation: Conversation, file: str) -> int:
    given = {"text": "", "attachment": file, "client_id": f"sent-by-{user.pk}"}
    return client_of(user).post(reverse("conversations:post", args=[conversation.public_id]), given).status_code


def test_everybody_of_the_brand_gets_and_sends_the_files_of_a_shared_one(
    conversation: Conversation, alice: User, ada: User
) -> None:
    first, second = uploaded(ada, conversation, "b.txt"), uploaded(ada, conversation, "a.txt")
    answer = use(alice, macro_with(conversation, first, second), conversation)
    assert [(each["id"], each["name"]) for each in answer["files"]] == [
        (first.public_id, "b.txt"),
        (second.public_id, "a.txt"),
    ]
    assert send(alice, conversation, first.public_id) == 201
    said = Message.objects.get(author_user=alice)
    assert (said.content["type"], said.content["mediaUrl"]) == ("file", first.path)


def test_files_of_ones_own_macro_and_of_another_brand_are_nobody_elses(
    conversation: Conversation, alice: User, ada: User
) -> None:
    own = macro_with(conversation, uploaded(alice, conversation), owner=alice)
    elsewhere = say(make_visitor(make_channel(make_brand("other")), "erins-browser-0001"), "Hi").message.conversation
    shared = macro_with(elsewhere, uploaded(None, elsewhere), brand=elsewhere.brand)
    assert send(ada, conversation, files_of(own)[0].public_id) == 404
    assert send(ada, conversation, files_of(shared)[0].public_id) == 404
    assert send(alice, conversation, files_of(own)[0].public_id) == 201


def test_files_stay_as_long_as_their_macro_and_go_a_month_after_it(conversation: Conversation, ada: User) -> None:
    files = [uploaded(ada, conversation, f"{n}.txt") for n in range(3)]
    macro = macro_with(conversation, *files)
    with time_machine.travel(timezone.now() + 2 * UNSENT_KEPT, tick=False):
        assert drop_unsent() == 0
        save_macro(macro=macro, files=files[1:], fields=["files"], by=SYSTEM)
        assert drop_unsent() == 0
    with time_machine.travel(timezone.now() + 3 * UNSENT_KEPT + timedelta(hours=1), tick=False):
        assert drop_unsent() == 1
        delete_macro(macro=macro, by=SYSTEM)
        assert drop_unsent() == 0
    with time_machine.travel(timezone.now() + 4 * UNSENT_KEPT + timedelta(hours=2), tick=False):
        assert drop_unsent() == 2


def test_what_was_sent_stays_when_its_macro_goes(conversation: Conversation, alice: User, ada: User) -> None:
    macro = macro_with(conversation, uploaded(ada, conversation))
    assert send(alice, conversation, files_of(macro)[0].public_id) == 201
    delete_macro(macro=macro, by=SYSTEM)
    with time_machine.travel(timezone.now() + 2 * UNSENT_KEPT, tick=False):
        assert drop_unsent() == 0


@pytest.mark.parametrize("whose", ["another person's", "the customer's", "another macro's", "another brand's", "gone"])
def test_only_ones_own_uploads_can_be_attached(conversation: Conversation, alice: User, ada: User, whose: str) -> None:
    file = uploaded(alice if whose == "another person's" else ada, conversation)
    if whose == "the customer's":
        Attachment.objects.update(contact=conversation.contact, user=None)
    elif whose == "another macro's":
        macro_with(conversation, file)
    elif whose == "another brand's":
        Attachment.objects.update(brand=make_brand("other"))
    elif whose == "gone":
        Attachment.objects.all().delete()
    for user in (ada, None) if whose == "the customer's" else (ada,):
        with pytest.raises(InvalidChange) as refused:
            files_to_attach(Macro(brand=conversation.brand), [file.public_id], user)
        assert refused.value.field == "files"


def test_five_files_and_no_sixth(conversation: Conversation, ada: User) -> None:
    files = [uploaded(ada, conversation) for _ in range(6)]
    for refuses in (
        lambda: macro_with(conversation, *files),
        lambda: files_to_attach(Macro(brand=conversation.brand), [file.public_id for file in files], ada),
    ):
        with pytest.raises(InvalidChange) as refused:
            refuses()
        assert (refused.value.field, refused.value.limit) == ("files", 5)
    assert len(files_of(macro_with(conversation, *files[:5]))) == 5


def test_file_that_goes_while_it_is_attached_changes_nothing(conversation: Conversation, ada: User) -> None:
    file = uploaded(ada, conversation)
    Attachment.objects.all().delete()
    with pytest.raises(InvalidChange) as refused:
        macro_with(conversation, file)
    assert (refused.value.field, Macro.objects.count()) == ("files", 0)


def test_agent_attaches_removes_and_keeps_files_of_their_own(conversation: Conversation, alice: User) -> None:
    page = client_of(alice)
    given = {"brand": conversation.brand_id, "file": SimpleUploadedFile("guide.txt", b"Pitch it flat.")}
    kept = page.post("/workspace/macros/file/", given, headers=HTMX)
    assert kept.status_code == 201 and kept.json()["name"] == "guide.txt"
    refused = {"brand": conversation.brand_id, "file": SimpleUploadedFile("run.exe", b"MZ")}
    assert page.post("/workspace/macros/file/", refused, headers=HTMX).json()["error"]["title"]
    page.post("/workspace/macros/", {"name": "Guide", "files": [kept.json()["id"]]}, headers=HTMX)
    macro = Macro.objects.get()
    assert [file.name for file in files_of(macro)] == ["guide.txt"]
    shown = page.get(f"/workspace/parts/own-macros/?edit={macro.public_id}", headers=HTMX).content.decode()
    assert "guide.txt" in shown and kept.json()["id"] in shown
    wrong = page.post(
        f"/workspace/macros/{macro.public_id}/",
        {"name": "Guide", "text": "{{x}}", "files": [kept.json()["id"]]},
        headers=HTMX,
    )
    assert wrong.status_code == 422 and kept.json()["id"] in wrong.content.decode()
    page.post(f"/workspace/macros/{macro.public_id}/", {"name": "Guide", "text": "Bare."}, headers=HTMX)
    assert files_of(macro) == [] and Attachment.objects.get().kept_for == ""


def test_admin_attaches_files_and_the_trail_says_which(conversation: Conversation, ada: User) -> None:
    console = client_of(ada)
    given = {"brand": conversation.brand_id, "file": SimpleUploadedFile("guide.txt", b"Pitch it flat.")}
    kept = console.post(reverse("admin:routing_macro_upload"), given).json()["id"]
    form = {"brand": conversation.brand_id, "name": "Guide", "text": "", "files": [kept]}
    console.post(reverse("admin:routing_macro_add"), form)
    macro = Macro.objects.get()
    assert [file.public_id for file in files_of(macro)] == [kept]
    change = reverse("admin:routing_macro_change", args=[macro.pk])
    assert "guide.txt" in console.get(change).content.decode()
    other = make_user("adam", conversation.brand, role=Role.ADMIN)
    client_of(other).post(change, form | {"name": "The guide"})
    assert [file.public_id for file in files_of(macro)] == [kept]
    refused = console.post(change, form | {"files": [uploaded(other, conversation).public_id]})
    assert "files" in refused.context["adminform"].form.errors
    console.post(change, form | {"files": [], "text": "Bare."})
    fact = Event.objects.filter(type="configuration.changed").order_by("-pk")[0]
    assert {"field": "files", "before": "guide.txt", "after": ""} in fact.payload["changes"]


def test_console_takes_no_file_for_another_brand(conversation: Conversation, ada: User) -> None:
    given = {"brand": make_brand("other").pk, "file": SimpleUploadedFile("guide.txt", b"Pitch it flat.")}
    assert client_of(ada).post(reverse("admin:routing_macro_upload"), given).status_code == 404
    assert client_of(ada).get(reverse("admin:routing_macro_upload")).status_code == 404
    alice = make_user("alice", conversation.brand)
    given["brand"] = conversation.brand_id
    assert client_of(alice).post(reverse("admin:routing_macro_upload"), given).status_code in {302, 403, 404}
    assert not Attachment.objects.exists()


def test_systems_and_apps_attach_what_they_uploaded(conversation: Conversation, alice: User) -> None:
    shop, app = system(conversation.brand), app_of(alice)
    by_system, by_alice = uploaded(None, conversation, "a.txt"), uploaded(alice, conversation, "b.txt")
    body = {"name": "Guide", "files": [by_system.public_id]}
    made = shop.call("POST", "/macros", body, 201)["macro"]
    assert [(file["id"], file["name"], file["size"]) for file in made["files"]] == [(by_system.public_id, "a.txt", 14)]
    told = shop.call("POST", "/macros", {"name": "Hers", "files": [by_alice.public_id]}, 400)
    assert told["errors"][0]["source"] == "files" if "errors" in told else "files" in str(told)
    own = app.call("POST", "/macros", {"name": "Hers", "is_own": True, "files": [by_alice.public_id]}, 201)["macro"]
    changed = app.call("PATCH", f"/macros/{own['id']}", {"text": "Bare.", "files": []})["macro"]
    assert changed["files"] == []
    renamed = shop.call("PATCH", f"/macros/{made['id']}", {"name": "The guide"})["macro"]
    assert renamed["files"] == made["files"]


def test_menu_and_lists_cost_the_same_with_many_files(conversation: Conversation, alice: User) -> None:
    page, app = client_of(alice), app_of(alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            for address in (reverse("routing:macros", args=[conversation.public_id]), reverse("routing:own_macros")):
                assert page.get(address, headers=HTMX).status_code == 200
            app.call("GET", "/macros")
        return len(counted)

    macro_with(conversation, uploaded(alice, conversation), owner=alice)
    cost()
    few = cost()
    for n in range(12):
        files = [uploaded(alice, conversation, f"{n}-{m}.txt") for m in range(2)]
        macro_with(conversation, *files, owner=alice if n % 2 else None)
    assert cost() == few
