"""Run inside an installation (`python -m tests.bench.people 2200`): visitors' tokens and agents' cookies, as JSON.

Tokens and sign-ins are written as the product writes them; only the asking by HTTP, two thousand times, is saved.
"""

import json
import sys
from io import StringIO

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from conversations.models import ClientToken, Conversation, Identity, User
from conversations.secrets import fingerprint, new_token
from tests.bench.products import AGENTS, BEHIND


def visitors(wanted: int) -> list[dict[str, str]]:
    """Give the first visitors of the load brand, each with a conversation of five messages."""
    found = (
        Conversation.objects.filter(brand__slug="load").order_by("pk").values_list("public_id", "contact_id")[:wanted]
    )
    identities = dict(Identity.objects.filter(channel__key="load").values_list("contact_id", "pk"))
    made = [(public_id, identities[contact_id], new_token()) for public_id, contact_id in found]
    ClientToken.objects.bulk_create(
        [ClientToken(identity_id=identity_id, token_hash=fingerprint(token)) for _, identity_id, token in made]
    )
    return [{"conversation": public_id, "token": token} for public_id, _, token in made]


def agents() -> list[str]:
    """Sign the load brand's agents in; give their cookie headers."""
    cookies = []
    for user in User.objects.filter(memberships__brand__slug="load").order_by("pk")[:AGENTS]:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        cookies.append("; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()))
    return cookies


if __name__ == "__main__":
    count = int(sys.argv[1])
    if count:
        call_command("seed_load", conversations=count, messages=count * BEHIND, agents=AGENTS, stdout=StringIO())
    print(json.dumps({"visitors": visitors(count), "agents": agents()}))
