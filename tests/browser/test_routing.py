"""Two agents at work: status, offers, the next one, passing on, and why."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from conversations.events import SYSTEM
from conversations.models import Brand, Conversation, User
from routing.actions import assignment
from routing.actions.agents import agent_of
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import set_status
from routing.models import Agent, CapacityRule, CustomStatus, Offer, RoutingConfig, Ticket
from routing.tasks import sweep
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, newcomer, settle, sign_in
from tests.routing.cast import configure

YOONSEO, JIHO = "agent@demo.test", "jiho@demo.test"


def agent(email: str) -> Agent:
    return agent_of(User.objects.get(email=email))


def prepare(**config: object) -> Brand:
    """Have the demo brand offer chats, with nothing waiting, and Yoonseo and Jiho online."""

    def work() -> None:
        brand = Brand.objects.get(slug="demo")
        configure(brand, auto_accept_messaging_enabled=False, **config)
        for ticket in Ticket.objects.filter(is_open=True):
            set_status(ticket=ticket, status="solved", by=SYSTEM)
        for each in Agent.objects.all():
            status = "online" if each.user.email in {YOONSEO, JIHO} else "offline"
            set_agent_status(agent=each, status=status, by=SYSTEM)

    aside(work)
    settle()
    return Brand.objects.get(slug="demo")


def assign() -> None:
    aside(lambda: assignment.assign(Brand.objects.get(slug="demo").pk))


def offered_to(pages: dict[str, Page]) -> tuple[Page, Page]:
    """Give the page of whoever is offered something, and the other's."""
    email = Offer.objects.select_related("agent__user").get(state="pending").agent.user.email
    return pages[email], next(page for other, page in pages.items() if other != email)


@pytest.fixture
def pages(shop: str, open_page: Open) -> dict[str, Page]:
    prepare()
    found = {email: open_page() for email in (YOONSEO, JIHO)}
    for email, page in found.items():
        sign_in(page, shop, email)
    return found


