"""What an agent wrote and the server does not have: told of, kept, and never sent otherwise than it was meant."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import AgentWire, Open, open_row, requests_of, send, sign_in, stored, write_as
from widget.demo import PASSWORD

HELD = "Something new arrived. Read it, then send again. · Send anyway · Delete"


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    """Yoonseo with Maya's conversation open."""
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    return page


def test_what_was_overtaken_is_asked_about_once_and_told_of_everywhere(shop: str, open_page: Open) -> None:
    page = open_page()
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    wire.cut()
    expect(page.locator("#status-button")).to_contain_text("No connection")
    expect(page.locator("#status-button .said")).to_be_hidden()
    send(page, "Friday at noon")
    send(page, "or on Monday")
    page.locator("#composer [role=tab]", has_text="Note").click()
    send(page, "she called, too")
    expect(page.locator("#pending .m-rcpt")).to_have_text(["Waiting for connection"] * 3)
    write_as("Maya Okafor", "Never mind, I bought one.")
    wire.mend()
    # By itself: the note goes, and what would go to her asks once for all of it.
    expect(page.locator("#messages .note .m-bub").last).to_have_text("she called, too", timeout=20_000)
    expect(page.locator("#pending .m-rcpt")).to_have_text([HELD, "Waits for the reply before it · Delete"])
    expect(page.locator("#status-button .said")).to_be_visible()
    expect(page.locator("#unsent")).to_be_empty()
    open_row(page, "Kenta")
    row, told = page.locator("[data-row]", has_text="Maya"), page.locator("#unsent")
    expect(row.locator(".unsent")).to_have_text("Not sent: 2")
    expect(told).to_contain_text("Replies to Maya Okafor that are not sent: 2.")
    told.get_by_role("button", name="Open").click()
    expect(page.locator("#pending .m-msg")).to_have_count(2)
    expect(told).to_be_empty()
    page.locator("#pending").get_by_role("button", name="Send anyway").click()
    expect(page.locator("#messages .m-bub").last).to_have_text("or on Monday")
    expect(page.locator("#pending .m-msg")).to_have_count(0)
    expect(row.locator(".unsent")).to_have_count(0)
    assert stored("Maya Okafor")[-3:] == ["she called, too", "Friday at noon", "or on Monday"]


def test_end_of_a_session_asks_with_what_is_not_sent(agent: Page) -> None:
    agent.route("**/post/", lambda route: route.abort())
    send(agent, "on its way")
    expect(agent.locator("#pending .m-rcpt")).to_have_text("Waiting for connection")
    agent.locator("#act-end").click()
    expect(agent.locator("#ask-text")).to_contain_text("What you wrote to this customer is not sent yet.")


@pytest.mark.parametrize("cookies", [["sessionid"], ["sessionid", "csrftoken"]])
def test_who_is_signed_out_is_told_so_and_loses_nothing(agent: Page, shop: str, cookies: list[str]) -> None:
    agent.wait_for_timeout(1500)
    for name in cookies:
        agent.context.clear_cookies(name=name)
    send(agent, "It comes on Friday.")
    banner = agent.locator("#banner")
    expect(banner).to_contain_text("You are signed out. Sign in to send")
    expect(agent.locator("#pending .m-rcpt")).to_have_text("Sign in to send")
    expect(agent.locator("#status-button")).to_contain_text("Signed out")
    expect(agent.locator("#status-button .said")).to_be_hidden()
    agent.fill("#reply", "half a sentence")
    place = agent.url
    banner.get_by_role("link", name="Sign in").click()
    agent.fill("#id_username", "agent@demo.test")
    agent.fill("#id_password", PASSWORD)
    agent.click("button.primary")
    agent.wait_for_url(place)
    expect(agent.locator("#messages .m-bub").last).to_have_text("It comes on Friday.")
    expect(agent.locator("#reply")).to_have_value("half a sentence")
    expect(agent.locator("#pending .m-msg")).to_have_count(0)
    assert stored("Maya Okafor").count("It comes on Friday.") == 1


def test_too_many_characters_are_counted_refused_and_kept(agent: Page) -> None:
    agent.fill("#reply", "x" * 4000)
    expect(agent.locator("#count")).to_have_text("4000 of 4096 characters")
    # A line is one character, and so is a face.
    pasted = "한글\n" * 1500 + "😀"
    # At once, as pasting does.
    agent.locator("#reply").evaluate("(box, text) => { box.value = text; box.focus(); }", pasted)
    agent.locator("#reply").dispatch_event("input")
    expect(agent.locator("#count")).to_contain_text("Too long: 4501 of at most 4096 characters.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#toasts")).to_contain_text("Too long: 4501 of at most 4096 characters.")
    expect(agent.locator("#reply")).to_have_value(pasted)
    whole = "가\n나 " + "x" * 4090 + "😀😀"
    send(agent, whole)
    expect(agent.locator("#pending .m-msg")).to_have_count(0)
    expect(agent.locator("#count")).to_be_hidden()
    assert stored("Maya Okafor")[-1] == whole


def test_words_do_not_go_without_the_file_they_were_sent_with(agent: Page) -> None:
    held: list[Route] = []
    agent.route("**/workspace/upload/", lambda route: held.append(route))
    agent.set_input_files("#file", {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    send(agent, "See the file.")
    expect(agent.locator("#attached progress")).to_have_count(1)
    held[0].fulfill(status=400, json={"error": {"title": "Files of this kind are not accepted."}})
    expect(agent.locator("#held")).to_contain_text("Nothing is sent yet: invoice.pdf was not uploaded.")
    expect(agent.locator("#attached .refused")).to_contain_text("Files of this kind are not accepted.")
    expect(agent.locator("#reply")).to_have_value("See the file.")
    assert "See the file." not in stored("Maya Okafor")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#messages .m-bub").last).to_have_text("See the file.")
    expect(agent.locator("#attached li")).to_have_count(0)


def test_too_large_a_file_is_refused_before_it_is_sent_and_stays_said(agent: Page) -> None:
    agent.locator("#composer").evaluate("(form) => { form.dataset.maxFile = '2000000'; }")
    seen = requests_of(agent)
    agent.set_input_files("#file", {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"0" * 2_500_000})
    refused = agent.locator("#attached .refused")
    expect(refused).to_have_text("film.mp4 is too large: 2.5 MB. At most 2 MB.")
    agent.wait_for_timeout(7000)
    expect(refused).to_be_visible()
    assert not [url for url in seen if url.endswith("/workspace/upload/")]
    agent.get_by_role("button", name="Remove film.mp4").click()
    expect(refused).to_have_count(0)
