"""Who gets through which door of the console: every address it has, asked for by everyone it is not for.

The table is walked, not written: a page that is added is here by itself.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from conversations.actions.blocking import block
from conversations.actions.keys import create_api_key, create_signing_key
from conversations.actions.people import save_person
from conversations.actions.roles import save_role
from conversations.events import SYSTEM
from conversations.models import (
    Block,
    Brand,
    Channel,
    Contact,
    CustomRole,
    DeadFact,
    Event,
    Membership,
    Responder,
    Role,
    User,
)
from conversations.permissions import Permission
from routing.actions.agents import agent_of
from routing.actions.schedules import save_schedule
from routing.models import (
    Automation,
    CapacityRule,
    CustomField,
    CustomStatus,
    Group,
    Macro,
    Queue,
    RoutingConfig,
    Schedule,
    SessionSettings,
    Skill,
    SkillRule,
    SkillType,
    SlaPolicy,
    StatusSpell,
    Survey,
    TicketForm,
    Trigger,
    View,
)
from tests.factories import make_brand, make_user, make_visitor, say
from widget.actions import create_widget

SECRET_NAME = "Sopoong-only"
# Open on purpose: whoever has a one-time link, the catalogue of the admin's own scripts, signing out, and the door.
OPEN = {"join", "jsi18n", "logout", "login"}
# Served to every admin; they show nothing of a brand but what their own queries filter.
OF_EVERY_ADMIN = {"index", "password_change", "password_change_done", "app_list", "autocomplete", "view_on_site", ""}


def addresses() -> Iterator[tuple[str, str]]:
    """Give (name, route) of every address under /admin/."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for each in patterns:
            route = before + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, route)
            elif isinstance(each, URLPattern):
                yield each.name or "", route

    yield from walk(admin.site.get_urls(), "")


def path_of(route: str, pk: str) -> str:
    """Give an address with a row's key in it; patterns of regular expressions get something that fits."""
    for part in ("<path:object_id>", "<int:pk>"):
        route = route.replace(part, pk)
    route = route.replace("<path:content_type_id>", "1").replace("<path:url>", "1").replace("(?P<url>.*)$", "nowhere/")
    route = route.replace("^(?P<app_label>auth|conversations|routing|widget)/$", "conversations/")
    return "/admin/" + route


def paths(name: str, route: str, rows: dict[type[Model], Model]) -> set[str]:
    """Give an address of a page with the key of a row of that page's kind, any other with the keys of all."""
    of_page = [
        row for model, row in rows.items() if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    return {path_of(route, str(row.pk)) for row in of_page or rows.values()}


@pytest.fixture
def rows(db: None) -> dict[type[Model], Model]:
    """One row of every page's kind, all of Sopoong's, all with its name in them."""
    brand = make_brand()
    Brand.objects.filter(pk=brand.pk).update(name=SECRET_NAME)
    brand.refresh_from_db()
    widget = create_widget(brand=brand, name=SECRET_NAME, by=SYSTEM)
    posted = say(make_visitor(widget.channel, name=SECRET_NAME), SECRET_NAME)
    event = Event.objects.filter(conversation_id=posted.message.conversation_id).order_by("pk")[0]
    user = make_user("sopoong-person", brand)
    User.objects.filter(pk=user.pk).update(name=SECRET_NAME)
    group = Group.objects.create(brand=brand, name=SECRET_NAME)
    group.members.add(agent_of(user))
    kind = SkillType.objects.create(brand=brand, name=SECRET_NAME)
    schedule = Schedule(brand=brand, name=SECRET_NAME, time_zone="UTC", is_default=True)
    save_schedule(schedule=schedule, week=[], fields=(), by=SYSTEM)
    contact = Contact.objects.get(brand=brand)
    return {
        RoutingConfig: RoutingConfig.objects.create(brand=brand),
        Survey: Survey.objects.create(brand=brand),
        SessionSettings: SessionSettings.objects.create(brand=brand),
        Queue: Queue.objects.create(brand=brand, name=SECRET_NAME),
        SkillType: kind,
        Skill: Skill.objects.create(type=kind, name=SECRET_NAME),
        SkillRule: SkillRule.objects.create(brand=brand, name=SECRET_NAME),
        CapacityRule: CapacityRule.objects.create(brand=brand, name=SECRET_NAME),
        CustomStatus: CustomStatus.objects.create(brand=brand, name=SECRET_NAME),
        Brand: brand,
        Channel: widget.channel,
        Responder: Responder.objects.get(brand=brand),
        Contact: contact,
        Block: block(brand=brand, kind="contact", contact=contact, by=SYSTEM),
        CustomRole: CustomRole.objects.create(brand=brand, name=SECRET_NAME),
        Event: event,
        DeadFact: DeadFact.objects.create(reader=SECRET_NAME, event=event, error=SECRET_NAME),
        User: user,
        Group: group,
        StatusSpell: StatusSpell.objects.create(
            agent=agent_of(user), status="online", began_at=event.created_at, source="manual"
        ),
        Schedule: schedule,
        SlaPolicy: SlaPolicy.objects.create(brand=brand, name=SECRET_NAME, schedule=schedule),
        CustomField: CustomField.objects.create(brand=brand, key="own", label=SECRET_NAME),
        TicketForm: TicketForm.objects.create(brand=brand, name=SECRET_NAME, for_customers=True),
        View: View.objects.create(brand=brand, name=SECRET_NAME),
        Trigger: Trigger.objects.create(brand=brand, name=SECRET_NAME),
        Automation: Automation.objects.create(brand=brand, name=SECRET_NAME),
        Macro: Macro.objects.create(brand=brand, name=SECRET_NAME, text=SECRET_NAME),
        type(widget): widget,
        **{
            type(key): key
            for key, _secret in (
                create_api_key(brand=brand, name=SECRET_NAME, by=SYSTEM),
                create_signing_key(brand=brand, name=SECRET_NAME, by=SYSTEM),
            )
        },
    }


def snapshot(rows: dict[type[Model], Model]) -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in rows]


