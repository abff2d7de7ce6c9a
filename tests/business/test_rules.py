"""Service levels and rules by the API: what is kept of them, what they name, and their order."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import OperationalError
from django.test import Client

from conversations.business.callers import Caller
from conversations.business.nouns import Noun
from conversations.events import SYSTEM
from conversations.models import Event
from conversations.permissions import Role
from conversations.queries import viewer_of
from routing.actions.many import apply_changes
from routing.actions.ratings import save_survey
from routing.actions.tickets import set_status
from routing.models import CustomField, Reapply, Rule, SessionSettings, SlaTarget, Survey, Ticket
from tests.business.calling import app_of, system
from tests.business.world import World, make_world
from tests.factories import make_user, make_visitor, reply, say
from tests.routing.cast import settle


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_service_level_keeps_what_a_change_does_not_name(world: World) -> None:
    address = f"/service-levels/{world.ids['service_level']}"
    changed = world.shop.call("PATCH", address, {"name": "Urgent"})["service_level"]
    assert changed["schedule"]["id"] == world.ids["schedule"]
    assert changed["targets"] == [{"metric": "first_reply", "priority": "urgent", "minutes": 30, "is_business": True}]
    refused = world.shop.call("PATCH", address, {"schedule": None}, 400)
    assert refused["error"]["field"] == "schedule"
    assert SlaTarget.objects.count() == 1


def test_rule_names_queues_by_their_public_ids(world: World) -> None:
    told = world.shop.call("GET", f"/triggers/{world.ids['trigger']}")["trigger"]
    assert told["steps"][0] == {"do": "pass_to_queue", "value": world.ids["queue"]}
    body = {"steps": [{"do": "pass_to_queue", "value": "1"}]}
    refused = world.shop.call("PATCH", f"/triggers/{world.ids['trigger']}", body, 400)
    assert refused["error"]["field"] == "steps.0.value"
    listed = world.shop.call("GET", "/triggers")["triggers"]
    assert [each["steps"][0]["value"] for each in listed] == [world.ids["queue"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": ["nothing"]}, "events.0"),
        ({"steps": [{"do": "fly"}]}, "steps.0.do"),
        ({"steps": ["x"]}, "steps.0.do"),
        ({"steps": []}, "steps"),
        ({"conditions": {"all": [{"field": "ticket.colour", "operator": "is", "value": 1}]}}, "all.0.field"),
    ],
)
def test_rule_that_cannot_be_is_refused_by_field(world: World, body: dict[str, Any], field: str) -> None:
    refused = world.shop.call("PATCH", f"/triggers/{world.ids['trigger']}", body, 400)
    assert refused["error"]["field"] == field


def test_order_is_of_all_rows_and_told_once(world: World) -> None:
    made = [
        world.shop.call("POST", "/automations", {"name": name, "steps": [{"do": "escalate"}], "is_once": True}, 201)
        for name in ("A", "B")
    ]
    a, b = (each["automation"]["id"] for each in made)
    first = world.ids["automation"]
    events = Event.objects.filter(type="configuration.changed").count()
    world.shop.call("PUT", "/automations/order", {"ids": [b, first, a]}, 204)
    world.shop.call("PUT", "/automations/order", {"ids": [b, first, a]}, 204)
    assert list(Rule.objects.filter(kind="automation").order_by("order").values_list("public_id", flat=True)) == [
        b,
        first,
        a,
    ]
    assert Event.objects.filter(type="configuration.changed").count() == events + 1
    for ids in ([b, a], [b, a, a], [b, first, a, world.ids["trigger"]], []):
        assert world.shop.call("PUT", "/automations/order", {"ids": ids}, 400)["error"]["field"] == "ids"


def test_order_of_service_levels_has_tickets_looked_at_again(world: World) -> None:
    other = world.shop.call("POST", "/service-levels", {"name": "All"}, 201)["service_level"]["id"]
    Reapply.objects.all().delete()
    world.shop.call("PUT", "/service-levels/order", {"ids": [other, world.ids["service_level"]]}, 204)
    assert Reapply.objects.count() == 1
    places = {each["id"]: each["place"] for each in world.shop.call("GET", "/service-levels")["service_levels"]}
    assert places == {other: 1, world.ids["service_level"]: 2}


def test_what_a_rule_did_needs_both_scopes(world: World) -> None:
    only_settings = system(world.brand, ["settings:read"])
    only_settings.call("GET", "/triggers")
    only_settings.call("GET", f"/triggers/{world.ids['trigger']}/firings", status=403)
    only_settings.call("GET", f"/triggers/{world.ids['trigger']}/trial?ticket={world.ids['ticket']}", status=403)
    bob = app_of(make_user("bob", world.brand))
    bob.call("GET", f"/triggers/{world.ids['trigger']}/trial?ticket=x", status=404)


def test_queries_of_lists_do_not_grow(world: World, django_assert_num_queries: Any) -> None:
    def counted(noun: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            world.shop.call("GET", f"/{noun}")
        return len(queries)

    before = {noun: counted(noun) for noun in ("service-levels", "triggers")}
    for number in range(5):
        body = {"name": f"N{number}", "targets": [{"metric": "resolution", "priority": "low", "minutes": 9}]}
        world.shop.call("POST", "/service-levels", body, 201)
        steps = [{"do": "pass_to_queue", "value": world.ids["queue"]}]
        world.shop.call("POST", "/triggers", {"name": f"N{number}", "events": ["ticket.opened"], "steps": steps}, 201)
    assert {noun: counted(noun) for noun in ("service-levels", "triggers")} == before


def test_steps_are_a_macros_and_no_views(world: World) -> None:
    steps = [{"do": "set_field", "value": "order", "text": "A-1"}]
    changed = world.shop.call("PATCH", f"/macros/{world.ids['macro']}", {"steps": steps})["macro"]
    assert [(each["do"], each["value"]) for each in changed["steps"]] == [("set_field", "order")]
    refused = world.shop.call("PATCH", f"/views/{world.ids['view']}", {"steps": steps}, 400)
    assert refused["error"]["field"] == "steps"


def test_ticket_tells_where_its_customer_says_how_it_went_once_they_are_asked(world: World) -> None:
    ticket = Ticket.objects.get(public_id=world.ids["ticket"])
    address = f"/tickets/{ticket.public_id}"
    assert world.shop.call("GET", address)["ticket"]["survey_url"] is None
    save_survey(survey=Survey(brand=ticket.brand, is_on=True, when="solved"), by=SYSTEM)
    reply(ticket.conversation, make_user("sam", ticket.brand), "Done.")
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle()
    told = world.shop.call("GET", address)["ticket"]["survey_url"]
    assert told.startswith("/rate/") and Client().get(told).status_code == 200
    listed = world.shop.call("GET", "/tickets?view=ended")["tickets"]
    assert [each["survey_url"] for each in listed if each["id"] == ticket.public_id] == [told]


def test_schedule_that_goes_has_what_counted_its_hours_looked_at_again(world: World) -> None:
    Reapply.objects.all().delete()
    world.shop.call("DELETE", f"/schedules/{world.ids['schedule']}", status=204)
    assert Reapply.objects.filter(brand=world.brand).count() == 1


def _nouns(kind: type[Noun[Any]] = Noun) -> Iterator[type[Noun[Any]]]:
    for each in kind.__subclasses__():
        yield from _nouns(each)
        if hasattr(each, "name"):
            yield each


def test_a_noun_asks_for_what_its_page_of_the_console_asks(world: World) -> None:
    caller = Caller("test", viewer_of(world.alice), SYSTEM)
    asked = {}
    for noun in _nouns():
        page: Any = admin.site._registry.get(noun().rows(caller).model)
        if page:
            asked[noun.many] = (noun.permission, page.permission)
    different = {many for many, (ours, theirs) in asked.items() if ours != theirs}
    # Their pages are for more than the API does, and are not open to whoever may only do that to one customer.
    assert different == {"contacts", "blocks"}
    assert len(asked) > 15


def test_supervisor_writes_what_they_may_in_the_console(world: World) -> None:
    app = app_of(make_user("sue", world.brand, role=Role.SUPERVISOR))
    for noun, many in (("trigger", "triggers"), ("automation", "automations"), ("service_level", "service-levels")):
        app.call("PATCH", f"/{many}/{world.ids[noun]}", {"is_active": False})
        app.call("PUT", f"/{many}/order", {"ids": [world.ids[noun]]}, 204)
    app.call("PATCH", f"/fields/{world.ids['field']}", {"label": "Number"}, 403)


def test_changes_with_a_key_are_each_on_their_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    say(make_visitor(world.brand.channels.get(), "daves-browser-00001"), "hello too")
    settle()
    first, second = Ticket.objects.order_by("pk")
    body = {"tickets": [first.public_id, second.public_id], "changes": {"priority": "urgent"}}

    def failing(*, ticket: Ticket, **given: Any) -> Any:
        if ticket == second:
            raise OperationalError
        return apply_changes(ticket=ticket, **given)

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr("routing.api.many.apply_changes", failing)
        world.shop.call("POST", "/tickets/changes", body, Idempotency_Key="k-1")
    first.refresh_from_db()
    assert first.priority == 4
    told = world.shop.call("POST", "/tickets/changes", body, Idempotency_Key="k-1")
    assert [each["changed"] for each in told["results"]] == [False, True]
    assert world.shop.call("POST", "/tickets/changes", body, Idempotency_Key="k-1") == told
    other = body | {"changes": {"priority": "low"}}
    world.shop.call("POST", "/tickets/changes", other, 409, Idempotency_Key="k-1")


def test_conditions_take_what_is_said_that_they_can_ask(world: World) -> None:
    for of, address in (("views", "views"), ("automations", "automations"), ("service-levels", "service-levels")):
        noun = address.rstrip("s").replace("-", "_")
        found = {each["field"]: each for each in fields_told(world, of)}
        assert found["ticket.choice_field.size"]["choices"] == [{"value": "L", "label": "L"}]
        assert found["contact.properties"]["takes_key"] and "ticket.choice_field" not in found
        assert [each["label"] for each in found["ticket.group"]["choices"]] == ["Returns"]
        for path in found:
            row = {"field": path, "operator": found[path]["operators"][0], "value": value_for(found[path])}
            row["field"] += ".plan" if found[path]["takes_key"] else ""
            body = {"conditions": {"all": [row]}} | ({"is_once": True} if of == "automations" else {})
            world.shop.call("PATCH", f"/{address}/{world.ids[noun]}", body)
    assert "conversation.last_message" not in {each["field"] for each in fields_told(world, "views")}
    assert "ticket.status" not in {each["field"] for each in fields_told(world, "service-levels")}
    refused = world.shop.call("GET", "/condition-fields?of=macros", status=400)
    assert refused["error"]["field"] == "of" and "queues" in refused["error"]["limit"]


def fields_told(world: World, of: str) -> list[dict[str, Any]]:
    if not CustomField.objects.filter(key="size").exists():
        body = {"key": "size", "label": "Size", "kind": "select", "options": ["L"]}
        world.shop.call("POST", "/fields", body, 201)
    told: list[dict[str, Any]] = world.shop.call("GET", f"/condition-fields?of={of}")["condition_fields"]
    return told


def value_for(field: dict[str, Any]) -> Any:
    if field["choices"]:
        return field["choices"][0]["value"]
    if field["is_language"]:
        return "ko"
    return {"flag": True, "number": 5, "moment": 60, "tags": ["x"]}.get(field["kind"], "x")


def test_shared_views_are_put_in_order(world: World) -> None:
    second = world.shop.call("POST", "/views", {"name": "Second"}, 201)["view"]["id"]
    own = app_of(world.alice).call("POST", "/views", {"name": "Own", "is_own": True}, 201)["view"]["id"]
    first = world.ids["view"]
    world.shop.call("PUT", "/views/order", {"ids": [second, first]}, 204)
    places = {each["id"]: each["place"] for each in world.shop.call("GET", "/views")["views"]}
    assert places == {first: 2, second: 1}
    for ids in ([second], [second, first, own], [second, second]):
        assert world.shop.call("PUT", "/views/order", {"ids": ids}, 400)["error"]["field"] == "ids"
    app_of(make_user("bob", world.brand)).call("PUT", "/views/order", {"ids": [first, second]}, 403)
    said = Event.objects.filter(type="configuration.changed", payload__change="position")
    assert said.count() == 1


def test_settings_of_which_there_is_one_are_refused_by_field(world: World) -> None:
    for address, body, field in (
        ("/survey", {"scale": 4}, "scale"),
        ("/survey", {"look": "stars"}, "look"),
        ("/survey", {"scale": 3, "words_en": ["Bad", "Good"]}, "words_en"),
        ("/survey", {"words_ko": ["x" * 41] * 5}, "words_ko.0"),
        ("/survey", {"reasons_en": ["x"] * 50}, "reasons_en"),
        ("/session-settings", {"reminders": [{"minutes": 0, "text_en": "Hi"}]}, "reminders.0.minutes"),
        ("/session-settings", {"reminders": [{"minutes": 5}]}, "reminders.0.text_en"),
        ("/session-settings", {"closed_schedule": "0" * 24}, "closed_schedule"),
        ("/session-settings", {"close_solved_after_days": 0}, "close_solved_after_days"),
        ("/session-settings", {"colour": 1}, "colour"),
    ):
        assert world.shop.call("PATCH", address, body, 400)["error"]["field"] == field, body
    assert not Survey.objects.exists() and not SessionSettings.objects.exists()
    for address in ("/survey", "/session-settings"):
        app_of(make_user(f"bob{len(address)}", world.brand)).call("PATCH", address, {}, 403)
    rating = f"/tickets/{world.ids['ticket']}/rating"
    assert world.shop.call("POST", rating, {"is_on": False}) == {"is_on": False}
    assert Ticket.objects.get().asks_rating is False
