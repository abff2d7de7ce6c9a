"""A brand's own fields: what they take, who must fill them in, and what conditions ask of them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions.contacts import merge_contact
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Contact, Event
from routing.actions.fields import delete_field, save_field, set_contact_values, set_field_values, set_form
from routing.actions.forms import save_form
from routing.actions.tickets import set_status
from routing.decide.conditions import holds, parse, read
from routing.decide.field_values import FieldRule, clean, missing
from routing.decide.fields import FIELDS
from routing.errors import InvalidChange
from routing.models import CustomField, Ticket, TicketForm
from routing.queries.compiled import compiled, view_fields
from routing.queries.custom_fields import fields_of_ticket, filled
from routing.queries.facts import facts_of, fields_of
from tests.factories import make_brand, make_user, make_visitor
from tests.routing.cast import wait_in_line


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return wait_in_line(channel, "carol")[0]


@pytest.fixture
def alice(brand: Brand) -> Actor:
    return Actor.of_user(make_user("alice", brand))


def field_of(brand: Brand, key: str, kind: str = "text", **given: Any) -> CustomField:
    fields: dict[str, Any] = {"label": key.capitalize(), **given}
    return save_field(field=CustomField(brand=brand, key=key, kind=kind, **fields), by=SYSTEM)


def form_of(brand: Brand, name: str, *keys: str, **given: Any) -> TicketForm:
    return save_form(form=TicketForm(brand=brand, name=name, field_keys=list(keys), **given), by=SYSTEM)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  two words ", "two words"),
        ("text", "   ", None),
        ("number", "12", 12),
        ("number", "-1.5", -1.5),
        ("number", 3, 3),
        ("select", "Large", "Large"),
        ("date", "2028-02-29", "2028-02-29"),
        ("checkbox", "on", True),
        ("checkbox", True, True),
        ("checkbox", False, None),
        ("checkbox", "", None),
        ("regex", "AB-12", "AB-12"),
    ],
)
def test_value_is_kept_as_its_kind(kind: str, given: object, kept: object) -> None:
    rule = FieldRule("k", "K", kind, options=("Small", "Large"), pattern=r"[A-Z]{2}-\d+")
    found = clean(given, rule)
    assert found == kept and type(found) is type(kept)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", "x" * 1001),
        ("text", "a\x00b"),
        ("text", ["a"]),
        ("number", "twelve"),
        ("number", "nan"),
        ("number", "1e13"),
        ("number", True),
        ("select", "Huge"),
        ("select", 1),
        ("date", "2027-02-29"),
        ("date", "30.11.2026"),
        ("checkbox", "perhaps"),
        ("regex", "ab-12"),
        ("regex", "AB-12 and more"),
    ],
)
def test_refusal_names_the_field_and_its_label(kind: str, given: object) -> None:
    rule = FieldRule("size", "The size", kind, options=("Small",), pattern=r"[A-Z]{2}-\d+")
    with pytest.raises(InvalidChange) as refused:
        clean(given, rule)
    assert refused.value.field == "field:size" and "The size" in str(refused.value.text)


def test_pattern_that_takes_too_long_matches_nothing() -> None:
    with pytest.raises(InvalidChange):
        clean("a" * 60 + "!", FieldRule("k", "K", "regex", pattern=r"(a|aa)+(b|c|\w)*(a+)+x"))


def test_what_no_longer_fits_counts_as_missing() -> None:
    rule = FieldRule("size", "Size", "select", options=("Small",), is_required=True)
    assert missing({"size": "Huge"}, [rule]) == [rule] == missing({}, [rule])
    assert missing({"size": "Small"}, [rule]) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"key": "Order"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "x" * 41}, "key"),
        ({"key": "taken"}, "key"),
        ({"label": " "}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"kind": "colour"}, "kind"),
        ({"of": "house"}, "of"),
        ({"kind": "select"}, "options"),
        ({"kind": "select", "options": [str(n) for n in range(201)]}, "options"),
        ({"kind": "select", "options": ["x" * 101]}, "options"),
        ({"kind": "regex"}, "pattern"),
        ({"kind": "regex", "pattern": "("}, "pattern"),
        ({"kind": "regex", "pattern": "(a{1000}){1000}"}, "pattern"),
        ({"help": "x" * 201}, "help"),
        ({"of": "contact", "is_required_to_solve": True}, "is_required_to_solve"),
        ({"of": "contact", "shown_to_customer": True}, "shown_to_customer"),
    ],
)
def test_field_out_of_bounds_is_refused_by_name(brand: Brand, given: dict[str, Any], field: str) -> None:
    field_of(brand, "taken")
    with pytest.raises(InvalidChange) as refused:
        field_of(brand, **{"key": "size", **given})
    assert refused.value.field == field
    assert CustomField.objects.count() == 1


@pytest.mark.parametrize("change", [{"key": "other"}, {"kind": "number"}, {"of": "contact"}])
def test_key_kind_and_place_of_a_field_stay(brand: Brand, change: dict[str, Any]) -> None:
    field = field_of(brand, "size")
    for name, value in change.items():
        setattr(field, name, value)
    with pytest.raises(InvalidChange) as refused:
        save_field(field=field, fields=list(change), by=SYSTEM)
    assert refused.value.field == next(iter(change))


def test_one_fact_tells_of_all_values(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    field_of(brand, "order")
    field_of(brand, "count", "number")
    set_field_values(ticket=ticket, values={"order": "A1", "count": "2"}, by=alice)
    set_field_values(ticket=ticket, values={"order": "A1"}, by=alice)
    ticket.refresh_from_db()
    assert ticket.field_values == {"order": "A1", "count": 2}
    fact = Event.objects.get(type="ticket.changed")
    assert (fact.payload["fields"], fact.actor_id) == (["field:count", "field:order"], alice.id)
    set_field_values(ticket=ticket, values={"order": ""}, by=alice)
    ticket.refresh_from_db()
    assert ticket.field_values == {"count": 2}


def test_one_wrong_value_changes_nothing(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    field_of(brand, "order")
    field_of(brand, "count", "number")
    for values, named in (({"order": "A1", "count": "two"}, "count"), ({"order": "A1", "nowhere": "x"}, "nowhere")):
        with pytest.raises(InvalidChange) as refused:
            set_field_values(ticket=ticket, values=values, by=alice)
        assert refused.value.field == f"field:{named}"
    ticket.refresh_from_db()
    assert ticket.field_values == {}


def test_solving_waits_for_what_is_required(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    field_of(brand, "order", is_required_to_solve=True)
    field_of(brand, "size", is_required_to_solve=True)
    field_of(brand, "colour")
    for status in ("solved", "closed"):
        with pytest.raises(InvalidChange) as refused:
            set_status(ticket=ticket, status=status, by=alice)
        assert refused.value.field == "field:order" and "Order, Size" in str(refused.value.text)
    set_status(ticket=ticket, status="pending", by=alice)
    set_field_values(ticket=ticket, values={"order": "A1", "size": "L"}, by=alice)
    assert set_status(ticket=ticket, status="solved", by=alice).status == "solved"


def test_the_system_solves_whatever_is_missing(brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "order", is_required_to_solve=True)
    assert set_status(ticket=ticket, status="solved", by=SYSTEM).status == "solved"


def test_form_decides_which_fields_a_ticket_has(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    for key in ("order", "size", "colour"):
        field_of(brand, key, is_required_to_solve=key == "colour")
    assert [field.key for field in fields_of_ticket(ticket)] == ["order", "size", "colour"]
    form_of(brand, "Everything", "colour", is_default=True)
    returns = form_of(brand, "Returns", "size", "order")
    assert [field.key for field in fields_of_ticket(ticket)] == ["colour"]
    ticket = set_form(ticket=ticket, form=returns, by=alice)
    assert [field.key for field in fields_of_ticket(ticket)] == ["size", "order"]
    with pytest.raises(InvalidChange):
        set_field_values(ticket=ticket, values={"colour": "red"}, by=alice)
    # Colour is required, and none of this form's.
    assert set_status(ticket=ticket, status="solved", by=alice).status == "solved"
    theirs = form_of(make_brand("other"), "Theirs")
    with pytest.raises(InvalidChange):
        set_form(ticket=set_status(ticket=ticket, status="open", by=alice), form=theirs, by=alice)


def test_one_form_is_the_default(brand: Brand) -> None:
    first = form_of(brand, "First", is_default=True)
    form_of(brand, "Second", is_default=True)
    first.refresh_from_db()
    assert not first.is_default


def test_deleted_field_is_shown_no_more(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    field = field_of(brand, "order", is_required_to_solve=True)
    set_field_values(ticket=ticket, values={"order": "A1"}, by=alice)
    delete_field(field=field, by=SYSTEM)
    ticket.refresh_from_db()
    assert fields_of_ticket(ticket) == []
    again = field_of(brand, "order", "number")
    # What the old one held is no number.
    assert filled([again], ticket)[0].value is None


def test_customers_fields_are_theirs(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    field_of(brand, "tier", "select", of="contact", options=["Gold", "Silver"])
    contact = ticket.conversation.contact
    set_contact_values(contact=contact, values={"tier": "Gold"}, by=alice)
    contact.refresh_from_db()
    assert contact.field_values == {"tier": "Gold"}
    assert Event.objects.get(type="contact.changed").payload["fields"] == ["field:tier"]
    with pytest.raises(InvalidChange) as refused:
        set_contact_values(contact=contact, values={"tier": "Iron"}, by=alice)
    assert refused.value.field == "field:tier"


def test_merging_keeps_what_only_the_other_had(channel: Channel) -> None:
    old, new = make_visitor(channel, "browser-of-the-old-one"), make_visitor(channel, "browser-of-the-new-one")
    Contact.objects.filter(pk=old.contact_id).update(field_values={"tier": "Gold", "shoe": 42})
    Contact.objects.filter(pk=new.contact_id).update(field_values={"tier": "Silver"})
    merge_contact(surviving=new.contact, discarded=old.contact)
    assert Contact.objects.get(pk=new.contact_id).field_values == {"tier": "Silver", "shoe": 42}


ROWS = [
    ("ticket.text_field.order", "is", "a1", True),
    ("ticket.text_field.order", "contains", "z", False),
    ("ticket.text_field.due", "starts_with", "2026-11", True),
    ("ticket.text_field.gone", "is_not_set", None, True),
    ("ticket.choice_field.size", "is", "Large", True),
    ("ticket.choice_field.size", "any_of", ["Small"], False),
    ("ticket.choice_field.size", "none_of", ["Small"], True),
    ("ticket.choice_field.size", "is_set", None, True),
    ("ticket.number_field.count", "at_least", 3, True),
    ("ticket.number_field.count", "less_than", 3, False),
    ("ticket.number_field.other", "at_most", 3, False),
    ("ticket.checkbox_field.vip", "is", True, True),
    ("ticket.checkbox_field.other_box", "is", True, False),
    ("ticket.checkbox_field.other_box", "is", False, True),
    ("contact.choice_field.tier", "is", "Gold", True),
]


def test_conditions_ask_of_own_fields_in_code_and_in_the_database(brand: Brand, ticket: Ticket, alice: Actor) -> None:
    for key, kind, given in (
        ("order", "text", {}),
        ("gone", "text", {}),
        ("due", "date", {}),
        ("size", "select", {"options": ["Small", "Large"]}),
        ("count", "number", {}),
        ("other", "number", {}),
        ("vip", "checkbox", {}),
        ("other_box", "checkbox", {}),
        ("tier", "select", {"options": ["Gold"], "of": "contact"}),
    ):
        field_of(brand, key, kind, **given)
    values = {"order": "A1", "due": "2026-11-30", "size": "Large", "count": 3, "vip": True}
    set_field_values(ticket=ticket, values=values, by=alice)
    set_contact_values(contact=ticket.conversation.contact, values={"tier": "Gold"}, by=alice)
    known = facts_of([ticket])[ticket.pk]
    fields = fields_of(brand.pk)
    for path, operator, value, expected in ROWS:
        row = {"field": path, "operator": operator, **({} if value is None else {"value": value})}
        stored = parse({"all": [row]}, fields).stored
        parse(stored, view_fields(brand.pk))
        lenient = read(stored, FIELDS)
        assert holds(lenient, known) is expected, path
        assert holds(read(stored, fields), known) is expected, path
        for conditions in (lenient, read(stored, fields)):
            assert Ticket.objects.filter(compiled(conditions, timezone.now())).exists() is expected, path


def test_fields_cost_the_same_however_many(brand: Brand, ticket: Ticket) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            filled(fields_of_ticket(Ticket.objects.get(pk=ticket.pk)), ticket)
        return len(counted)

    field_of(brand, "f0")
    few = cost()
    for n in range(1, 30):
        field_of(brand, f"f{n}")
    assert cost() == few