def signed_in(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
        user.refresh_from_db()
    return client


def test_every_page_has_a_row_in_this_table(rows: dict[type[Model], Model]) -> None:
    assert set(rows) == set(admin.site._registry), "Give the new page a row of Sopoong's in the fixture `rows`."


@pytest.mark.parametrize("role", [None, Role.AGENT, Role.LIGHT])
def test_to_whom_no_page_is_open_every_door_is_shut(rows: dict[type[Model], Model], role: Role | None) -> None:
    brand: Any = rows[Brand]
    client = signed_in(make_user("alice", brand, role=role) if role else None)
    before = snapshot(rows)
    tried = 0
    for name, route in addresses():
        if name in OPEN:
            continue
        for path in paths(name, route, rows):
            for method in (client.get, client.post):
                answer = method(path)
                assert answer.status_code in {302, 404}, (name, route, answer.status_code)
                if answer.status_code == 302:
                    assert "/login/" in answer["Location"] or "/sign-in/" in answer["Location"], (name, answer)
                tried += 1
    assert tried > 300 and snapshot(rows) == before


# What runs a team, and what a supervisor sets up of it.
WORK = {
    RoutingConfig,
    Survey,
    SessionSettings,
    Queue,
    SkillType,
    Skill,
    SkillRule,
    CapacityRule,
    CustomStatus,
    User,
    Group,
    Schedule,
    SlaPolicy,
    Trigger,
    Automation,
}
WHO: dict[str, tuple[Role | frozenset[Permission], set[type[Model]]]] = {
    "supervisor": (Role.SUPERVISOR, {*WORK, Macro, View, Block, StatusSpell}),
    "sets up the team": (frozenset({Permission.CONFIGURE_ROUTING}), WORK),
    "looks after a team": (frozenset({Permission.SUPERVISE}), {StatusSpell}),
    "writes macros": (frozenset({Permission.REPLY, Permission.SHARE_MACROS}), {Macro}),
    "makes views": (frozenset({Permission.SHARE_VIEWS}), {View}),
    "blocks addresses": (frozenset({Permission.BLOCK_ADDRESSES}), {Block}),
}


def somebody(brand: Brand, what: Role | frozenset[Permission]) -> User:
    if isinstance(what, Role):
        return make_user("somebody", brand, role=what)
    person, role = make_user("somebody", brand), CustomRole(brand=brand, name="Own", sees="all")
    save_role(role=role, permissions=[each.value for each in what], fields=(), by=SYSTEM)
    save_person(person=person, roles={brand.pk: role.public_id}, fields=(), by=SYSTEM)
    return person


@pytest.mark.parametrize("who", WHO)
def test_each_page_is_open_to_its_permission_alone(rows: dict[type[Model], Model], who: str) -> None:
    """Menu, list, row and every other address of a page: all of it where it is theirs, and else nothing at all."""
    brand: Any = rows[Brand]
    what, opened = WHO[who]
    client = signed_in(somebody(brand, what))
    menu = client.get("/admin/")
    linked = {page["model"] for _name, pages in menu.context["console_groups"] for page in pages}
    assert linked == opened
    before, tried = snapshot(rows), 0
    names = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in rows}
    for name, route in addresses():
        model = names.get("_".join(name.split("_")[:2]))
        if model is None or name in OPEN or name in OF_EVERY_ADMIN or model in opened:
            continue
        for method in (client.get, client.post):
            given = {"post": "yes", "name": "Taken", "brand": brand.pk}
            answer = method(path_of(route, str(rows[model].pk)), given)
            words = answer.content.decode()
            assert answer.status_code in {403, 404} or (answer.status_code == 302 and model is User), (name, answer)
            assert SECRET_NAME not in words, name
            tried += 1
    assert tried >= 8 * (len(rows) - len(opened)) and snapshot(rows) == before
    for model in opened:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if model is Block and who != "supervisor":
            continue
        for page in (base, f"{base}{rows[model].pk}/change/"):
            answer = client.get(page)
            assert answer.status_code == 200 and SECRET_NAME in answer.content.decode(), page
            assert answer.context["has_permission"]
    # Home links to nothing that is shut.
    for href in set(re.findall(r'href="(/admin/[^"#?]*)"', menu.content.decode())):
        assert client.get(href).status_code == 200, href


