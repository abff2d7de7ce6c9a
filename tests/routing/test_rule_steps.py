"""What rules do to a brand's own fields and forms, and where these do not hold rules back."""

import pytest

from conversations.models import Brand
from routing.models import CustomField, Firing, Ticket
from tests.factories import make_brand, make_channel
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_trigger, outcomes, settle_rules


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()


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
