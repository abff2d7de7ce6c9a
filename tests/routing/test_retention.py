"""What nobody asks for any more is dropped, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import QuerySet
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing.actions import assignment, offers
from routing.actions.retention import drop_old
from routing.actions.tickets import change_ticket, set_status
from routing.models import (
    Group,
    Lane,
    Offer,
    Waiting,
)
from tests.routing.cast import configure, make_agent, wait_in_line


def test_what_explains_is_kept_for_ninety_days(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    alice = make_agent("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    offers.decline_offer(ticket=ticket, agent=alice, by=SYSTEM)
    assignment.assign(brand.pk)
    now = timezone.now()
    assert drop_old(now + timedelta(days=89)) == 0
    assert drop_old(now + timedelta(days=91)) == 5, "two rounds, their decisions, and the offer that ended"
    assert Offer.objects.get().state == "pending"


def test_lanes_in_which_nothing_was_placed_for_ninety_days_go(brand: Brand, channel: Channel) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        stays, moves = wait_in_line(channel, "stays", "moves")
        group = Group.objects.create(brand=brand, name="Support")
        change_ticket(ticket=moves, group=group, by=SYSTEM)
        lane = Waiting.objects.get(ticket=moves).lane
        set_status(ticket=moves, status="solved", by=SYSTEM)
        clock.shift(timedelta(days=2))
        change_ticket(ticket=stays, group=group, by=SYSTEM)
        change_ticket(ticket=stays, no_group=True, by=SYSTEM)
        clock.shift(timedelta(days=89))
        assert drop_old(timezone.now()) == 0, "used again since"
        clock.shift(timedelta(days=1, seconds=1))
        assert drop_old(timezone.now()) == 1
        assert Lane.objects.get() == Waiting.objects.get().lane != lane


def test_a_lane_dropped_just_as_it_is_used_is_made_again(
    brand: Brand, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    old = Lane.objects.get()
    Lane.objects.update(used_at=timezone.now() - timedelta(days=91))
    read = QuerySet.get_or_create

    def late(self: Any, *args: Any, **given: Any) -> Any:
        found = read(self, *args, **given)
        Lane.objects.filter(pk=old.pk).delete()
        return found

    monkeypatch.setattr("django.db.models.query.QuerySet.get_or_create", late)
    set_status(ticket=ticket, status="open", by=SYSTEM)
    assert Waiting.objects.get().lane == Lane.objects.get() != old