def test_whoever_blocks_addresses_alone_sees_and_makes_no_other_block(rows: dict[type[Model], Model]) -> None:
    brand: Any = rows[Brand]
    client = signed_in(somebody(brand, frozenset({Permission.BLOCK_ADDRESSES})))
    base = "/admin/conversations/block/"
    assert SECRET_NAME not in client.get(base).content.decode()
    assert client.get(f"{base}{rows[Block].pk}/delete/").status_code == 404
    given = {"brand": brand.pk, "reason": "", "expires_at_0": "", "expires_at_1": ""}
    client.post(f"{base}add/", {**given, "kind": "email", "value": "m@example.test"})
    assert Block.objects.count() == 1
    client.post(f"{base}add/", {**given, "kind": "address", "value": "203.0.113.7"})
    assert Block.objects.filter(kind="address").count() == 1


def test_supervisor_moves_people_and_gives_no_power(rows: dict[type[Model], Model]) -> None:
    brand: Any = rows[Brand]
    group: Any = rows[Group]
    skill: Any = rows[Skill]
    client = signed_in(somebody(brand, Role.SUPERVISOR))
    alice = make_user("alice", brand)
    page = f"/admin/conversations/user/{alice.pk}/change/"
    words = client.get(page).content.decode()
    assert f'name="role_{brand.pk}"' not in words and "sign-in link" not in words and f"Agent · {brand}" in words
    given = {
        "groups": [group.pk],
        f"skill_{skill.pk}": "4",
        # None of these is theirs to change.
        f"role_{brand.pk}": "admin",
        "name": "Taken over",
        "email": "taken@example.test",
    }
    assert client.post(page, given).status_code == 302
    alice.refresh_from_db()
    assert alice.name == "Alice" and alice.email == "alice@example.test" and alice.is_active
    assert alice.memberships.get().role == Role.AGENT
    assert list(agent_of(alice).groups.all()) == [group]
    assert dict(agent_of(alice).held_skills.values_list("skill", "level")) == {skill.pk: 4}
    changed = Event.objects.filter(type="configuration.changed", payload__label=str(alice)).order_by("pk")
    assert [event.payload["change"] for event in changed] == ["groups", "skills"]
    assert client.post(f"/admin/conversations/user/{alice.pk}/link/").status_code == 302
    assert client.get("/admin/conversations/user/add/").status_code == 403
    assert not Event.objects.filter(payload__change="sign-in link").exists()


def test_supervisor_of_one_brand_reaches_nothing_of_another(rows: dict[type[Model], Model]) -> None:
    other = make_brand("other")
    user = make_user("sue", other, role=Role.SUPERVISOR)
    Membership.objects.create(user=user, brand=rows[Brand], role=Role.AGENT)  # type: ignore[misc]  # a brand
    client = signed_in(user)
    for model in WHO["supervisor"][1]:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        # Sopoong's people are seen as far as they are in the other brand too: Sue herself is.
        assert SECRET_NAME not in client.get(base).content.decode(), base
        if model is not User:
            assert client.get(f"{base}{rows[model].pk}/change/").status_code == 404, base


