"""What rules do to a brand's own fields and forms, and where these do not hold rules back."""

from typing import Any

import pytest

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions.fields import set_field_values
from routing.actions.firing import run_automations
from routing.actions.tickets import change_ticket, locked
from routing.decide.step_words import told
from routing.decide.steps import Why, after, read_steps
from routing.errors import InvalidChange
from routing.models import CustomField, Firing, Ticket, TicketForm, Trigger
from routing.queries.rules import known_of, state_of
from tests.factories import make_channel
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_automation, make_trigger, outcomes, settle_rules, when


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    found = wait_in_line(make_channel(brand), "carol")[0]
    settle()
    return found


def test_a_required_field_does_not_hold_rules_back(brand: Brand, ticket: Ticket) -> None:
    CustomField.objects.create(brand=brand, key="order", label="Order", is_required_to_solve=True)
    make_trigger(brand, "Solve at once", ["ticket.opened"], [], {"do": "set_status", "value": "solved"})
    other = wait_in_line(ticket.conversation.channel, "dave")[0]
    settle_rules()
    other.refresh_from_db()
    assert (other.status, outcomes()) == ("solved", [("Solve at once", Firing.Outcome.DONE)])


def test_rules_fill_in_fields_and_give_a_form(brand: Brand, ticket: Ticket) -> None:
    CustomField.objects.create(brand=brand, key="size", label="Size", kind="select", options=["Small", "Large"])
    CustomField.objects.create(brand=brand, key="count", label="How many", kind="number")
    CustomField.objects.create(brand=brand, key="gift", label="Gift", kind="checkbox")
    CustomField.objects.create(brand=brand, of="contact", key="plan", label="Plan")
    form = TicketForm.objects.create(brand=brand, name="Exchange", field_keys=["size", "count", "gift"])
    make_trigger(
        brand,
        "Exchange",
        ["ticket.changed"],
        [when("ticket.tags", "include_any", ["exchange"])],
        {"do": "set_form", "value": form.public_id},
        {"do": "set_field", "value": "size", "text": "Large"},
        {"do": "set_field", "value": "count", "text": "3"},
        {"do": "set_field", "value": "gift", "text": "true"},
        {"do": "set_contact_field", "value": "plan", "text": " Gold "},
    )
    change_ticket(ticket=ticket, tags=["exchange"], by=SYSTEM)
    settle_rules()
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.form, ticket.field_values) == (form, {"size": "Large", "count": 3, "gift": True})
    assert ticket.conversation.contact.field_values == {"plan": "Gold"}
    firing = Firing.objects.get()
    assert [told(step) for step in firing.steps][1:3] == ["fill in Size", "fill in How many"]
    assert "Gold" not in str(firing.steps)


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"do": "set_field", "value": "lost", "text": "x"}, "steps.0.value"),
        ({"do": "set_field", "value": "size", "text": "Huge"}, "steps.0.text"),
        ({"do": "set_field", "value": "size", "text": "x" * 1001}, "steps.0.text"),
        ({"do": "set_contact_field", "value": "size", "text": "Small"}, "steps.0.value"),
        ({"do": "set_form", "value": "0" * 24}, "steps.0.value"),
    ],
)
def test_what_a_field_does_not_take_is_refused_at_its_step(brand: Brand, step: dict[str, Any], path: str) -> None:
    CustomField.objects.create(brand=brand, key="size", label="Size", kind="select", options=["Small"])
    with pytest.raises(InvalidChange) as refused:
        make_trigger(brand, "Wrong", ["ticket.changed"], [], step)
    assert (refused.value.field, Trigger.objects.count()) == (path, 0)


def test_a_field_that_is_hidden_or_changed_is_passed_over(brand: Brand, ticket: Ticket) -> None:
    size = CustomField.objects.create(brand=brand, key="size", label="Size", kind="select", options=["Small"])
    CustomField.objects.create(brand=brand, key="order", label="Order")
    form = TicketForm.objects.create(brand=brand, name="Short", field_keys=["size"], is_default=True)
    steps = [
        {"do": "set_field", "value": "order", "text": "A-1"},
        {"do": "set_field", "value": "size", "text": "Small"},
    ]
    known = known_of(brand.pk)
    state = state_of(locked(ticket))
    first, second = (after(step, state, known)[1] for step in read_steps(steps))
    assert (first, second) == (Why.HIDDEN, None)
    size.options = ["Large"]
    size.save()
    assert after(read_steps(steps)[1], state, known_of(brand.pk))[1] == Why.UNFIT
    TicketForm.objects.filter(pk=form.pk).update(is_default=False)
    assert after(read_steps(steps)[0], state, known_of(brand.pk))[1] is None


def test_filling_in_a_field_may_end_an_automation(brand: Brand, ticket: Ticket) -> None:
    CustomField.objects.create(brand=brand, key="size", label="Size", kind="select", options=["Small", "Large"])
    rows = [when("ticket.choice_field.size", "is", "Small")]
    with pytest.raises(InvalidChange) as refused:
        make_automation(brand, "Same", rows, {"do": "set_field", "value": "size", "text": "Small"})
    assert refused.value.field == "is_once"
    make_automation(brand, "Other", rows, {"do": "set_field", "value": "size", "text": "Large"})
    set_field_values(ticket=ticket, values={"size": "Small"}, by=SYSTEM)
    assert (run_automations(), run_automations()) == (1, 0)
    ticket.refresh_from_db()
    assert ticket.field_values == {"size": "Large"}
