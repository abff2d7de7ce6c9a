"""Screens say what holds now: offers beside the lists, menus, fields that are asked for, who answers, what is read."""

from playwright.sync_api import FloatRect, Page, expect

from conversations.events import SYSTEM
from conversations.models import Brand, User
from routing.actions.fields import save_field
from routing.models import CustomField, Macro, Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, newcomer, open_row, sign_in, write_as
from tests.browser.test_routing import assign, prepare


def overlap(one: FloatRect, other: FloatRect) -> bool:
    across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
    return across and one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]


def boxes(page: Page, *names: str) -> list[FloatRect]:
    found = [page.locator(name).bounding_box() for name in names]
    return [box for box in found if box]


def offer_to(page: Page) -> None:
    newcomer("Carol", "Is the mug hot?")
    assign()
    expect(page.locator(".offer")).to_be_visible()
    page.wait_for_timeout(300)


def test_offers_hide_nothing_of_list_and_views(shop: str, open_page: Open) -> None:
    aside(lambda: User.objects.filter(email="jiho@demo.test").update(is_active=False))
    prepare()
    page = open_page()
    sign_in(page, shop)
    offer_to(page)
    card, *others = boxes(page, ".offer", "#views", "#list", ".m-rail")
    assert len(others) == 3 and not any(overlap(card, each) for each in others)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    card, *others = boxes(page, ".offer", "#list", ".m-top")
    assert len(others) == 2 and not any(overlap(card, each) for each in others)


def test_offer_that_ran_out_is_accepted_no_more(shop: str, open_page: Open) -> None:
    aside(lambda: User.objects.filter(email="jiho@demo.test").update(is_active=False))
    prepare()
    page = open_page()
    page.clock.install()
    sign_in(page, shop)
    offer_to(page)
    accept = page.locator(".offer .primary")
    expect(accept).to_be_enabled()
    # What the server says of it does not come.
    page.route("**/parts/offers/**", lambda route: route.abort())
    page.clock.run_for(120_000)
    expect(accept).to_be_disabled()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/accept/" in request.url else None)
    page.keyboard.press("y")
    page.wait_for_timeout(300)
    assert asked == []


def test_slash_says_that_there_is_no_macro_and_makes_one(shop: str, open_page: Open) -> None:
    aside(lambda: Macro.objects.all().delete())
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    page.locator("#reply").press_sequentially("/")
    expect(page.locator("#macros")).to_contain_text("There is no macro yet.")
    page.keyboard.press("Enter")
    expect(page.locator("#macros-own")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("")


def ask_for_reason() -> None:
    brand = Brand.objects.get(slug="demo")
    given = {"key": "reason", "label": "Reason", "kind": "text", "is_required_to_solve": True}
    field = CustomField(brand=brand, of=CustomField.Of.TICKET, **given)
    save_field(field=field, by=SYSTEM)


def test_field_that_solving_asks_for_is_marked_and_has_the_cursor(shop: str, open_page: Open) -> None:
    aside(ask_for_reason)
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    field = page.locator("#ticket-panel [name='field:reason']")
    expect(field).to_be_attached()
    page.locator("#act-side, #side .hide").locator("visible=true").first.click()
    expect(field).to_be_hidden()
    page.locator("#act-solve").click()
    expect(page.locator("#toasts")).to_contain_text("Fill in before solving: Reason")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_moments_are_as_of_when_the_menu_opens(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    moments = [{"name": "tomorrow", "at": "2030-01-01T09:00:00+09:00", "shown": "January 1 09:00"}]
    page.route("**/workspace/moments/", lambda route: route.fulfill(json={"moments": moments}))
    page.locator("#act-snooze").click()
    expect(page.locator("#snooze-tomorrow .num")).to_have_text("January 1 09:00")
    expect(page.locator("#snooze-tomorrow")).to_have_attribute("hx-vals", '{"until":"2030-01-01T09:00:00+09:00"}')
    expect(page.locator("#snooze-monday")).to_be_hidden()
    page.locator("#act-snooze").click()
    page.locator("#send-later summary").click()
    expect(page.locator("#send-later [data-moment=tomorrow] .num")).to_have_text("January 1 09:00")


def test_what_stands_open_is_not_unread_and_is_waiting_for_email(shop: str, open_page: Open) -> None:
    page = open_page()
    page.route("**/read/", lambda route: route.abort())
    sign_in(page, shop)
    open_row(page, "Maya")
    write_as("Maya Okafor", "Are you there?")
    row = page.locator("[data-row]", has_text="Are you there?")
    expect(row).to_be_visible()
    expect(row.locator(".m-count")).to_have_count(0)
    open_row(page, "Kenta")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('inbox-changed'))")
    expect(row.locator(".m-count")).to_have_count(1)


def test_palette_finds_a_ticket_and_says_nothing_else(shop: str, open_page: Open) -> None:
    ticket = Ticket.objects.get(conversation__contact__name="Maya Okafor")
    page = open_page()
    sign_in(page, shop)
    page.keyboard.press("Control+k")
    page.keyboard.type(f"#{ticket.number}")
    expect(page.locator("#palette-found [role=option]")).to_contain_text(["Maya Okafor"])
    expect(page.locator("#palette-found .m-empty")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(f"#conversation[data-conversation='{ticket.conversation.public_id}']")).to_be_visible()


def test_palette_with_a_hit_of_the_page_does_not_say_nothing(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop)
    page.route("**/workspace/search/?q=*", lambda route: route.fulfill(body="<p class='m-empty'>Nothing found</p>"))
    page.keyboard.press("Control+k")
    page.keyboard.type("Maya")
    with page.expect_response("**/workspace/search/?q=Maya"):
        pass
    page.wait_for_timeout(300)
    expect(page.locator("#palette")).to_contain_text("Maya Okafor")
    expect(page.locator("#palette .m-empty")).to_have_count(0)


def test_conversation_that_is_not_ones_own_to_see_leads_back(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop)
    page.goto(f"{shop}/workspace/inbox/open/{'0' * 24}/")
    expect(page.locator("#views")).to_be_visible()
    expect(page.locator("#opened")).to_contain_text("it is not yours to see")
    page.locator("#opened a", has_text="Your inbox").click()
    page.wait_for_url("**/workspace/inbox/mine/")