def test_admin_of_another_brand_reaches_none_of_it(rows: dict[type[Model], Model]) -> None:
    client = signed_in(make_user("charlie", make_brand("other"), role=Role.ADMIN))
    before = snapshot(rows)
    names = {f"{model._meta.app_label}_{model._meta.model_name}": row for model, row in rows.items()}
    tried: set[str] = set()
    for name, route in addresses():
        if name in OPEN or name in OF_EVERY_ADMIN:
            continue
        row = names["_".join(name.split("_")[:2])]
        tries: list[tuple[Any, dict[str, Any]]] = [
            (client.get, {}),
            (client.post, {"post": "yes", "name": "Taken", "brand": 1}),
        ]
        for method, given in tries:
            answer = method(path_of(route, str(row.pk)), given)
            assert SECRET_NAME not in answer.content.decode(), (name, route)
            tried.add(name)
    for name, row in names.items():
        chosen: dict[str, Any] = {"action": "run_again", "_selected_action": [row.pk], "select_across": "1"}
        answer = client.post(f"/admin/{name.replace('_', '/', 1)}/", chosen)
        assert SECRET_NAME not in answer.content.decode()
    for page in ("/admin/", "/admin/conversations/", "/admin/conversations/event/?q=Sopoong"):
        assert SECRET_NAME not in client.get(page, follow=True).content.decode()
    found = client.get(
        "/admin/autocomplete/", {"term": "S", "app_label": "routing", "model_name": "group", "field_name": "brand"}
    )
    assert SECRET_NAME not in found.content.decode()
    assert tried >= {f"{name}_{page}" for name in names for page in ("changelist", "change", "delete", "add")}
    mine = snapshot(rows)
    # What Charlie posted may have made rows of their own brand; those of Sopoong are as they were.
    for kept, now in zip(before, mine, strict=True):
        assert all(each in now for each in kept)


def test_choices_of_a_form_are_ones_own(rows: dict[type[Model], Model]) -> None:
    brand: Any = rows[Brand]
    client = signed_in(make_user("charlie", make_brand("other"), role=Role.ADMIN))
    for path, given in (
        ("routing/group", {"brand": brand.pk, "name": "Mine now"}),
        ("routing/schedule", {"brand": brand.pk, "name": "Mine now", "time_zone": "UTC"}),
        ("routing/slapolicy", {"brand": brand.pk, "name": "Mine now"}),
        ("routing/view", {"brand": brand.pk, "name": "Mine now", "order": "waiting"}),
        ("routing/macro", {"brand": brand.pk, "name": "Mine now", "text": "Hello"}),
        ("routing/trigger", {"brand": brand.pk, "name": "Mine now", "events": ["ticket.opened"]}),
        ("routing/automation", {"brand": brand.pk, "name": "Mine now", "is_once": "on"}),
        ("conversations/apikey", {"brand": brand.pk, "name": "Mine now", "scopes": ["tickets:read"]}),
        ("routing/customfield", {"brand": brand.pk, "label": "Mine now", "key": "k", "of": "ticket", "kind": "text"}),
        ("routing/ticketform", {"brand": brand.pk, "name": "Mine now"}),
        ("conversations/signingkey", {"brand": brand.pk, "name": "Mine now"}),
        ("conversations/responder", {"brand": brand.pk, "name": "Mine now", "kind": "agents"}),
        ("conversations/customrole", {"brand": brand.pk, "name": "Mine now", "sees": "all"}),
        ("conversations/block", {"brand": brand.pk, "kind": "email", "value": "m@example.test"}),
        ("conversations/user", {"name": "Mine now", "email": "m@example.test", f"role_{brand.pk}": "admin"}),
    ):
        answer = client.post(f"/admin/{path}/add/", given)
        assert answer.status_code == 200 and answer.context["adminform"].form.errors, path
    assert not User.objects.filter(name="Mine now").exists()


def test_admin_opens_every_page_of_their_own_under_the_strict_policy(rows: dict[type[Model], Model]) -> None:
    brand: Any = rows[Brand]
    client = signed_in(make_user("ada", brand, role=Role.ADMIN))
    for model, row in rows.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for page in (base, f"{base}{row.pk}/change/"):
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert "unsafe" not in answer["Content-Security-Policy"] and "<style" not in answer.content.decode(), page
            assert SECRET_NAME in answer.content.decode(), page
    assert get_resolver()
