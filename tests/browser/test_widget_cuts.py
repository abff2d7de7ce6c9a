"""The real messenger through a thousand cuts of its socket, while visitor and agent both write."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Frame, expect

from conversations.models import Conversation, Message
from tests.browser.visitor import OpenPage, Site, Visitor, Wire
from tests.factories import reply

CUTS = 1000
SEED = 20418
WRITES_PER_CUT = 0.15


@pytest.mark.timeout(420)
def test_what_is_shown_after_a_thousand_cuts_is_what_is_stored(site: Site, open_page: OpenPage) -> None:
    chance = random.Random(SEED)
    page = open_page()
    wire = Wire(page)
    carol = Visitor(page, site).begin("begin")
    frame = next(each for each in page.frames if "/widget/" in each.url)
    conversation = Conversation.objects.get()
    business = ThreadPoolExecutor(1)
    cuts = written = 0

    def answer(text: str, audience: str) -> None:
        reply(conversation, site.maya, text, audience=audience)

    while cuts < CUTS:
        if chance.random() < WRITES_PER_CUT:
            written += 1
            write(frame, f"carol {written}")
        if chance.random() < WRITES_PER_CUT:
            written += 1
            # Notes take a seq and never come: a hole that is no loss.
            audience = Message.Audience.INTERNAL if chance.random() < 0.1 else Message.Audience.PUBLIC
            business.submit(answer, f"maya {written}", audience)
        cuts += wire.cut()
        # At once or in the middle of the next connection's beginnings: dead at any point of hello, replay and sends.
        frame.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(chance.choice((0, 0, 5, 20)))
    business.submit(lambda: connection.close()).result()
    business.shutdown()
    frame.evaluate("dispatchEvent(new Event('online'))")
    expect(carol.frame.locator(".mw-b.pend")).to_have_count(0, timeout=60_000)
    public = Message.objects.filter(audience=Message.Audience.PUBLIC).order_by("seq")
    stored = [message.content["text"] for message in public]
    bubbles = carol.frame.locator(".mw-m .mw-b, .mw-me .mw-b")
    # What was lost last of all shows with the next ping, 25 s later at most.
    expect(bubbles).to_have_count(len(stored), timeout=60_000)
    assert bubbles.all_inner_texts() == stored
    assert len(set(stored)) == len(stored) > CUTS * WRITES_PER_CUT
    assert Conversation.objects.count() == 1


def write(frame: Frame, text: str) -> None:
    """Type and send at one blow, as the form hears it."""
    frame.evaluate(
        """text => {
            const box = document.querySelector('textarea');
            box.value = text;
            box.dispatchEvent(new Event('input'));
            box.form.requestSubmit();
        }""",
        text,
    )