def test_status_is_chosen_by_keyboard_and_follows_what_changes(shop: str, open_page: Open) -> None:
    brand = prepare()
    CustomStatus.objects.create(brand=brand, name="Training", messaging="transfers_only", email="online")
    page = open_page()
    sign_in(page, shop)
    button = page.locator("#status-button")
    expect(button).to_contain_text("Online")
    page.keyboard.press("s")
    expect(page.locator("#status-online")).to_be_focused()
    assert findings(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(button).to_contain_text("Away")
    expect(button).to_be_focused()
    assert agent(YOONSEO).status == "away"
    page.keyboard.press("s")
    page.locator("#status-choices button", has_text="Training").click()
    expect(button).to_contain_text("Training")
    page.keyboard.press("s")
    aside(lambda: set_agent_status(agent=agent(YOONSEO), status="offline", by=SYSTEM, source="idle"))  # type: ignore[arg-type]
    expect(page.locator("#status-reason")).to_contain_text("no activity")
    expect(page.locator("#status-choices")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.locator("#status-back").click()
    expect(button).to_contain_text("Training")
    expect(page.locator("#status-back")).to_have_count(0)


def test_who_is_online_again_after_idling_stays_so_while_the_sweep_runs(shop: str, open_page: Open) -> None:
    prepare(idle_after_minutes=5)
    page = open_page()
    sign_in(page, shop)
    expect(page.locator("#status-button")).to_contain_text("Online")
    long_ago = timezone.now() - timedelta(minutes=6)
    User.objects.filter(email=YOONSEO).update(active_at=long_ago)
    Agent.objects.update(chosen_at=long_ago)
    aside(sweep)
    expect(page.locator("#status-button")).to_contain_text("Away")
    page.locator("#status-back").click()
    expect(page.locator("#status-button")).to_contain_text("Online")
    aside(sweep)
    page.reload()
    expect(page.locator("#status-button")).to_contain_text("Online")


def test_offer_is_accepted_and_opens(pages: dict[str, Page]) -> None:
    conversation = newcomer("Carol", "Is the mug hot?")
    assign()
    asked, other = offered_to(pages)
    card = asked.locator(".offer")
    expect(card).to_contain_text("Is the mug hot?")
    expect(asked.locator("#announcer")).to_contain_text("Offered to you:")
    expect(other.locator(".offer")).to_have_count(0)
    assert int(card.locator(".sec-left").inner_text()) <= 30
    assert findings(asked) == []
    expect(asked).to_have_title(re.compile("^● "))
    held: list[Route] = []
    asked.route(f"**/workspace/conversations/{conversation.public_id}/", lambda route: held.append(route))
    asked.keyboard.press("y")
    expect(asked.locator(f"#opened[data-conversation='{conversation.public_id}']")).to_have_attribute("data-writes", "")
    expect(asked.locator("#act-solve")).to_be_visible()
    asked.keyboard.type("e, still here")  # what is typed before the composer is there solves nothing
    for route in held:
        route.continue_()
    expect(asked.locator(f"#conversation[data-conversation='{conversation.public_id}'] #messages")).to_be_visible()
    expect(card).to_have_count(0)
    expect(asked.locator("#status-button")).to_contain_text("1/5")
    expect(asked.locator("#reply")).to_be_focused()
    expect(asked).not_to_have_title(re.compile("^● "))
    ticket = Ticket.objects.get(conversation=conversation)
    assert ticket.assignee is not None and ticket.is_open


def test_offer_that_runs_out_goes_to_the_next(pages: dict[str, Page]) -> None:
    """By the clock, and by what beat runs: nobody asks for an assignment."""
    prepare(reassignment_messaging_timeout=5)
    newcomer("Carol", "Is the mug hot?")
    aside(sweep)
    asked, other = offered_to(pages)
    left = asked.locator(".offer .sec-left")
    expect(left).to_be_visible()
    assert int(left.inner_text()) <= 5
    expect(left).to_have_text("1")
    aside(sweep)
    expect(other.locator(".offer")).to_have_count(0)
    expires_at = Offer.objects.get(state="pending").expires_at
    asked.wait_for_timeout(1000 * max(0.0, (expires_at - timezone.now()).total_seconds()) + 50)
    # The next one has time enough, however slow the machine is.
    RoutingConfig.objects.update(reassignment_messaging_timeout=60)
    aside(sweep)
    expect(asked.locator(".offer.gone")).to_contain_text("This goes to somebody else now.")
    expect(other.locator(".offer")).to_contain_text("Is the mug hot?")
    other.locator("[data-do=accept-offer]").click()
    expect(other.locator("#thread")).to_be_visible()
    expect(asked.locator(".offer")).to_have_count(0)


def test_who_answers_too_late_is_told_who_has_it(pages: dict[str, Page]) -> None:
    conversation = newcomer("Carol", "Is the mug hot?")
    assign()
    asked, other = offered_to(pages)
    expect(asked.locator(".offer")).to_be_visible()
    other.goto(other.url.replace("/mine/", f"/unassigned/{conversation.public_id}/"))
    other.locator("#act-take").click()
    expect(asked.locator(".offer.gone")).to_contain_text("has this now.")
    expect(asked.locator(".offer")).to_have_count(0)


def two_offers(pages: dict[str, Page]) -> Page:
    """Give Yoonseo's page, on which two cards ask."""
    aside(lambda: set_agent_status(agent=agent(JIHO), status="offline", by=SYSTEM))
    newcomer("Carol", "First words")
    newcomer("Dave", "Second words")
    assign()
    page = pages[YOONSEO]
    expect(page.locator(".offer")).to_have_count(2)
    return page


def test_passed_offers_stack_and_go_on(pages: dict[str, Page]) -> None:
    page = two_offers(pages)
    page.keyboard.press("Shift+y")
    expect(page.locator(".offer:not(.gone)")).to_have_count(1)


def test_next_one_is_taken_by_key(pages: dict[str, Page]) -> None:
    page = pages[YOONSEO]
    page.keyboard.press("n")
    expect(page.locator("#toasts")).to_contain_text("Nothing waits that you could take.")
    conversation: Conversation = newcomer("Carol", "Is the mug hot?")
    page.locator("#take-next").click()
    expect(page.locator(f"#conversation[data-conversation='{conversation.public_id}'] #messages")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Taken. It is yours now.")
    expect(page.locator("#reply")).to_be_focused()
    page.locator("#thread-head h2").click()
    page.keyboard.press("z")
    expect(page.locator("#act-take")).to_be_visible()
    assert Ticket.objects.get(conversation=conversation).assignee is None


def test_a_key_that_is_held_takes_one(pages: dict[str, Page]) -> None:
    page = pages[YOONSEO]
    for name in ("Carol", "Dave", "Erin"):
        newcomer(name, f"Words of {name}")
    page.route("**/take-next/", lambda route: (page.wait_for_timeout(200), route.continue_()))  # type: ignore[func-returns-value]
    for _repeated in range(6):
        page.keyboard.down("n")
    page.keyboard.up("n")
    page.keyboard.press("n")
    expect(page.locator("#toasts")).to_contain_text("Taken. It is yours now.")
    expect(page.locator("#messages")).to_contain_text("Words of Carol")
    assert Ticket.objects.filter(is_open=True, assignee__isnull=False).count() == 1


def test_a_key_that_is_held_accepts_one(pages: dict[str, Page]) -> None:
    page = two_offers(pages)
    page.keyboard.down("y")
    expect(page.locator(".offer")).to_have_count(1)
    for _repeated in range(4):
        page.keyboard.down("y")
    page.keyboard.up("y")
    expect(page.locator("#messages")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator(".offer")).to_have_count(1)
    assert Ticket.objects.filter(is_open=True, assignee__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("locale", "passed", "waits", "gave"),
    [
        ("en-US", "Passed on to Jiho Park.", "Why is this waiting?", "passed this on to"),
        ("ko-KR", "이관했어요: Jiho Park", "왜 기다리나요?", "이관했어요"),
    ],
)
def test_passed_on_with_a_note_and_explained(
    shop: str, open_page: Open, locale: str, passed: str, waits: str, gave: str
) -> None:
    prepare()
    page = open_page(locale=locale)
    sign_in(page, shop)
    conversation = newcomer("Carol", "Is the mug hot?")
    page.goto(f"{shop}/workspace/inbox/unassigned/{conversation.public_id}/")
    why = page.locator("#why")
    expect(why).to_contain_text(waits)
    why.click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("table")).to_contain_text("Jiho Park")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(why).to_be_focused()
    page.locator("#act-take").click()
    expect(page.locator("#act-take")).to_have_count(0)
    page.keyboard.press("t")
    expect(page.locator("#pass-on-search")).to_be_focused()
    page.fill("#pass-on-search", "Jiho")
    expect(sheet.locator("[type=radio]")).to_have_count(1)
    sheet.locator("[type=radio]").check()
    page.fill("#pass-on-note", "They called twice")
    assert findings(page) == []
    page.locator("#pass-on-go").click()
    expect(page.locator("#toasts")).to_contain_text(passed)
    expect(sheet).to_be_hidden()
    expect(page.locator("#messages")).to_contain_text("They called twice")
    page.locator("#why").click()
    expect(page.locator("#why-short")).to_contain_text("Jiho Park")
    expect(sheet.locator("ol")).to_contain_text(gave)
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.locator("#thread-head")).to_contain_text("· You" if locale == "en-US" else "· 나")


def test_back_closes_what_stands_over_the_page(shop: str, open_page: Open) -> None:
    prepare()
    page = open_page()
    sign_in(page, shop)
    conversation = newcomer("Carol", "Is the mug hot?")
    page.goto(f"{shop}/workspace/inbox/unassigned/")
    page.locator(f"[data-row='{conversation.public_id}']").click()
    page.locator("#why").click()
    expect(page.locator("#sheet")).to_be_visible()
    page.go_back()
    expect(page.locator("#conversation")).to_have_count(0)
    expect(page.locator("#sheet")).to_be_hidden()


def test_on_a_phone_all_of_it_fits(shop: str, open_page: Open) -> None:
    prepare()
    page = open_page(viewport={"width": 375, "height": 720}, locale="ko-KR")
    sign_in(page, shop)
    aside(lambda: set_agent_status(agent=agent(JIHO), status="offline", by=SYSTEM))
    conversation = newcomer("Carol", "Is the mug hot?")
    assign()

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    card = page.locator(".offer")
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert fits() and box and box["x"] >= 0 and box["x"] + box["width"] <= 375
    page.locator("#status-button").click()
    menu = page.locator(".status-pop").bounding_box()
    assert fits() and menu and menu["x"] >= 0 and menu["x"] + menu["width"] <= 375
    assert findings(page) == []
    page.keyboard.press("Escape")
    card.locator("[data-do=accept-offer]").click()
    expect(page.locator(f"#conversation[data-conversation='{conversation.public_id}'] #messages")).to_be_visible()
    page.locator("#acts-more summary").click()
    page.locator("#more-side").click()
    page.locator("#act-pass-on").click()
    expect(page.locator("#sheet")).to_be_visible()
    sheet = page.locator("#sheet").bounding_box()
    assert fits() and sheet and sheet["x"] >= 0 and sheet["x"] + sheet["width"] <= 375


def test_page_says_that_it_is_there_when_asked_while_its_own_timers_sleep(
    shop: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.consumers.agent.ASK_EVERY_S", 0.3)
    page = open_page()
    told: list[str | bytes] = []
    page.on("websocket", lambda line: line.on("framesent", lambda frame: told.append(frame)))
    page.clock.install()
    sign_in(page, shop)
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    told.clear()
    page.wait_for_timeout(1500)
    assert '{"type":"ping","active":false}' in told


def test_page_says_that_it_is_there_and_whether_hands_are_on_it(shop: str, open_page: Open) -> None:
    page = open_page()
    told: list[str | bytes] = []
    page.on("websocket", lambda line: line.on("framesent", lambda frame: told.append(frame)))
    page.clock.install()
    sign_in(page, shop)
    page.mouse.move(300, 300)
    for active in ("true", "false"):
        told.clear()
        page.clock.run_for(25_500)
        page.wait_for_timeout(300)
        assert f'{{"type":"ping","active":{active}}}' in told


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 780)])
@pytest.mark.parametrize(
    ("locale", "status", "used"),
    [("en-US", "Online", ("Messaging: 1 of 5", "1 of 5")), ("ko-KR", "온라인", ("메시지: 5건 중 1건", "5건 중 1건"))],
)
def test_top_bar_shows_the_status_and_how_much_room_is_used_per_class(
    shop: str, open_page: Open, locale: str, status: str, used: tuple[str, str], width: int, height: int
) -> None:
    brand = prepare()

    def busy() -> None:
        Agent.objects.update(capacity_rule=None)
        CapacityRule.objects.filter(brand=brand).delete()
        CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=5, max_email=10)
        ticket = Ticket.objects.filter(brand=brand, channel_class="messaging").order_by("-pk").first()
        assert ticket is not None
        Ticket.objects.filter(pk=ticket.pk).update(
            status="open", is_open=True, is_active=True, session_ended=False, assignee=agent(YOONSEO)
        )

    aside(busy)
    page = open_page(locale=locale, viewport={"width": width, "height": height})
    sign_in(page, shop)
    button = page.locator("#status-button")
    expect(button).to_be_visible()
    expect(button).to_contain_text(status)
    box = button.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] < 80
    button.click()
    rows = page.locator("#status-details .room > div")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(used[1])
    meters = page.eval_on_selector_all(
        "#status-details meter", "all => all.map((each) => each.getBoundingClientRect().x)"
    )
    assert len(set(meters)) == 1
    pop = page.locator("#status-details .status-pop").bounding_box()
    assert pop and pop["x"] >= 0 and pop["x"] + pop["width"] <= width and pop["y"] + pop["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        expect(button.locator(".cells > span").first).to_have_attribute("title", re.compile(f"^{re.escape(used[0])}"))
        expect(button.locator(".cells > span").first).to_be_visible()
    assert findings(page) == []
