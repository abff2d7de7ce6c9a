"""Run inside an installation (`python -m tests.bench.counted`): what a list, a thread, a send cost in queries."""

import json
from collections.abc import Callable

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.actions.messages import receive
from conversations.models import Conversation, Identity, User


def count() -> dict[str, int]:
    """Give the queries of each, sign-in and permissions included; BEGIN and COMMIT are not counted."""
    conversation = Conversation.objects.filter(brand__slug="load").order_by("pk")[0]
    identity = Identity.objects.select_related("contact", "channel").get(contact=conversation.contact_id)
    agent = Client()
    user = User.objects.filter(memberships__brand__slug="load").order_by("pk")[0]
    agent.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    thread = f"/workspace/conversations/{conversation.public_id}/"
    said = {"type": "text", "text": "when does my tent come?"}
    receive(identity=identity, conversation=conversation, content=said)
    asked: dict[str, Callable[[], object]] = {
        "list": lambda: agent.get("/workspace/parts/list/open/"),
        "thread": lambda: agent.get(thread),
        "search": lambda: agent.get("/workspace/search/", {"q": "tent"}),
        "receive (a visitor writes)": lambda: receive(identity=identity, conversation=conversation, content=said),
        "send (an agent answers)": lambda: agent.post(f"{thread}post/", {"text": "Today."}),
    }
    counts = {}
    for name, ask in asked.items():
        ask()
        with CaptureQueriesContext(connection) as queries:
            ask()
        kinds = [query["sql"].split()[0] for query in queries]
        counts[name] = sum(kind in {"SELECT", "INSERT", "UPDATE", "DELETE"} for kind in kinds)
    return counts


if __name__ == "__main__":
    print(json.dumps(count()))
