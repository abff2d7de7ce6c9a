"""The satisfaction survey: set up in the console, switched in the workspace, answered in the messenger or on a page."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from conversations.actions.sessions import end_session
from conversations.events import SYSTEM
from conversations.models import Brand, Conversation, Message, Session, User
from conversations.tokens import rating_token
from routing.actions.ratings import save_survey
from routing.models import Rating, Survey, Ticket
from tests.browser.aside import aside
from tests.browser.steps import findings, open_row, settle, sign_in
from tests.browser.test_console import sign_in as sign_in_as_admin
from tests.browser.visitor import Site, Visitor
from tests.factories import make_channel, make_visitor, reply, say

Open = Callable[..., Page]
REASONS = {"reasons_en": ["Slow", "Not helpful"], "reasons_ko": ["느렸어요", "도움이 안 됐어요"]}


def ask(brand: Brand, **given: object) -> None:
    survey = Survey(brand=brand, **{"is_on": True, "when": "session_end"} | REASONS | given)
    aside(lambda: save_survey(survey=survey, by=SYSTEM))


def end() -> None:
    """Have the session of the newest conversation end."""
    conversation = Conversation.objects.latest("pk")
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM))
    settle()


def words_of(locale: str) -> dict[str, str]:
    english = {
        "sent": "Sent",
        "ask": "How did we do?",
        "bad": "Bad",
        "good": "Good",
        "great": "Great",
        "very bad": "Very bad",
        "why": "What went wrong?",
        "reason": "Slow",
        "more": "Anything to add? (optional)",
        "send": "Send rating",
        "thanks": "Thank you for your rating.",
        "change": "Change rating",
    }
    korean = {
        "sent": "보냄",
        "ask": "상담은 어떠셨나요?",
        "bad": "나빠요",
        "good": "좋아요",
        "great": "매우 좋아요",
        "very bad": "매우 나빠요",
        "why": "무엇이 아쉬웠나요?",
        "reason": "느렸어요",
        "more": "더 하고 싶은 말이 있나요? (선택)",
        "send": "평가 보내기",
        "thanks": "평가해 주셔서 고맙습니다.",
        "change": "평가 바꾸기",
    }
    return korean if locale.startswith("ko") else english


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_customer_rates_in_the_messenger_thinks_again_and_finds_it_after_a_reload(
    site: Site, open_page: Open, locale: str
) -> None:
    words = words_of(locale)
    ask(site.maya.memberships.get().brand)
    page = open_page(locale=locale)
    carol = Visitor(page, site).open()
    carol.frame.locator("[data-new]").click()
    carol.write("One pole is bent")
    expect(carol.frame.locator(".mw-rc")).to_have_text(words["sent"])
    settle()
    site.answer("A new one is on its way")
    end()
    survey = carol.frame.get_by_role("group", name=words["ask"])
    expect(survey).to_be_visible()
    expect(carol.frame.locator(".mw-ev")).to_have_count(1)
    assert findings(page) == []

    survey.get_by_role("button", name=words["great"], exact=True).press("Enter")
    expect(survey.get_by_role("group", name=words["why"])).to_have_count(0)
    survey.get_by_role("button", name=words["very bad"], exact=True).press("Enter")
    chosen = survey.get_by_role("button", name=words["very bad"], exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_be_focused()
    reason = survey.get_by_role("group", name=words["why"]).get_by_role("button", name=words["reason"])
    reason.click()
    expect(reason).to_have_attribute("aria-pressed", "true")
    survey.get_by_label(words["more"]).fill("It took three days.")
    assert findings(page) == []
    survey.get_by_role("button", name=words["send"]).click()
    expect(survey).to_contain_text(words["thanks"])
    expect(survey).to_contain_text(f"{words['reason']} · It took three days.")
    expect(survey.get_by_role("button", name=words["change"])).to_be_focused()
    assert findings(page) == []
    settle()
    rating = Rating.objects.get()
    assert (rating.score, rating.reasons, rating.comment) == (1, [words["reason"]], "It took three days.")

    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(survey).to_contain_text(words["thanks"])
    survey.get_by_role("button", name=words["change"]).click()
    expect(survey.get_by_label(words["more"])).to_have_value("It took three days.")
    survey.get_by_role("button", name=words["good"], exact=True).click()
    survey.get_by_role("button", name=words["send"]).click()
    expect(survey).to_contain_text(words["thanks"])
    expect(survey).not_to_contain_text(words["reason"])
    settle()
    rating.refresh_from_db()
    assert (rating.score, rating.reasons, rating.comment) == (4, [], "It took three days.")


OWN = {
    "words_en": ["Awful", "Quite all right, all in all", "Lovely"],
    "words_ko": ["별로였어요", "그냥 그랬어요", "최고예요"],
}


@pytest.mark.parametrize(
    ("locale", "given", "shown", "names", "word"),
    [
        (
            "en-US",
            {"scale": 5, "look": "numbers"},
            ["1", "2", "3", "4", "5"],
            ["1 Very bad", "3 Okay", "5 Great"],
            "Great",
        ),
        (
            "ko-KR",
            {"scale": 5, "look": "numbers"},
            ["1", "2", "3", "4", "5"],
            ["2 나빠요", "5 매우 좋아요"],
            "매우 좋아요",
        ),
        ("en-US", {"scale": 2, "look": "words"}, ["Bad", "Good"], ["Bad", "Good"], "Good"),
        (
            "ko-KR",
            {"scale": 5, "look": "words"},
            ["매우 나빠요", "나빠요", "보통이에요", "좋아요", "매우 좋아요"],
            ["보통이에요"],
            "매우 좋아요",
        ),
        ("en-US", {"scale": 3, "look": "words"} | OWN, OWN["words_en"], OWN["words_en"], "Lovely"),
        ("ko-KR", {"scale": 3, "look": "faces"} | OWN, ["", "", ""], OWN["words_ko"], "최고예요"),
    ],
)
def test_points_look_as_the_brand_wants_and_have_names(
    site: Site, open_page: Open, locale: str, given: dict[str, object], shown: list[str], names: list[str], word: str
) -> None:
    ask(site.maya.memberships.get().brand, **given)
    page = open_page(locale=locale, viewport={"width": 360, "height": 740})
    carol = Visitor(page, site).open()
    carol.frame.locator("[data-new]").click()
    carol.write("One pole is bent")
    expect(carol.frame.locator(".mw-rc")).to_have_text(words_of(locale)["sent"])
    settle()
    site.answer("A new one is on its way")
    end()
    survey = carol.frame.get_by_role("group", name=words_of(locale)["ask"])
    points = survey.locator(".mw-faces button")
    expect(points).to_have_count(len(shown))
    seen = [
        each.evaluate("e => [...e.childNodes].map((n) => n.className === 'vh' ? '' : n.textContent).join('')")
        for each in points.all()
    ]
    assert seen == shown
    for name in names:
        expect(survey.get_by_role("button", name=name, exact=True)).to_have_count(1)
    boxes = [each.bounding_box() for each in points.all()]
    assert all(box and box["height"] >= 40 and box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    assert findings(page) == []
    points.last.press("Enter")
    expect(points.last).to_have_attribute("aria-pressed", "true")
    expect(points.last).to_be_focused()
    assert findings(page) == []
    survey.get_by_role("button", name=words_of(locale)["send"]).click()
    expect(survey.locator(".mw-rated")).to_contain_text(word)
    assert findings(page) == []
    settle()
    assert Rating.objects.get().score == len(shown)


def test_rating_that_is_not_taken_in_says_so_and_is_kept(site: Site, open_page: Open) -> None:
    ask(site.maya.memberships.get().brand, scale=2)
    page = open_page(viewport={"width": 390, "height": 780})
    carol = Visitor(page, site).begin("One pole is bent")
    settle()
    site.answer("A new one is on its way")
    end()
    survey = carol.frame.get_by_role("group", name="How did we do?")
    expect(survey.locator(".mw-faces button")).to_have_count(2)
    survey.get_by_role("button", name="Bad", exact=True).click()
    survey.get_by_label("Anything to add? (optional)").fill("Late")
    page.context.route("**/client/v1/**", lambda route: route.abort(), times=1)
    survey.get_by_role("button", name="Send rating").click()
    expect(survey.get_by_role("alert")).not_to_be_empty()
    expect(survey.get_by_label("Anything to add? (optional)")).to_have_value("Late")
    assert findings(page) == []
    page.context.unroute("**/client/v1/**")
    survey.get_by_role("button", name="Send rating").click()
    expect(survey).to_contain_text("Thank you for your rating.")
    box = survey.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_customer_rates_on_a_page_without_a_script(live: str, site: Site, open_page: Open, locale: str) -> None:
    words = words_of(locale)

    def work() -> None:
        brand = site.maya.memberships.get().brand
        visitor = make_visitor(make_channel(brand), name="Carol", locale=locale)
        conversation = say(visitor, "One pole is bent").message.conversation
        reply(conversation, site.maya, "A new one is on its way")

    aside(work)
    ask(site.maya.memberships.get().brand)
    settle()
    end()
    message = Message.objects.get(content__type="rating")
    address = f"{live}{reverse('rate', args=[rating_token(message.public_id)])}"

    page = open_page(locale=locale, java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto(address)
    expect(page.locator("h1")).to_have_text(words["ask"])
    page.get_by_role("radio", name=words["bad"], exact=True).check()
    page.get_by_role("checkbox", name=words["reason"]).check()
    page.get_by_label(words["more"]).fill("Three days")
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_role("status")).to_have_text(words["thanks"])
    page.get_by_role("radio", name=words["great"], exact=True).check()
    page.get_by_role("button", name=words["change"]).click()
    expect(page.get_by_role("status")).to_have_text(words["thanks"])
    settle()
    rating = Rating.objects.get()
    assert (rating.score, rating.reasons, rating.comment) == (5, [], "Three days")

    scanned = open_page(locale=locale, viewport={"width": 360, "height": 740})
    scanned.goto(address)
    expect(scanned.locator("html")).to_have_attribute("lang", locale[:2])
    expect(scanned.get_by_role("radio", name=words["great"], exact=True)).to_be_checked()
    assert findings(scanned) == []
    assert scanned.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("locale", "off", "will", "on", "will_not"),
    [
        ("en-US", "Do not ask", "when the session ends.", "Ask after all", "will not be asked"),
        ("ko-KR", "요청하지 않기", "상담이 끝나면", "다시 요청하기", "요청하지 않아요"),
    ],
)
def test_agent_switches_the_question_off_and_reads_what_was_said(
    shop: str, open_page: Open, locale: str, off: str, will: str, on: str, will_not: str
) -> None:
    ask(Brand.objects.get(slug="demo"))
    page = open_page(locale=locale)
    sign_in(page, shop)
    open_row(page, "Maya")
    panel = page.locator("[data-section=rating]")
    expect(panel).to_contain_text(will)
    assert findings(page) == []
    panel.get_by_role("button", name=off).press("Enter")
    expect(panel).to_contain_text(will_not)
    expect(panel.get_by_role("button", name=on)).to_be_focused()
    assert not Ticket.objects.get(conversation__contact__name="Maya Okafor").asks_rating
    panel.get_by_role("button", name=on).click()
    expect(panel).to_contain_text(will)

    conversation = Conversation.objects.get(contact__name="Maya Okafor")
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM))
    settle()
    expect(panel.get_by_role("button")).to_have_count(0)
    assert findings(page) == []
    message = Message.objects.get(content__type="rating")
    given = open_page(java_script_enabled=False)
    given.goto(f"{shop}{reverse('rate', args=[rating_token(message.public_id)])}")
    given.get_by_role("radio").nth(0).check()
    given.get_by_role("checkbox").nth(0).check()
    given.locator("#rate-comment").fill("Three days")
    given.locator("button.primary").click()
    settle()
    expect(panel).to_contain_text("Three days")
    expect(panel).to_contain_text("1/5")
    expect(panel).to_contain_text("매우 나빠요" if locale == "ko-KR" else "Very bad")
    expect(panel.locator(".m-chip")).to_have_text("Slow")
    assert findings(page) == []


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_survey_is_set_up_in_the_console_in_both_languages(shop: str, open_page: Open, locale: str) -> None:
    aside(lambda: User.objects.filter(email="admin@demo.test").update(locale=locale[:2]))
    page = open_page(locale=locale)
    sign_in_as_admin(page, shop)
    page.goto(f"{shop}/admin/routing/survey/add/")
    page.check("#id_is_on")
    page.select_option("#id_scale", "3")
    page.select_option("#id_look", "words")
    page.fill("#id_words_en", "Awful\nAll right\nLovely")
    page.fill("#id_text_en", "How was it?")
    page.fill("#id_text_ko", "어떠셨나요?")
    page.fill("#id_reasons_en", "Slow\n\nRude\n")
    page.fill("#id_reasons_ko", "\n".join(["이유"] * 2 + [f"이유 {n}" for n in range(10)]))
    assert findings(page) == []
    page.click("button.primary[name=_save]")
    expect(page.locator(".errorlist, .field-reasons_ko .m-err").first).to_contain_text("10")
    expect(page.locator("#id_text_en")).to_have_value("How was it?")
    assert findings(page) == []
    page.fill("#id_reasons_ko", "느렸어요\n불친절했어요")
    page.fill("#id_words_en", "Awful\nLovely")
    page.click("button.primary[name=_save]")
    expect(page.locator(".errorlist, .field-words_en .m-err").first).to_contain_text("3")
    assert findings(page) == []
    page.fill("#id_words_en", "Awful\nAll right\nLovely")
    page.click("button.primary[name=_save]")
    expect(page.locator(".messagelist")).to_be_visible()
    assert findings(page) == []
    survey = Survey.objects.get()
    assert (survey.is_on, survey.scale, survey.text_en, survey.text_ko) == (True, 3, "How was it?", "어떠셨나요?")
    assert (survey.look, survey.words_en, survey.words_ko) == ("words", ["Awful", "All right", "Lovely"], [])
    assert (survey.reasons_en, survey.reasons_ko) == (["Slow", "Rude"], ["느렸어요", "불친절했어요"])
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("#id_reasons_ko")).to_have_value("느렸어요\n불친절했어요")
    assert findings(page) == []
    page.set_viewport_size({"width": 390, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
