"""Rows for load tests: many conversations, quickly, topped up to the numbers asked for."""

import json
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model
from django.utils import timezone

from conversations.models import (
    Brand,
    Channel,
    Contact,
    Conversation,
    Event,
    Identity,
    Membership,
    Message,
    Participant,
    Responder,
    Role,
    User,
)
from conversations.search import terms
from routing.actions import waiting
from routing.models import Agent, Ticket, TicketCounter

BATCH = 2000
PAGE_VIEWED = "load.page_viewed"
PASSWORD = "madang-load"  # noqa: S105  # of made-up people in a made-up brand
WORDS = (
    *("order", "tent", "delivery", "refund", "size", "colour", "broken", "thanks", "please", "when"),
    *("배송", "교환", "환불", "텐트", "주문", "사이즈", "언제", "감사합니다"),
)


class Command(BaseCommand):
    """Top the brand `load` up; the same numbers again change nothing."""

    help = "Make conversations for load tests and print one JSON line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--conversations", type=int, default=1000)
        parser.add_argument("--messages", type=int, default=5000, help="In all, spread evenly over new conversations.")
        parser.add_argument("--agents", type=int, default=10)
        parser.add_argument("--queued", type=int, default=100, help="How many of them wait for an agent.")
        parser.add_argument("--events", type=int, default=0, help="Page views to add to the event log.")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        chance = random.Random(options["seed"])  # noqa: S311  # words, not secrets
        brand, _ = Brand.objects.get_or_create(slug="load", defaults={"name": "Load"})
        channel, _ = Channel.objects.get_or_create(brand=brand, kind="web", key="load", defaults={"name": "Load"})
        holder, _ = Responder.objects.get_or_create(
            brand=brand, name="zd-agentWorkspace", defaults={"kind": Responder.Kind.AGENTS, "is_default": True}
        )
        agents = _agents(brand, options["agents"])
        have = Conversation.objects.filter(brand=brand).count()
        missing = options["messages"] - Message.objects.filter(conversation__brand=brand).count()
        per = max(1, missing // max(1, options["conversations"] - have))
        for first in range(have, options["conversations"], BATCH):
            numbers = range(first, min(first + BATCH, options["conversations"]))
            _conversations(numbers, brand, channel, holder, agents, per, options["queued"], chance)
        waiting.ask_requeue(brand.pk)
        waiting.requeue(brand.pk)
        _events(brand, options["events"])
        ids = Conversation.objects.filter(brand=brand).order_by("pk").values_list("public_id", flat=True)
        count = ids.count()
        found = {
            "conversations": count,
            "messages": Message.objects.filter(conversation__brand=brand).count(),
            "agents": len(agents),
            "queued": Ticket.objects.filter(brand=brand, is_open=True, assignee=None).count(),
            "events": Event.objects.filter(brand_id=brand.pk, type=PAGE_VIEWED).count(),
            "password": PASSWORD,
            "seconds": round(time.monotonic() - begun, 1),
            **({"first": ids[0], "middle": ids[count // 2], "last": ids[count - 1]} if count else {}),
        }
        self.stdout.write(json.dumps(found))


def _store(rows: Sequence[Model]) -> None:
    """Insert many rows of one model and set their keys: by COPY on PostgreSQL, three times as fast as INSERT."""
    model, connection = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        return
    table, fields = model._meta.db_table, model._meta.concrete_fields
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(rows)]
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
        columns = ", ".join(str(field.column) for field in fields)
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])


def _agents(brand: Brand, wanted: int) -> list[Agent]:
    password = make_password(PASSWORD)
    for number in range(wanted):
        email = f"agent{number}@load.test"
        if not User.objects.filter(email=email).exists():
            user = User.objects.create(email=email, password=password, name=f"Agent {number}")
            Membership.objects.create(user=user, brand=brand, role=Role.AGENT)
            Agent.objects.create(user=user)
    return list(Agent.objects.filter(user__memberships__brand=brand).order_by("pk"))


@transaction.atomic
def _conversations(
    numbers: range,
    brand: Brand,
    channel: Channel,
    holder: Responder,
    agents: list[Agent],
    per: int,
    queued: int,
    chance: random.Random,
) -> None:
    """Write one batch: contacts, identities, conversations, messages, and a ticket each. All or nothing."""
    now = timezone.now()
    said = {number: [" ".join(chance.choices(WORDS, k=8)) for _ in range(per)] for number in numbers}
    contacts = [Contact(brand=brand, name=f"Customer {n}", terms=terms(f"Customer {n}")) for n in numbers]
    _store(contacts)
    _store(
        [
            Identity(contact=contact, channel=channel, address=f"device:load-{number:09}")
            for number, contact in zip(numbers, contacts, strict=True)
        ]
    )
    conversations = [
        Conversation(
            brand=brand,
            contact=contact,
            default_for=contact,
            channel=channel,
            holder=holder,
            last_seq=per,
            last_public_seq=per,
            previous_public_seq=per - 1,
            last_message_at=now - timedelta(seconds=number),
            last_preview=said[number][-1],
            last_author_kind="contact",
        )
        for number, contact in zip(numbers, contacts, strict=True)
    ]
    _store(conversations)
    pairs = list(zip(numbers, conversations, strict=True))
    _store([Participant(conversation=c, contact_id=c.contact_id) for _, c in pairs])
    _store(
        [
            Message(
                conversation=conversation,
                seq=seq,
                previous_seq=seq - 1,
                author_kind="contact",
                author_contact_id=conversation.contact_id,
                content={"type": "text", "text": text},
                terms=terms(text),
                created_at=now,
            )
            for number, conversation in pairs
            for seq, text in enumerate(said[number], start=1)
        ]
    )
    _store(
        [
            Ticket(
                brand=brand,
                conversation=conversation,
                number=number + 1,
                subject=said[number][0][:80],
                status=Ticket.Status.NEW if number < queued else Ticket.Status.OPEN,
                assignee=None if number < queued or not agents else agents[number % len(agents)],
                waiting_since=now,
                last_activity_at=now - timedelta(seconds=number),
            )
            for number, conversation in pairs
        ]
    )
    TicketCounter.objects.update_or_create(brand=brand, defaults={"last_number": numbers[-1] + 1})


def _events(brand: Brand, wanted: int) -> None:
    """Top the log up with page views; the relay numbers them."""
    have = Event.objects.filter(brand_id=brand.pk, type=PAGE_VIEWED).count()
    now = timezone.now()
    for first in range(have, wanted, BATCH):
        _store(
            [
                Event(type=PAGE_VIEWED, brand_id=brand.pk, actor_kind="system", payload={"n": n}, created_at=now)
                for n in range(first, min(first + BATCH, wanted))
            ]
        )
