import json
from io import StringIO

import pytest
from django.core.management import call_command

from conversations.models import Message
from routing.models import Ticket


@pytest.mark.django_db
def test_same_numbers_twice_make_the_same_rows() -> None:
    for _ in range(2):
        out = StringIO()
        call_command("seed_load", conversations=4, messages=12, agents=2, queued=1, events=3, stdout=out)
    found = json.loads(out.getvalue())
    assert (found["conversations"], found["messages"], found["queued"], found["events"]) == (4, 12, 1, 3)
    assert (Message.objects.count(), Ticket.objects.count()) == (12, 4)
