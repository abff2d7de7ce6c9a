"""A supervisor new to it sets routing up in the console, a customer writes, and the work goes where it was to go."""

import pytest
from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from conversations.models import Message, User
from routing.actions.tickets import set_status
from routing.models import Schedule, SlaTarget, Ticket
from routing.tasks import sweep
from tests.browser.aside import aside
from tests.browser.steps import Open, newcomer, settle, sign_in
from tests.browser.test_routing_console import SAVE
from tests.browser.test_schedules import DAYS, week_of
from tests.browser.test_schedules import WORDS as WEEK
from tests.browser.test_service_levels import WORDS as PROMISES
from tests.browser.test_story import open_widget, write

SUPERVISOR = "jiho@demo.test"
WORDS = {
    "en-US": {
        "write": "Send a new message",
        "nobody": "Nobody who answers holds this skill.",
        "unserved": "No agent can serve it",
        "closed": "it never opens",
        "me": "Why me?",
        "first": "You came first among those who could take it.",
        "lacks": "lacks a skill it needs",
        "got": "got it",
        "theirs": "They came first among those who could take it.",
        "waits": "Why is this waiting?",
    },
    "ko-KR": {
        "write": "새 메시지 보내기",
        "nobody": "가진 사람이 없어요",
        "unserved": "맡을 수 있는 상담사가 없어요",
        "closed": "운영 시간이 없어서 열리지 않아요",
        "me": "왜 나에게 왔나요?",
        "first": "받을 수 있는 상담사 중 내가 1순위였어요.",
        "lacks": "필요한 스킬이 없어요",
        "got": "맡았어요",
        "theirs": "받을 수 있는 상담사 중 1순위였어요.",
        "waits": "왜 기다리나요?",
    },
}


