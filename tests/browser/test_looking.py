"""Who else looks at a conversation, or writes in it, as the rows of lists show it."""

import json

import pytest
from playwright.sync_api import Page, expect

from routing.models import Ticket
from tests.browser.steps import AgentWire, Open, findings, open_row, sign_in

KEEP = """
window.seen = [];
document.body.addEventListener('looking', ({ detail }) => window.seen.push(...Object.keys(detail.looking)));
"""


def signed_in(open_page: Open, shop: str, email: str = "agent@demo.test", **wishes: object) -> Page:
    page = open_page(**wishes)
    sign_in(page, shop, email)
    page.goto(f"{shop}/workspace/inbox/open/")
    expect(page.locator("[data-row]").first).to_be_visible()
    return page


def public_id(name: str) -> str:
    return Ticket.objects.get(conversation__contact__name=name).conversation.public_id


def test_rows_show_who_looks_and_who_writes(shop: str, open_page: Open) -> None:
    yoonseo = open_page()
    sent: list[str] = []
    yoonseo.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    sign_in(yoonseo, shop)
    yoonseo.goto(f"{shop}/workspace/inbox/open/")
    jiho = signed_in(open_page, shop, "jiho@demo.test")
    eye = yoonseo.locator(f"[data-row='{public_id('Maya Okafor')}'] .lk")
    open_row(jiho, "Maya")
    expect(eye).to_have_attribute("title", "Jiho Park is looking at it")
    expect(yoonseo.get_by_role("link", name="Jiho Park is looking at it")).to_have_count(1)
    assert findings(yoonseo) == []
    jiho.locator("#reply").press_sequentially("I think")
    expect(eye).to_have_attribute("title", "Jiho Park is writing in it")
    # It stays while the list is fetched anew, and asks nothing once more for the same rows.
    lists = len([frame for frame in sent if '"list"' in frame])
    with yoonseo.expect_response(lambda answer: "?rows=" in answer.url):
        yoonseo.evaluate("document.body.dispatchEvent(new CustomEvent('inbox-changed'))")
    expect(eye).to_have_attribute("title", "Jiho Park is writing in it")
    assert len([frame for frame in sent if '"list"' in frame]) == lists
    # Another list and back: the one that loads later asks once.
    yoonseo.locator("#views [data-view=snoozed]").click()
    expect(eye).to_have_count(0)
    yoonseo.locator("#views [data-view=open]").click()
    expect(eye).to_have_attribute("title", "Jiho Park is writing in it")
    jiho.goto(f"{shop}/workspace/inbox/mine/")
    expect(eye).to_have_count(0)
    assert jiho.locator(".lk").count() == 0


def test_rows_that_are_only_passed_by_stay_as_they_are(shop: str, open_page: Open) -> None:
    yoonseo, jiho = signed_in(open_page, shop), signed_in(open_page, shop, "jiho@demo.test")
    yoonseo.evaluate(KEEP)
    for name in ("Maya", "Kenta", "Lucía"):
        jiho.locator("[data-row]", has_text=name).click()
        jiho.wait_for_timeout(300)
    last = public_id("Lucía Torres")
    expect(yoonseo.locator(f"[data-row='{last}'] .lk")).to_be_visible()
    yoonseo.wait_for_timeout(1200)
    expect(yoonseo.locator(".lk")).to_have_count(1)
    assert json.loads(yoonseo.evaluate("JSON.stringify(window.seen)")) == [f"conversation-{last}"]


def test_a_lost_line_shows_nobody_and_a_new_one_asks_anew(shop: str, open_page: Open) -> None:
    yoonseo, jiho = open_page(), signed_in(open_page, shop, "jiho@demo.test")
    wire = AgentWire(yoonseo)
    sign_in(yoonseo, shop)
    yoonseo.goto(f"{shop}/workspace/inbox/open/")
    open_row(jiho, "Maya")
    eye = yoonseo.locator(f"[data-row='{public_id('Maya Okafor')}'] .lk")
    expect(eye).to_be_visible()
    wire.cut()
    expect(eye).to_have_count(0)
    wire.mend()
    expect(eye).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_eye_in_korean_on_a_phone(shop: str, open_page: Open, scheme: str) -> None:
    phone = signed_in(open_page, shop, locale="ko-KR", viewport={"width": 360, "height": 740}, color_scheme=scheme)
    jiho = signed_in(open_page, shop, "jiho@demo.test")
    open_row(jiho, "Maya")
    eye = phone.locator(f"[data-row='{public_id('Maya Okafor')}'] .lk")
    expect(eye).to_have_attribute("title", "Jiho Park 님이 보고 있어요")
    place = eye.bounding_box()
    assert place and place["x"] > 0 and place["x"] + place["width"] < 360
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert findings(phone) == []
