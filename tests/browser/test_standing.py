"""A visitor who waits: place in line, then who is here; and silence, which is reminded of and ends the session."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from conversations.events import SYSTEM
from conversations.models import Channel
from routing.actions import sessions, standings
from routing.actions.agents import agent_of
from routing.actions.tickets import assign_ticket
from routing.decide.sessions import Reminder
from routing.models import SessionSettings, Ticket
from tests.browser.aside import aside
from tests.browser.steps import findings, settle
from tests.browser.visitor import OpenPage, Site, Visitor
from tests.factories import make_user, make_visitor, say


def set_up(site: Site, **given: object) -> None:
    settings = SessionSettings(brand=site.widget.channel.brand, tells_position=True, **given)
    aside(lambda: sessions.save_session_settings(settings=settings, by=SYSTEM))


def settle_all() -> None:
    settle()
    settle()


def give(ticket: Ticket, site: Site) -> None:
    aside(lambda: assign_ticket(ticket=ticket, agent=agent_of(site.maya), by=SYSTEM))
    settle_all()
    aside(lambda: standings.tell_lines(timezone.now()))


def test_visitor_sees_their_place_and_then_who_is_here(site: Site, open_page: OpenPage) -> None:
    set_up(site)
    channel = Channel.objects.get()
    aside(lambda: say(make_visitor(channel), "I was here first."))
    carol = Visitor(open_page(), site).begin("Hello")
    settle_all()
    line = carol.frame.locator(".mw-stand")
    expect(line).to_have_text("You are number 2 in line")
    assert findings(carol.page) == []
    first, own = Ticket.objects.order_by("pk")
    give(first, site)
    expect(line).to_have_text("You are number 1 in line")
    carol.page.reload()
    carol.page.wait_for_function("typeof window.madang === 'function'")
    carol.page.evaluate("madang('open')")
    carol.frame.locator(".mw-row", has_text="Hello").first.click()
    expect(line).to_have_text("You are number 1 in line")
    give(own, site)
    expect(line).to_have_text("Maya is here")


def test_visitor_who_falls_silent_is_reminded_and_the_session_ends(site: Site, open_page: OpenPage) -> None:
    last = Reminder(60, "We close this for now.", status="solved", ends_session=True)
    settings = SessionSettings(brand=site.widget.channel.brand)
    settings.chain = [Reminder(5, "Are you still there?"), last]
    aside(lambda: sessions.save_session_settings(settings=settings, by=SYSTEM))
    carol = Visitor(open_page(), site).begin("Hello")
    settle_all()
    site.answer("Which pole is it?")
    settle_all()
    now = timezone.now()
    aside(lambda: sessions.remind_silent(now + timedelta(minutes=6)))
    expect(carol.frame.locator(".mw-ev")).to_have_text("Are you still there?")
    aside(lambda: sessions.remind_silent(now + timedelta(minutes=67)))
    expect(carol.frame.locator(".mw-ev").last).to_have_text("The conversation has ended")
    expect(carol.frame.locator("textarea")).to_have_attribute("placeholder", "Write to start again")
    assert Ticket.objects.get().status == "solved"
    assert findings(carol.page) == []
    carol.write("I am back")
    carol.expect_all_sent()
    settle_all()
    assert Ticket.objects.get().status == "open"


def test_head_of_a_thread_names_who_has_it_now(site: Site, open_page: OpenPage) -> None:
    set_up(site)
    carol = Visitor(open_page(), site).begin("Hello")
    settle_all()
    give(Ticket.objects.get(), site)
    site.answer("Hi, Maya here")
    head = carol.frame.locator(".mw-h h1")
    expect(head).to_have_text("Maya")

    def pass_on() -> None:
        tom = agent_of(make_user("tom", site.widget.channel.brand))
        assign_ticket(ticket=Ticket.objects.get(), agent=tom, by=SYSTEM)

    aside(pass_on)
    settle_all()
    expect(head).to_have_text("Tom")