class Console:
    """The console as a supervisor uses it. What is pointed out is told beside what was saved."""

    def __init__(self, page: Page, shop: str, locale: str) -> None:
        self.page, self.shop, self.locale, self.words = page, shop, locale, WORDS[locale]

    def add(self, noun: str, name: str = "") -> None:
        self.page.goto(f"{self.shop}/admin/routing/{noun}/add/")
        if name:
            self.page.fill("#id_name", name)

    def save(self, warning: str = "") -> None:
        self.page.click(SAVE)
        said = self.page.locator(".messagelist")
        expect(said.locator(".success")).to_be_visible()
        if warning:
            expect(said.locator(".warning", has_text=warning).first).to_be_visible()
        else:
            expect(said.locator(".warning")).to_have_count(0)

    def asks_subject(self, words: str) -> None:
        block = self.page.locator("[data-block=all]")
        block.locator("[data-add]").click()
        row = block.locator(".cond-row").first
        row.locator("[data-field]").select_option("ticket.subject")
        row.locator("[data-operator]").select_option("contains")
        row.locator("[data-value] input").fill(words)

    def groups(self) -> None:
        for name, member in (("Tents", "Yoonseo"), ("Stoves", "Jiho")):
            self.add("group", name)
            self.page.locator("#id_members label", has_text=member).click()
            self.save()

    def skills(self) -> None:
        self.add("skilltype", "Language")
        self.page.fill("#id_new_skills", "Korean\nEnglish\nJapanese")
        self.save(self.words["nobody"])
        self.page.goto(f"{self.shop}/admin/routing/skill/")
        self.page.get_by_role("link", name="Japanese", exact=True).click()
        self.page.locator("#id_add label", has_text="Yoonseo").click()
        self.page.select_option("#id_add_level", "4")
        self.save()

    def skill_rule(self) -> None:
        self.add("skillrule", "Writes Japanese")
        self.asks_subject("テント")
        self.page.locator("#id_requires").get_by_label("Japanese").check()
        self.save()

    def queue(self) -> None:
        """First for a group without the skill or nobody in it, which is pointed out; then for the right one."""
        self.add("group", "Nobody yet")
        self.save("Nobody yet: ")
        self.add("queue", "Tent questions")
        self.asks_subject("テント")
        self.page.locator("#id_primary_groups").get_by_label("Nobody yet").check()
        self.save(self.words["unserved"])
        self.page.get_by_role("link", name="Tent questions", exact=True).first.click()
        self.page.locator("#id_primary_groups").get_by_label("Nobody yet").uncheck()
        self.page.locator("#id_primary_groups").get_by_label("Tents").check()
        self.page.locator("#id_primary_groups").get_by_label("Stoves").check()
        self.save()

    def hours(self) -> None:
        """None at all is pointed out; then nine to six with an hour for lunch."""
        week, monday = WEEK[self.locale], DAYS[self.locale][0]
        self.add("schedule", "Office")
        expect(self.page.locator("[data-drop]:visible")).to_have_count(5)
        while self.page.locator("[data-drop]:visible").count():
            self.page.locator("[data-drop]:visible").first.click()
        self.save(self.words["closed"])
        self.page.locator("#result_list tbody th a").click()
        for _ in range(2):
            self.page.get_by_role("button", name=week["add"].format(monday)).click()
        for at, (starts, ends) in enumerate((("09:00", "12:00"), ("13:00", "18:00"))):
            self.page.get_by_label(week["from"].format(monday)).nth(at).fill(starts)
            self.page.get_by_label(week["until"].format(monday)).nth(at).fill(ends)
        self.page.get_by_role("button", name=week["copy"].format(monday)).click()
        self.save()

    def service_level(self) -> None:
        self.add("slapolicy", "First words")
        self.page.get_by_role("textbox", name=PROMISES[self.locale]["cell"]).fill("31m")
        self.save("First words: ")

    def assignment(self) -> None:
        self.add("routingconfig")
        self.page.locator("#id_auto_accept_messaging_enabled").check()
        self.save()


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
@pytest.mark.timeout(240)
def test_supervisor_sets_routing_up_and_reads_why_work_went_where_it_went(
    shop: str, open_page: Open, locale: str
) -> None:
    words, promises = WORDS[locale], PROMISES[locale]

    def clear() -> None:
        for each in Ticket.objects.filter(is_open=True):
            set_status(ticket=each, status="solved", by=SYSTEM)

    aside(clear)
    page = open_page(locale=locale)
    sign_in(page, shop, SUPERVISOR)
    console = Console(page, shop, locale)
    console.assignment()
    console.groups()
    console.skills()
    console.skill_rule()
    console.queue()
    console.hours()
    console.service_level()
    assert week_of(Schedule.objects.get())[:2] == [(0, "09:00", "12:00"), (0, "13:00", "18:00")]
    assert week_of(Schedule.objects.get())[-1] == (4, "13:00", "18:00")
    assert SlaTarget.objects.get().minutes == 31

    agent, visitor = open_page(locale=locale), open_page(locale=locale)
    sign_in(agent, shop)
    # The console took minutes: until the page has been heard of, the sweep holds its agent to be gone.
    agent.wait_for_load_state("networkidle")
    page.goto(f"{shop}/workspace/live/")
    desk = page.locator(f"#desk-{User.objects.get(email='agent@demo.test').public_id}")
    expect(desk.locator("[id^=held-]")).to_have_count(0)
    expect(page.locator("#live-waiting")).to_have_text("0")
    frame = open_widget(visitor, shop)
    frame.get_by_text(words["write"]).click()
    write(frame, "テントは防水ですか?")
    expect(frame.locator(".mw-rc")).to_have_count(1)
    for _try in range(150):  # The receipt stands there while the words are on their way.
        if Message.objects.filter(content__text="テントは防水ですか?").exists():
            break
        visitor.wait_for_timeout(100)
    settle()
    expect(page.locator("#live-waiting")).to_have_text("1")
    aside(sweep)
    expect(desk.locator("[id^=held-]")).to_have_count(1)
    expect(page.locator("#live-waiting")).to_have_text("0")
    given = Ticket.objects.latest("pk")
    assert str(given.assignee) == "Yoonseo Han"
    agent.goto(f"{shop}/workspace/inbox/mine/{given.conversation.public_id}/")
    expect(agent.locator("#thread-head .m-sla [data-left]")).to_have_text(promises["left"])
    agent.locator("#why").click()
    sheet = agent.locator("#sheet")
    expect(sheet.locator("#sheet-title")).to_contain_text(words["me"])
    expect(agent.locator("#why-short")).to_contain_text(words["first"])
    expect(sheet.locator("dl.kv")).to_contain_text("Tent questions")
    expect(sheet.locator("dl.kv")).to_contain_text("Japanese")
    table = sheet.locator("table")
    expect(table.get_by_role("row", name="Yoonseo Han")).to_contain_text(words["got"])
    expect(table.get_by_role("row", name="Jiho Park")).to_contain_text(words["lacks"])
    aside(lambda: set_status(ticket=given, status="solved", by=SYSTEM))
    page.goto(f"{shop}/workspace/inbox/ended/{given.conversation.public_id}/")
    page.locator("#why").click()
    expect(page.locator("#why-short")).to_contain_text(words["theirs"])
    conversation = newcomer("Nari", "Is anybody there?")
    page.goto(f"{shop}/workspace/inbox/unassigned/{conversation.public_id}/")
    page.locator("#why").click()
    expect(page.locator("#sheet-title")).to_contain_text(words["waits"])
    expect(page.locator("#sheet table").get_by_role("row", name="Yoonseo Han")).to_be_visible()
