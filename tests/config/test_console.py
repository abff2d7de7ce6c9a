"""The console: what its pages take, refuse and show."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from conversations.changes import changes_of
from conversations.events import FACTS
from conversations.models import ApiKey, Brand, Channel, DeadFact, Event, Membership, Responder, Role, SigningKey, User
from conversations.trail import change_words, fact_words
from routing.actions.agents import agent_of
from routing.models import CapacityRule, Group, Macro
from tests.factories import PASSWORD, make_brand, make_channel, make_user, make_visitor, reply, say, signed_in
from widget.models import WidgetSettings


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    say(make_visitor(make_channel(brand), name="Carol"), "Hello")
    return brand


@pytest.fixture
def ada(brand: Brand) -> User:
    return make_user("ada", brand, role=Role.ADMIN)


@pytest.fixture
def client(ada: User) -> Client:
    return signed_in(ada)


def errors(answer: Any) -> dict[str, Any]:
    """Give what the form of an answer refuses; nothing was saved."""
    assert answer.status_code == 200, answer.status_code
    return dict(answer.context["adminform"].form.errors)


def changes() -> list[tuple[str, str]]:
    found = Event.objects.filter(type="configuration.changed").order_by("pk")
    return [(event.payload["label"], event.payload["change"]) for event in found]


# --- keys ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [ApiKey, SigningKey])
def test_secret_is_shown_once(client: Client, brand: Brand, model: Any) -> None:
    name = model._meta.model_name
    given = {"brand": brand.pk, "name": "Shop"} | ({"scopes": ["tickets:read"]} if model is ApiKey else {})
    made = client.post(reverse(f"admin:conversations_{name}_add"), given)
    assert made.status_code == 200 and "no-store" in made["Cache-Control"]
    public, secret = (value for _name, value in made.context["once"].lines)
    assert len(secret) >= 43 and f"data-once>{secret}<" in made.content.decode()
    assert secret not in str(made.cookies) and secret not in str(dict(client.session))
    key = model.objects.get()
    for url in (
        reverse(f"admin:conversations_{name}_changelist"),
        reverse(f"admin:conversations_{name}_change", args=[key.pk]),
    ):
        page = client.get(url).content.decode()
        assert public in page and secret not in page
    assert changes() == [("Shop", "created")]


def test_deleting_a_key_says_what_happens(client: Client, brand: Brand) -> None:
    client.post(
        reverse("admin:conversations_apikey_add"), {"brand": brand.pk, "name": "Shop", "scopes": ["tickets:read"]}
    )
    url = reverse("admin:conversations_apikey_delete", args=[ApiKey.objects.get().pk])
    assert "is refused from this moment on" in client.get(url).content.decode()
    assert "deleted: Shop" in client.post(url, {"post": "yes"}, follow=True).content.decode()
    assert not ApiKey.objects.exists()


# --- widget -------------------------------------------------------------------------------------------------------

WIDGET = {
    "name": "Shop",
    "colour": "#1f4d3a",
    "position": "right",
    "mode": "auto",
    "greeting_en": "Hello",
    "greeting_ko": "안녕하세요",
    "language": "auto",
}


def test_adding_a_widget_makes_its_channel_and_shows_the_snippet(client: Client, brand: Brand) -> None:
    made = client.post(reverse("admin:widget_widgetsettings_add"), {**WIDGET, "brand": brand.pk}, follow=True)
    widget = WidgetSettings.objects.get()
    assert (widget.channel.name, widget.channel.kind, widget.channel.brand) == ("Shop", "web", brand)
    assert made.context["snippet"] == f'<script src="http://testserver/w.js?key={widget.channel.key}" defer></script>'
    assert f'"key": "{widget.channel.key}"' in client.get(f"/w.js?key={widget.channel.key}").content.decode()


def test_changed_widget_stands_on_the_home_page_in_words(client: Client, brand: Brand) -> None:
    client.post(reverse("admin:widget_widgetsettings_add"), {**WIDGET, "brand": brand.pk})
    widget = WidgetSettings.objects.get()
    changed = {**WIDGET, "colour": "#112233", "position": "left", "state": "paused"}
    client.post(reverse("admin:widget_widgetsettings_change", args=[widget.pk]), changed)
    widget = WidgetSettings.objects.select_related("channel").get()
    assert (widget.colour, widget.position, widget.channel.state) == ("#112233", "left", Channel.State.PAUSED)
    home = client.get(reverse("admin:index")).content.decode()
    assert (
        "state: Active → Paused; colour: #1f4d3a → #112233; position: Bottom right → Bottom left" in home
        and "Web widget “Shop”: added" in home
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("colour", "red", "for example #244fb9"),
        ("colour", "red;}<script>", "for example #244fb9"),
        ("logo_url", "http://a.example/logo.png", "Give an address that begins with https://."),
        ("logo_url", "javascript:alert(1)", "Give an address that begins with https://."),
        ("logo_url", "https://a.example/" + "x" * 200, "at most 200 characters"),
        ("allowed_origins", "https://a.example\nb.example", "Line 2, b.example"),
        ("allowed_origins", "https://a.example/shop", "Line 1"),
        ("allowed_origins", "https://*", "Line 1"),
        ("allowed_origins", "https://a.example; script-src *", "Line 1"),
        ("allowed_origins", "https://a.example:99999", "Line 1"),
        ("allowed_origins", "\n".join(f"https://{n}.example" for n in range(51)), "at most 50"),
        ("language", "xx", "Select a valid choice"),
        ("name", "", "This field is required"),
    ],
)
def test_widget_refuses(client: Client, brand: Brand, field: str, value: str, said: str) -> None:
    answer = client.post(reverse("admin:widget_widgetsettings_add"), {**WIDGET, "brand": brand.pk, field: value})
    found = errors(answer)
    assert list(found) == [field] and said in str(found[field])
    assert len(found[field]) == len(set(found[field]))
    assert not WidgetSettings.objects.exists() and Channel.objects.count() == 1


def test_origins_are_kept_as_origins(client: Client, brand: Brand) -> None:
    lines = "https://Shop.Example/ \n\nhttp://localhost:3000\nhttps://한글.example\nhttps://shop.example"
    given = {**WIDGET, "brand": brand.pk, "allowed_origins": lines}
    client.post(reverse("admin:widget_widgetsettings_add"), given)
    kept = WidgetSettings.objects.get().origins
    assert kept == ["https://shop.example", "http://localhost:3000", "https://xn--bj0bj06e.example"]


def test_language_follows_the_catalogues_there_are(
    client: Client, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**WIDGET, "brand": brand.pk, "language": "ja"}
    assert list(errors(client.post(reverse("admin:widget_widgetsettings_add"), given))) == ["language"]
    monkeypatch.setattr("widget.admin.languages", lambda: ("en", "ja", "ko"))
    client.post(reverse("admin:widget_widgetsettings_add"), given)
    assert WidgetSettings.objects.get().language == "ja"
    assert "日本語" in client.get(reverse("admin:widget_widgetsettings_changelist")).content.decode()


# --- people -------------------------------------------------------------------------------------------------------


def person(brand: Brand, **given: Any) -> dict[str, Any]:
    form = {"name": "Bo", "email": "Bo@Example.test", "locale": "", f"role_{brand.pk}": "agent", "is_active": "on"}
    return {name: value for name, value in {**form, **given}.items() if value is not None}


def test_somebody_new_sets_a_password_at_a_one_time_link(client: Client, brand: Brand) -> None:
    group = Group.objects.create(brand=brand, name="Exchanges")
    made = client.post(reverse("admin:conversations_user_add"), person(brand, groups=[group.pk]))
    bo = User.objects.get(email="bo@example.test")
    assert bo.memberships.get().role == Role.AGENT and list(agent_of(bo).groups.all()) == [group]
    assert not bo.has_usable_password()
    ((_name, link),) = made.context["once"].lines
    stranger = Client()
    page = stranger.get(link, follow=True)
    form_url = page.redirect_chain[-1][0]
    new = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert stranger.post(form_url, {"new_password1": "short", "new_password2": "short"}).status_code == 200
    assert stranger.post(form_url, new)["Location"] == "/workspace/"
    assert stranger.login(username="bo@example.test", password=PASSWORD)
    again = Client().get(link, follow=True)
    assert "This link no longer works" in again.content.decode()


def test_link_of_somebody_switched_off_does_not_work(client: Client, brand: Brand) -> None:
    made = client.post(reverse("admin:conversations_user_add"), person(brand))
    User.objects.filter(email="bo@example.test").update(is_active=False)
    page = Client().get(made.context["once"].lines[0][1], follow=True)
    assert "This link no longer works" in page.content.decode()


def test_last_admin_stays(client: Client, brand: Brand, ada: User) -> None:
    eve = make_user("eve", make_brand("other"), role=Role.ADMIN)
    eve.is_superuser = True
    eve.save()
    client.force_login(eve)
    url = reverse("admin:conversations_user_change", args=[ada.pk])
    for given in ({f"role_{brand.pk}": "agent"}, {f"role_{brand.pk}": ""}, {"is_active": None}):
        found = errors(client.post(url, person(brand, name="Ada", email=ada.email, **given)))
        assert "at least one active admin" in str(found)
        ada.refresh_from_db()
        assert ada.is_active and ada.memberships.get().role == Role.ADMIN
    make_user("alice", brand, role=Role.ADMIN)
    client.post(url, person(brand, name="Ada", email=ada.email))
    assert ada.memberships.get().role == Role.AGENT


def test_nobody_locks_themselves_out(client: Client, brand: Brand, ada: User) -> None:
    make_user("alice", brand, role=Role.ADMIN)
    url = reverse("admin:conversations_user_change", args=[ada.pk])
    for given in ({f"role_{brand.pk}": "agent"}, {f"role_{brand.pk}": "admin", "is_active": None}):
        found = errors(client.post(url, person(brand, name="Ada", email=ada.email, **given)))
        assert "You cannot take your own admin role away" in str(found)
    assert ada.memberships.get().role == Role.ADMIN and changes() == []


def test_person_of_another_brand_is_looked_at_only(client: Client, brand: Brand) -> None:
    bob = make_user("bob", brand, make_brand("other"))
    client.post(reverse("admin:conversations_user_change", args=[bob.pk]), person(brand, name="Taken over"))
    client.post(reverse("admin:conversations_user_link", args=[bob.pk]))
    bob.refresh_from_db()
    assert bob.name == "Bob" and changes() == []


def test_person_who_is_looked_at_only_is_shown_in_words(client: Client, brand: Brand) -> None:
    bob = make_user("bob", brand, make_brand("other"))
    Group.objects.create(brand=brand, name="Exchanges").members.add(agent_of(bob))
    page = client.get(reverse("admin:conversations_user_change", args=[bob.pk])).content.decode()
    assert f"Agent · {brand}" in page and "Exchanges" in page and "other" not in page.lower().split("readonly", 1)[1]
    assert "Role 1" not in page and "permissions granted" not in page and 'name="_save"' not in page


def test_group_needs_a_role_in_its_brand(client: Client, brand: Brand) -> None:
    group = Group.objects.create(brand=brand, name="Exchanges")
    found = errors(
        client.post(
            reverse("admin:conversations_user_add"), person(brand, groups=[group.pk], **{f"role_{brand.pk}": ""})
        )
    )
    assert found and not User.objects.filter(email="bo@example.test").exists()


def test_group_takes_members_of_its_brand_only(client: Client, brand: Brand) -> None:
    alice, bob = agent_of(make_user("alice", brand)), agent_of(make_user("bob", make_brand("other")))
    url = reverse("admin:routing_group_add")
    given = {"brand": brand.pk, "name": "Exchanges"}
    assert list(errors(client.post(url, {**given, "members": [alice.pk, bob.pk]}))) == ["members"]
    client.post(url, {**given, "members": [alice.pk]})
    assert list(Group.objects.get().members.all()) == [alice]
    assert "Alice" in client.get(reverse("admin:routing_group_changelist")).content.decode()
    assert changes() == [("Exchanges", "created")]


# --- brand --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("time_zone", "Seoul", "There is no time zone of this name."),
        ("locale", "xx", "Select a valid choice"),
        ("inactive_after_minutes", 0, "Give at least 1 minute."),
        ("inactive_after_minutes", 10081, "Give at most 10080 minutes (7 days)."),
    ],
)
def test_brand_refuses(client: Client, brand: Brand, field: str, value: Any, said: str) -> None:
    given = {"name": "New", "slug": brand.slug, "locale": "ko", "time_zone": "Asia/Seoul", "inactive_after_minutes": 5}
    url = reverse("admin:conversations_brand_change", args=[brand.pk])
    found = errors(client.post(url, {**given, field: value}))
    assert list(found) == [field] and said in str(found[field])
    client.post(url, given)
    brand.refresh_from_db()
    assert (brand.name, brand.time_zone, brand.inactive_after_minutes) == ("New", "Asia/Seoul", 5)


def test_new_brand_can_answer_at_once(client: Client, ada: User) -> None:
    ada.is_superuser = True
    ada.save()
    given = {"name": "Second", "slug": "second", "locale": "ko", "time_zone": "UTC", "inactive_after_minutes": 5}
    client.post(reverse("admin:conversations_brand_add"), given)
    made = Brand.objects.get(slug="second")
    assert Responder.objects.get(brand=made, is_default=True).kind == Responder.Kind.AGENTS
    assert ada.memberships.filter(brand=made, role=Role.ADMIN).exists()


# --- the log ------------------------------------------------------------------------------------------------------


def test_event_log_names_people_and_links_the_conversation(client: Client, brand: Brand) -> None:
    posted = say(make_visitor(brand.channels.get(), "dora-browser-0001", name="Dora"), "Hi")
    reply(posted.message.conversation, make_user("alice", brand), "Hello Dora")
    page = client.get(reverse("admin:conversations_event_changelist"), {"q": "dora"}).content.decode()
    assert "Dora (Customer)" in page and "Alice (Team member)" in page and "Carol" not in page
    public_id = posted.message.conversation.public_id
    link = re.search(r'href="(/workspace/inbox/[^"]+)"', page)
    assert link and public_id in link[1]
    thread = client.get(link[1])
    assert thread.status_code == 200 and thread.context["conversation_id"] == public_id
    same = client.get(reverse("admin:conversations_event_changelist"), {"q": public_id}).content.decode()
    assert "Alice (Team member)" in same and "Carol" not in same


def test_event_log_filters_by_day(client: Client, brand: Brand) -> None:
    Event.objects.update(created_at="2020-01-01T00:00:00Z")
    url = reverse("admin:conversations_event_changelist")
    assert "Nothing fits these filters." in client.get(url, {"days": "7"}).content.decode()
    reply_to = say(make_visitor(brand.channels.get()), "Again").message.conversation
    found = client.get(url, {"days": "7", "type": "message.posted"}).context["cl"].result_list
    assert [event.conversation_id for event in found] == [reply_to.pk]


@pytest.mark.parametrize("rows", [2, 20])
def test_event_log_costs_the_same_however_long(client: Client, brand: Brand, rows: int) -> None:
    for number in range(rows):
        say(make_visitor(brand.channels.get(), f"browser-number-{number:04}"), "Hello")
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("admin:conversations_event_changelist"))
    # session, user, brands, bounded count, page, names of users, of contacts, threads, the viewer's theme
    assert len(counted) == 9


@pytest.mark.parametrize("rows", [2, 20])
def test_people_cost_the_same_however_many(client: Client, brand: Brand, rows: int) -> None:
    group = Group.objects.create(brand=brand, name="Exchanges")
    for number in range(rows):
        group.members.add(agent_of(make_user(f"p{number}", brand)))
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("admin:conversations_user_changelist"))
    # session, user, brands, active admins, count, people with status, roles with brands, groups, the viewer's theme
    assert len(counted) == 9


def test_failed_fact_is_run_again(client: Client, brand: Brand) -> None:
    event = Event.objects.filter(type="message.posted").order_by("pk")[0]
    dead = DeadFact.objects.create(reader="routing", event=event, error="ValueError('no')")
    url = reverse("admin:conversations_deadfact_changelist")
    assert "Run again" in client.get(url).content.decode()
    answer = client.post(url, {"action": "run_again", "_selected_action": [dead.pk]}, follow=True)
    assert "routing has taken it in." in answer.content.decode()
    dead.refresh_from_db()
    assert dead.resolved_at is not None


def test_every_fact_has_korean_words(db: None) -> None:
    with override("ko"):
        assert [kind for kind in FACTS if not kind.startswith("test.") and fact_words(kind).isascii()] == []


# --- every page ---------------------------------------------------------------------------------------------------


def test_every_page_says_what_it_does_in_both_languages(db: None) -> None:
    for model, page in admin.site._registry.items():
        shown: Any = page
        assert shown.intro and shown.empty, model
        assert shown.gone or not shown.may_delete, model
        for words in filter(None, (shown.intro, shown.empty, shown.gone)):
            with override("en"):
                english = str(words)
            with override("ko"):
                assert str(words) != english, words


def test_nothing_at_an_address_is_a_page_that_says_so(client: Client, brand: Brand) -> None:
    for model in (WidgetSettings, Responder, User, Event):
        for wrong in ("999999", "x"):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[wrong])
            answer = client.get(url)
            assert answer.status_code == 404 and "Nothing is here" in answer.content.decode()


def test_words_are_those_of_people_who_write_no_code(client: Client, brand: Brand) -> None:
    home = client.get(reverse("admin:index")).content.decode()
    assert "Who answers" in home and "Work that failed" in home and "Work not yet done" in home
    assert "Responders" not in home and "Facts" not in home
    page = client.get(reverse("admin:conversations_responder_changelist")).content.decode()
    assert 'Agents <code class="mono c3">zd-agentWorkspace</code>' in page
    answers = Responder.objects.get(brand=brand)
    shown = client.get(reverse("admin:conversations_responder_change", args=[answers.pk]))
    assert shown.context["title"] == "Agents"


def test_refusals_are_polite_in_korean(client: Client, brand: Brand) -> None:
    given = {**WIDGET, "brand": brand.pk, "name": "", "mode": "pink", "greeting_en": "x" * 201}
    page = client.post(reverse("admin:widget_widgetsettings_add"), given, headers={"Accept-Language": "ko"})
    said = page.content.decode()
    for words in (
        "아래 표시된 곳을 고쳐 주세요.",
        "꼭 입력해 주세요.",
        "골라 주세요. 목록에 없는 값: pink",
        "200자까지 쓸 수 있어요.",
    ):
        assert words in said, words


def test_every_field_explains_itself(client: Client, brand: Brand, ada: User) -> None:
    ada.is_superuser = True
    ada.save()
    request = client.get(reverse("admin:index")).wsgi_request
    request.user = ada
    missing = []
    for model, page in admin.site._registry.items():
        if not page.has_add_permission(request):
            continue
        form = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
        fields = form.context["adminform"].form.fields.items()
        missing += [f"{model.__name__}.{name}" for name, field in fields if not field.help_text]
    assert missing == []


def test_no_admin_is_told_whom_to_ask(brand: Brand) -> None:
    client = Client()
    client.force_login(make_user("alice", brand))
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403 and "Your role opens no page of the console." in answer.content.decode()
    assert Client().get(reverse("admin:index"), follow=True).redirect_chain[-1][0].startswith("/workspace/sign-in/")


# --- the audit trail ----------------------------------------------------------------------------------------------


def trail() -> list[dict[str, Any]]:
    found = Event.objects.filter(type="configuration.changed").order_by("pk")
    return [event.payload for event in found]


def in_log(client: Client) -> str:
    """Give the page of the newest fact."""
    event = Event.objects.filter(type="configuration.changed").latest("pk")
    return client.get(reverse("admin:conversations_event_change", args=[event.pk])).content.decode()


def test_trail_tells_before_and_after(client: Client, brand: Brand) -> None:
    rule = CapacityRule.objects.create(brand=brand, name="Usual", max_messaging=3)
    given = {"name": "Usual", "max_messaging": 5, "max_email": 10, "max_voice": 1, "is_default": "on"}
    weights = {f"weight_{each}": getattr(rule, f"weight_{each}") for each in ("messaging", "email", "voice")}
    client.post(reverse("admin:routing_capacityrule_change", args=[rule.pk]), {**given, **weights})
    changed = {each["field"]: (each["before"], each["after"]) for each in trail()[-1]["changes"]}
    assert changed == {"max_messaging": (3, 5), "is_default": (False, True)}
    page = in_log(client)
    assert "3 → 5" in page and "No → Yes" in page
    assert "3 → 5" in client.get(reverse("admin:index")).content.decode()
    assert "3 → 5" in client.get(reverse("admin:conversations_event_changelist")).content.decode()


def test_trail_names_relations_and_bounds_them(client: Client, brand: Brand) -> None:
    above = Group.objects.create(brand=brand, name="Leads")
    group = Group.objects.create(brand=brand, name="Exchanges", escalates_to=above)
    people = [agent_of(make_user(f"person-with-a-long-name-{number:02}", brand)) for number in range(20)]
    given = {"brand": brand.pk, "name": "Exchanges", "members": [each.pk for each in people]}
    client.post(reverse("admin:routing_group_change", args=[group.pk]), given)
    changed = {each["field"]: (each["before"], each["after"]) for each in trail()[-1]["changes"]}
    assert changed["escalates_to"] == ("Leads", None)
    before, after = changed["members"]
    assert before == "" and after.startswith("Person-with-a-long-name-00, ") and len(after) == 200 and after[-1] == "…"


def test_trail_says_from_which_role_to_which_in_this_brand_alone(client: Client, brand: Brand, ada: User) -> None:
    other = make_brand("other")
    Membership.objects.create(user=ada, brand=other, role=Role.ADMIN)
    bo = make_user("bo", brand, other)
    url = reverse("admin:conversations_user_change", args=[bo.pk])
    client.post(url, person(brand, name="Bo", **{f"role_{brand.pk}": "supervisor", f"role_{other.pk}": "agent"}))
    facts = {event.brand_id: event.payload for event in Event.objects.filter(type="configuration.changed")}
    roles = [each for each in facts[brand.pk]["changes"] if each["field"] == "roles"]
    assert roles == [{"field": "roles", "before": "agent", "after": "supervisor"}]
    assert not any(each["field"] == "roles" for each in facts[other.pk]["changes"])
    page = client.get(reverse("admin:conversations_event_changelist")).content.decode()
    assert "Agent → Supervisor" in page
    with override("ko"):
        assert "상담사 → " in change_words(facts[brand.pk])


def test_trail_keeps_texts_cut_and_no_secret(client: Client, brand: Brand, ada: User) -> None:
    macro = Macro.objects.create(brand=brand, name="Hello", text="A short answer.")
    given = {"brand": brand.pk, "name": "Hello again", "text": "A long answer. " * 90, "shortcut": "", "status": ""}
    client.post(reverse("admin:routing_macro_change", args=[macro.pk]), given)
    name, text = trail()[-1]["changes"]
    assert name == {"field": "name", "before": "Hello", "after": "Hello again"}
    assert text["before"] == {"en": "A short answer.", "ko": "A short answer."}
    assert len(text["after"]["ko"]) == 500
    page = in_log(client)
    assert "Hello → Hello again" in page and "A short answer. → A long answer." in page
    ada.set_password(PASSWORD + " new")
    ada.save()
    assert changes_of(ada, ["password", "name"]) == []


def test_facts_from_before_are_told_all_the_same(client: Client, brand: Brand) -> None:
    old = {"model": "group", "object": "1", "label": "Exchanges", "change": "name, members"}
    Event.objects.create(
        type="configuration.changed", brand_id=brand.pk, actor_kind="system", payload=old, created_at=timezone.now()
    )
    assert "name, members changed" in in_log(client).lower()
