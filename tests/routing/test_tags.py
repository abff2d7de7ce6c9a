"""Tags that fields suggest: those in use, the most used first, of what one sees, at one price."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Channel, User
from conversations.queries import viewer_of
from routing.models import Ticket
from routing.queries.tags import used_tags
from tests.factories import make_brand, make_channel, make_user
from tests.routing.cast import wait_in_line


@pytest.fixture
def alice(channel: Channel) -> User:
    return make_user("alice", channel.brand)


def wear(channel: Channel, *worn: list[str]) -> None:
    tickets = wait_in_line(channel, *(f"{channel.pk}-{number}" for number in range(len(worn))))
    for ticket, tags in zip(tickets, worn, strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(tags=tags)


def test_most_used_tags_come_first_and_only_ones_own(channel: Channel, alice: User) -> None:
    other = make_channel(make_brand("other"))
    wear(channel, ["refund", "vip"], ["refund"], ["환불"])
    wear(other, ["theirs"])
    assert used_tags(viewer_of(alice)) == [("refund", 2), ("vip", 1), ("환불", 1)]
    desk = Client()
    desk.force_login(alice)
    shown = desk.get(f"/workspace/parts/tags/?brand={channel.brand_id}").content.decode()
    assert [part.split('"')[0] for part in shown.split('value="')[1:]] == ["refund", "vip", "환불"]
    assert desk.get(f"/workspace/parts/tags/?brand={other.brand_id}").status_code == 404
    conversation = Ticket.objects.filter(brand=channel.brand).earliest("pk").conversation
    panel = desk.get(f"/workspace/parts/ticket-panel/{conversation.public_id}/").content.decode()
    assert f'list="used-tags" data-tags="/workspace/parts/tags/?brand={channel.brand_id}"' in panel
    assert 'id="used-tags"' in desk.get("/workspace/inbox/mine/").content.decode()


def test_only_the_newest_are_looked_at(channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.queries.tags.LOOKED_AT", 1)
    monkeypatch.setattr("routing.queries.tags.MOST", 2)
    wear(channel, ["old"], ["c", "b", "a"])
    viewer = viewer_of(alice)
    with CaptureQueriesContext(connection) as counted:
        assert used_tags(viewer, channel.brand_id) == [("a", 1), ("b", 1)]
    assert len(counted) == 1
