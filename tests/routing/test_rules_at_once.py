"""Several workers at once: what happened to a ticket is answered once, in order, and nothing is left."""

import pytest

from conversations.events import SYSTEM
from conversations.models import Message
from routing.actions.firing import run_automations, run_triggers
from routing.actions.tickets import change_ticket
from routing.models import Cause, Firing, Rule, Ticket
from tests.factories import make_brand, make_channel
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_automation, make_trigger, when
from tests.threads import in_threads


@pytest.mark.django_db(transaction=True)
def test_four_workers_do_each_rule_once_for_each_ticket() -> None:
    brand = make_brand()
    tickets = wait_in_line(make_channel(brand), "carol", "dave", "erin", "frank")
    settle()
    note = {"do": "write_note", "text": "x"}
    make_trigger(brand, "One", ["ticket.changed"], [], note, {"do": "add_tags", "value": ["one"]})
    make_trigger(brand, "Two", ["ticket.changed"], [], note, {"do": "add_tags", "value": ["two"]})
    rows = [when("ticket.created_at", "newer_than_minutes", 60), when("ticket.tags", "include_none", ["clock"])]
    make_automation(brand, "Clock", rows, note, {"do": "add_tags", "value": ["clock"]})
    for ticket in tickets:
        change_ticket(ticket=ticket, add_tag="go", by=SYSTEM)
    settle()
    assert Cause.objects.count() == 4
    assert in_threads(4, lambda n: run_triggers() if n % 2 else run_automations()) == []
    run_triggers()
    run_automations()
    assert not Cause.objects.exists()
    assert Firing.objects.filter(outcome="done").count() == Firing.objects.count() == 12
    assert Message.objects.filter(author_kind="system").count() == 12
    assert sorted(Rule.objects.values_list("firings_count", flat=True)) == [4, 4, 4]
    assert all(set(tags) == {"go", "one", "two", "clock"} for tags in Ticket.objects.values_list("tags", flat=True))
