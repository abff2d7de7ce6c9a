"""After an ended session the messenger shows the new conversation in place, and its list keeps the old one."""

from playwright.sync_api import expect

from conversations.actions.sessions import end_session
from conversations.events import Actor
from conversations.models import Brand, Conversation, Message, Session
from tests.browser.aside import aside
from tests.browser.visitor import OpenPage, Site, Visitor


def test_new_conversation_takes_the_place_of_the_ended_one(site: Site, open_page: OpenPage) -> None:
    aside(lambda: Brand.objects.update(begins_anew_after_end=True))
    carol = Visitor(open_page(), site).begin("Hello")
    conversation = Conversation.objects.get()
    by = Actor.of_user(site.maya)
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=by))
    expect(carol.frame.locator(".mw-ev")).to_have_text("Sopoong ended the conversation")
    carol.write("Something new")
    carol.expect_all_sent()
    expect(carol.frame.get_by_text("Something new")).to_be_visible()
    expect(carol.frame.get_by_text("Hello")).to_have_count(0)
    site.answer("Welcome back")
    expect(carol.frame.locator(".mw-m .mw-b", has_text="Welcome back")).to_be_visible()
    carol.write("Thanks")
    carol.expect_all_sent()
    found = list(Message.objects.order_by("pk").values_list("conversation__last_seq", "content__text"))
    assert found == [(1, "Hello"), (3, "Something new"), (3, "Welcome back"), (3, "Thanks")]
    carol.frame.get_by_role("button", name="Back").click()
    expect(carol.frame.get_by_role("button", name="Hello")).to_be_visible()
    expect(carol.frame.get_by_role("button", name="Thanks")).to_be_visible()
