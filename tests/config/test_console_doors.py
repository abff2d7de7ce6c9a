"""Who gets through which door of the console: every address it has, asked for by everyone it is not for.

The table is walked, not written: a page that is added is here by itself.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from conversations.actions.blocking import block
from conversations.actions.keys import create_api_key, create_signing_key
from conversations.events import SYSTEM
from conversations.models import (
    Block,
    Brand,
    Channel,
    Contact,
    CustomRole,
    DeadFact,
    Event,
    Responder,
    Role,
    User,
)
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


@pytest.mark.parametrize("role", [None, Role.AGENT, Role.SUPERVISOR, Role.LIGHT])
def test_nobody_but_admins_gets_through_any_door(rows: dict[type[Model], Model], role: Role | None) -> None:
    brand: Any = rows[Brand]
    client = signed_in(make_user("alice", brand, role=role) if role else None)
    before = snapshot(rows)
    tried = 0
    for name, route in addresses():
        if name in OPEN:
            continue
        for row in rows.values():
            for method in (client.get, client.post):
                answer = method(path_of(route, str(row.pk)))
                assert answer.status_code in {302, 404}, (name, route, answer.status_code)
                if answer.status_code == 302:
                    assert "/login/" in answer["Location"] or "/sign-in/" in answer["Location"], (name, answer)
                tried += 1
    assert tried > 500 and snapshot(rows) == before


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
