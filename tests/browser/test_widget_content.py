"""Every kind of content as a visitor meets it."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from conversations.models import Message
from tests.browser.visitor import OpenPage, Site, Visitor

PICTURE = "https://pictures.example/tent.png"
CARDS = {
    "type": "carousel",
    "items": [
        {
            "title": f"Pole set {n}",
            "description": "Free exchange",
            "mediaUrl": PICTURE,
            "actions": [
                {"type": "postback", "text": "Choose", "payload": f"pole:{n}"},
                {"type": "link", "text": "See it", "uri": "https://shop.example/poles"},
            ],
        }
        for n in range(1, 5)
    ],
}
FORM = {
    "type": "form",
    "text": "Three quick questions",
    "fields": [
        {"type": "text", "name": "order", "label": "Order number", "minSize": 4},
        {"type": "email", "name": "email", "label": "Email"},
        {
            "type": "select",
            "name": "reason",
            "label": "What’s wrong",
            "options": [{"name": "bent", "label": "Bent pole"}, {"name": "torn", "label": "Torn cloth"}],
        },
    ],
}


@pytest.fixture
def carol(site: Site, open_page: OpenPage) -> Visitor:
    page = open_page()
    page.context.route(PICTURE, lambda route: route.fulfill(path=Path(__file__).parent / "picture.png"))
    return Visitor(page, site).begin("Hello")


def shown(frame: FrameLocator) -> Any:
    return frame.locator(".mw-m").last


def test_cards_scroll_and_their_buttons_work(carol: Visitor) -> None:
    carol.site.answer(content=CARDS)
    track = carol.frame.locator(".mw-caro")
    expect(track.locator(".mw-item")).to_have_count(4)
    expect(carol.frame.get_by_role("button", name="Previous card")).to_be_hidden()
    following = carol.frame.get_by_role("button", name="Next card")
    arrow, row = following.bounding_box(), track.bounding_box()
    assert arrow and row and arrow["y"] >= row["y"] + row["height"], "An arrow over a card covers its buttons."
    following.click()
    expect(carol.frame.get_by_role("button", name="Previous card")).to_be_visible()
    before = track.evaluate("each => each.scrollLeft")
    track.focus()
    carol.page.keyboard.press("ArrowRight")
    carol.page.wait_for_function(
        "before => document.querySelector('madang-widget').shadowRoot.querySelector('iframe')"
        ".contentDocument.querySelector('.mw-caro').scrollLeft > before",
        arg=before,
    )
    expect(track.get_by_role("link").first).to_have_attribute("rel", "noopener noreferrer")
    track.get_by_role("button", name="Choose").first.click()
    expect(track.locator(".mw-act.done")).to_have_count(1)


def test_quick_replies_go_when_used(carol: Visitor) -> None:
    actions = [{"type": "reply", "text": text, "payload": text.lower()} for text in ("Start an exchange", "Other")]
    carol.site.answer("What shall it be?", content={"type": "text", "text": "What shall it be?", "actions": actions})
    chips = carol.frame.get_by_role("group", name="Suggested answers")
    chips.get_by_role("button", name="Other").click()
    expect(chips).to_be_hidden()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["Hello", "Other"])
    carol.expect_all_sent()
    assert Message.objects.latest("pk").content["payload"] == "other"


def test_blocked_input_waits_for_a_choice(carol: Visitor) -> None:
    content = {
        "type": "text",
        "text": "Which one?",
        "blockChatInput": True,
        "actions": [{"type": "reply", "text": "Both", "payload": "both"}],
    }
    carol.site.answer(content=content)
    expect(carol.frame.locator("textarea")).to_be_hidden()
    carol.frame.get_by_role("button", name="Both").click()
    expect(carol.frame.locator("textarea")).to_be_visible()


def test_form_by_keyboard_with_a_mistake_and_after_a_reload(carol: Visitor) -> None:
    carol.site.answer(content=FORM)
    form, keys = carol.frame.locator(".mw-form"), carol.page.keyboard
    form.get_by_label("Order number").focus()
    keys.type("SP")
    keys.press("Tab")
    keys.type("not an address")
    keys.press("Enter")
    expect(form.get_by_label("Order number")).to_be_focused()
    expect(form.locator(".er:visible")).to_have_text(
        ["At least 4 characters.", "This is not an email address.", "This is needed."]
    )
    keys.press("End")
    keys.type("-20418")
    keys.press("Tab")
    keys.press("Control+a")
    keys.type("carol@shop.example")
    keys.press("Tab")
    keys.type("Torn")
    keys.press("Tab")
    keys.press("Enter")
    answers = ["SP-20418", "carol@shop.example", "Torn cloth"]
    expect(carol.frame.locator(".mw-done dd")).to_have_text(answers)
    carol.expect_all_sent()
    assert Message.objects.get(content__type="form").content["submitted"] is True
    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-done dd")).to_have_text(answers)
    expect(carol.frame.locator(".mw-form")).to_have_count(0)


def test_form_leaves_what_was_asked_after_it_and_shows_its_answers_once(carol: Visitor) -> None:
    carol.site.answer(content=FORM)
    actions = [{"type": "reply", "text": "Call me", "payload": "call"}]
    carol.site.answer(content={"type": "text", "text": "Or shall we call?", "actions": actions})
    form = carol.frame.locator(".mw-form")
    form.get_by_label("Order number").fill("SP-20418")
    form.get_by_label("Email").fill("carol@shop.example")
    form.get_by_label("What’s wrong").select_option("torn")
    form.get_by_role("button", name="Send").click()
    expect(carol.frame.locator(".mw-done dd")).to_have_count(3)
    carol.expect_all_sent()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["Hello"])
    chip = carol.frame.get_by_role("group", name="Suggested answers").get_by_role("button", name="Call me")
    expect(chip).to_be_visible()
    chip.click()
    expect(chip).to_be_hidden()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["Hello", "Call me"])
    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-done dd")).to_have_count(3)
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["Hello", "Call me"])


def test_pictures_open_in_a_dialog_that_keeps_the_focus(carol: Visitor) -> None:
    carol.site.answer(content={"type": "image", "mediaUrl": PICTURE, "altText": "A tent", "text": "Like this?"})
    carol.frame.get_by_role("button", name="Enlarge: A tent").click()
    dialog = carol.frame.get_by_role("dialog", name="A tent")
    expect(dialog.get_by_role("button", name="Close the picture")).to_be_focused()
    for stop in ("Open original", "Close the picture", "Open original"):
        carol.page.keyboard.press("Tab")
        expect(dialog.locator(":focus")).to_have_accessible_name(stop)
    carol.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(carol.frame.get_by_role("button", name="Enlarge: A tent")).to_be_focused()
    expect(carol.frame.locator("textarea")).to_be_visible()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "text", "markdownText": "**Yes**, [here](https://shop.example)"}, "Yes, here"),
        ({"type": "text", "htmlText": "<p>One</p><script>alert(1)</script><b>two</b>"}, "One\n\ntwo"),
        ({"type": "text", "text": "See https://shop.example/a?b=c."}, "See https://shop.example/a?b=c."),
        ({"type": "text", "text": "<b>not bold</b> & co"}, "<b>not bold</b> & co"),
        ({"type": "text", "text": "مرحباً! 20418"}, "مرحباً! 20418"),
        ({"type": "text", "text": "W" * 4096}, "W" * 4096),
        ({"type": "template", "template": {"name": "hello"}}, "This message cannot be shown here."),
    ],
)
def test_words_of_every_kind_stay_in_their_bubble(carol: Visitor, content: dict[str, Any], words: str) -> None:
    carol.site.answer(content=content)
    bubble = carol.frame.locator(".mw-m .mw-b")
    expect(bubble).to_be_visible()
    assert bubble.inner_text().strip() == words
    log = carol.frame.locator(".mw-log")
    assert log.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert bubble.evaluate("each => each.querySelectorAll('script').length") == 0


def test_emoji_alone_are_large(carol: Visitor) -> None:
    carol.site.answer("👩‍💻 👍🏽")
    expect(carol.frame.locator(".mw-m .mw-b.emo")).to_have_text("👩‍💻 👍🏽")
    carol.site.answer("1 👍")
    expect(carol.frame.locator(".mw-m .mw-b").last).not_to_have_class("emo")


def test_lists_prices_places_and_files(carol: Visitor) -> None:
    carol.site.answer(
        content={
            "type": "list",
            "items": [
                {"title": "Mug", "actions": [{"type": "buy", "text": "Mug", "amount": 16000, "currency": "krw"}]},
                {"title": "Chair", "actions": [{"type": "link", "text": "See", "uri": "https://shop.example/chair"}]},
            ],
        }
    )
    expect(carol.frame.locator(".mw-list .mw-act.told")).to_have_text("Mug · ₩16,000")
    carol.site.answer(
        content={
            "type": "location",
            "coordinates": {"lat": 37.54, "long": 127.05},
            "location": {"name": "Seongsu store", "address": "21 Seongsui-ro"},
        }
    )
    place = carol.frame.locator(".mw-file").first
    expect(place).to_contain_text("Seongsu store")
    expect(place).to_have_attribute("href", "https://www.openstreetmap.org/?mlat=37.54&mlon=127.05#map=16/37.54/127.05")
    carol.site.answer(
        content={"type": "file", "mediaUrl": "https://shop.example/%ED%85%90%ED%8A%B8.pdf", "mediaSize": 120000}
    )
    expect(carol.frame.get_by_role("link", name="Download 텐트.pdf 120.0 kB")).to_be_visible()


def test_place_is_shared_when_asked(carol: Visitor) -> None:
    context = carol.page.context
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 37.5, "longitude": 127.0})
    ask = {
        "type": "text",
        "text": "Where are you?",
        "actions": [{"type": "locationRequest", "text": "Share my location"}],
    }
    carol.site.answer(content=ask)
    carol.frame.get_by_role("button", name="Share my location").click()
    expect(carol.frame.locator(".mw-me .mw-file")).to_contain_text("37.5, 127")
    carol.expect_all_sent()
    assert json.loads(json.dumps(Message.objects.latest("pk").content["coordinates"])) == {"lat": 37.5, "long": 127.0}
