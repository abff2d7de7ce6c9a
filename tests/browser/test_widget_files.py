"""Files a visitor sends: progress, stopping, refusal, pictures, dropping and pasting."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Route, expect

from conversations.actions.sessions import end_session
from conversations.events import Actor
from conversations.models import Attachment, Conversation, Message, Session
from tests.browser.aside import aside
from tests.browser.visitor import OpenPage, Site, Visitor

PICTURE = Path(__file__).parent / "picture.png"


@pytest.fixture
def carol(site: Site, open_page: OpenPage) -> Visitor:
    return Visitor(open_page(), site).begin("Hello")


def test_picture_and_text_go_up_in_order(site: Site, carol: Visitor) -> None:
    note: FilePayload = {"name": "notes 한글.txt", "mimeType": "text/plain", "buffer": b"two poles, one bent"}
    picture: FilePayload = {"name": "tent.png", "mimeType": "image/png", "buffer": PICTURE.read_bytes()}
    carol.frame.locator("input[type=file]").set_input_files([picture, note])
    expect(carol.frame.get_by_role("button", name="Enlarge: tent.png")).to_be_visible()
    expect(carol.frame.get_by_role("link", name="Download notes 한글.txt 19 B")).to_be_visible()
    expect(carol.frame.locator(".mw-ups li")).to_have_count(0)
    carol.expect_all_sent()
    kinds = [message.content["type"] for message in Message.objects.order_by("seq")]
    assert kinds == ["text", "image", "file"]


def test_upload_shows_its_progress_and_can_be_stopped(site: Site, carol: Visitor) -> None:
    held: list[Route] = []
    carol.page.context.route("**/client/v1/attachments", lambda route: held.append(route))
    big: FilePayload = {"name": "film.bin", "mimeType": "application/octet-stream", "buffer": b"\x00" * 3_000_000}
    carol.frame.locator("input[type=file]").set_input_files([big])
    row = carol.frame.locator(".mw-ups li")
    expect(row).to_contain_text("film.bin")
    expect(row).to_contain_text("3.0 MB")
    expect(row.get_by_role("progressbar", name="Uploading film.bin")).to_be_visible()
    row.get_by_role("button", name="Stop uploading film.bin").click()
    expect(row).to_have_count(0)
    carol.page.wait_for_timeout(300)
    assert (Attachment.objects.count(), Message.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("page.html", b"<html><script>alert(1)</script>", "Files of this kind are not accepted."),
        ("photo.png", b"not a picture", "This file is not the image its name says."),
        ("empty.txt", b"", "This file is empty."),
    ],
)
def test_refused_file_says_why(site: Site, carol: Visitor, name: str, content: bytes, reason: str) -> None:
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": content}
    carol.frame.locator("input[type=file]").set_input_files([file])
    row = carol.frame.locator(".mw-ups li")
    expect(row.locator(".er")).to_have_text(reason)
    expect(carol.frame.locator("#urgent")).to_contain_text(f"{name}: {reason}")
    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    assert Attachment.objects.count() == 0


def test_only_the_newest_refusal_is_shown_and_goes_with_the_next_message(site: Site, carol: Visitor) -> None:
    files = [FilePayload(name=f"page{n}.html", mimeType="text/html", buffer=b"<html>") for n in range(3)]
    carol.frame.locator("input[type=file]").set_input_files(files)
    rows = carol.frame.locator(".mw-ups li")
    expect(carol.frame.locator("#urgent")).to_contain_text("page2.html: Files of this kind are not accepted.")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("page2.html")
    expect(rows).to_contain_text("Pictures, PDF, documents")
    carol.write("Never mind")
    expect(rows).to_have_count(0)
    carol.frame.locator("input[type=file]").set_input_files(files[:1])
    expect(rows).to_contain_text("Pictures, PDF, documents")  # refused, and no more on its way
    conversation = Conversation.objects.get()
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=Actor.of_user(site.maya)))
    expect(rows).to_have_count(0)


def test_upload_without_network_can_be_tried_again(site: Site, carol: Visitor) -> None:
    carol.page.context.route("**/client/v1/attachments", lambda route: route.abort())
    note: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"two poles"}
    carol.frame.locator("input[type=file]").set_input_files([note])
    again = carol.frame.locator(".mw-ups").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    carol.page.context.unroute("**/client/v1/attachments")
    again.click()
    expect(carol.frame.get_by_role("link", name="Download notes.txt 9 B")).to_be_visible()


@pytest.mark.parametrize(("event", "holder"), [("drop", ".mw-log"), ("paste", "textarea")])
def test_file_is_dropped_or_pasted(site: Site, carol: Visitor, event: str, holder: str) -> None:
    carol.frame.locator(holder).evaluate(
        """(place, [kind, bytes]) => {
            const content = Uint8Array.from(atob(bytes), each => each.charCodeAt(0));
            const file = new File([content], 'tent.png', {type: 'image/png'});
            const given = new DataTransfer();
            given.items.add(file);
            const made = kind === 'drop' ? new DragEvent(kind, {dataTransfer: given, bubbles: true})
                : new ClipboardEvent(kind, {clipboardData: given, bubbles: true});
            place.dispatchEvent(made);
        }""",
        [event, base64.b64encode(PICTURE.read_bytes()).decode()],
    )
    expect(carol.frame.get_by_role("button", name="Enlarge: tent.png")).to_be_visible()


def test_widget_without_files_takes_none(site: Site, open_page: OpenPage) -> None:
    site.widget.may_attach = False
    site.widget.save()
    carol = Visitor(open_page(), site).begin("Hello")
    expect(carol.frame.get_by_role("button", name="Attach a file")).to_have_count(0)
