"""Blocking, seen from both sides: the agent blocks and lets write again; the visitor stays calm."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from conversations.actions.blocking import block, lift
from conversations.actions.standings import tell_agent
from conversations.events import SYSTEM
from conversations.models import Block, Contact, Conversation, Message
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, open_row, sign_in
from tests.browser.visitor import OpenPage, Site, Visitor, Wire

CALM = "This conversation is closed."


def shut_out(**given: object) -> None:
    contact = Contact.objects.select_related("brand").latest("pk")
    aside(lambda: block(brand=contact.brand, kind="contact", contact=contact, by=SYSTEM, **given))  # type: ignore[arg-type]


def test_blocked_visitor_reads_on_calmly(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    wire = Wire(page)
    carol = Visitor(page, site).begin("Hello")
    site.answer("Hi there")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("Hi there")
    connections = wire.connections
    shut_out(expires_at=timezone.now() + timedelta(hours=1))
    expect(carol.frame.locator(".mw-blk")).to_have_text(CALM)
    expect(carol.frame.locator("textarea")).to_be_hidden()
    page.wait_for_timeout(3500)
    assert wire.connections == connections
    expect(carol.frame.locator(".mw-bn:visible")).to_have_count(0)
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("Hi there")
    refusals: list[int] = []
    page.on("response", lambda answer: refusals.append(answer.status) if answer.status >= 400 else None)
    carol.open()
    carol.frame.locator(".mw-row", has_text="Hi there").click()
    expect(carol.frame.locator(".mw-blk")).to_have_text(CALM)
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("Hi there")
    page.wait_for_timeout(1500)
    assert refusals == [] and wire.connections == connections
    assert findings(page) == []


def test_lift_reaches_a_widget_that_is_open(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    carol = Visitor(page, site).begin("Hello")
    site.answer("Hi there")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("Hi there")
    aside(lambda: tell_agent(conversation=Conversation.objects.get(), name="Maya"))
    expect(carol.frame.locator(".mw-stand")).to_contain_text("Maya")
    shut_out()
    expect(carol.frame.locator(".mw-blk")).to_have_text(CALM)
    # Nobody is with whom may not write.
    expect(carol.frame.locator(".mw-stand")).to_have_text("")
    page.clock.fast_forward(31_000)
    expect(carol.frame.locator(".mw-blk")).to_have_text(CALM)
    aside(lambda: lift(block=Block.objects.get(), by=SYSTEM))
    site.answer("Write again")
    page.clock.fast_forward(31_000)
    expect(carol.frame.locator("textarea")).to_be_visible()
    expect(carol.frame.locator(".mw-blk")).to_be_hidden()
    expect(carol.frame.locator(".mw-m .mw-b").last).to_have_text("Write again")
    carol.write("Thank you")
    carol.expect_all_sent()


def test_words_on_their_way_cause_no_alarm(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.context.route_web_socket("**/ws/client/", lambda socket: socket.close(code=1013))
    carol = Visitor(page, site).begin("Hello")
    shut_out()
    carol.frame.locator("textarea").fill("Anyone?")
    carol.frame.locator(".mw-snd").click()
    expect(carol.frame.locator(".mw-blk")).to_have_text(CALM)
    expect(carol.frame.locator(".mw-rc.fail")).to_have_count(0)
    assert Message.objects.count() == 1


def test_agent_blocks_undoes_and_unblocks(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    page.locator("#ct-more summary").click()
    page.locator("#ct-block").click()
    form = page.locator("#block-form")
    expect(form).to_be_visible()
    expect(form.get_by_label("This customer")).to_be_focused()
    assert findings(page) == []
    form.get_by_label("How long").select_option("1")
    form.get_by_label("Reason, for your team").fill("Spam")
    page.locator("#block-yes").click()
    expect(page.locator("#toasts")).to_contain_text("Maya Okafor is blocked.")
    expect(form).to_be_hidden()
    banner = page.locator("#blocked .m-banner")
    expect(banner).to_contain_text("This customer is blocked.")
    expect(banner).to_contain_text("Spam")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(banner).to_have_count(0)
    page.locator("#ct-more summary").click()
    page.locator("#ct-block").click()
    page.locator("#block-yes").click()
    expect(banner).to_be_visible()
    assert findings(page) == []
    banner.get_by_role("button", name="Unblock").click()
    expect(page.locator("#toasts")).to_contain_text("Maya Okafor may write again.")
    expect(banner).to_have_count(0)
    assert not Block.objects.filter(lifted_at=None).exists()
