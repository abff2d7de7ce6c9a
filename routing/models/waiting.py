"""Work that waits for an agent: its lane, who is offered it, and every decision with what it was made of."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from routing.decide.classes import ChannelClass
from routing.models.agent import Agent
from routing.models.queue import Queue
from routing.models.ticket import Ticket

# The moment by which work without a promise is due: after all others.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Lane(models.Model):
    """All work that needs the same of an agent: who cannot take the first of a lane can take none of it.

    `key` names what it needs, so that the same needs are one lane; groups and skills are keys in sorted lists.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, null=True, related_name="+")
    queue_priority = models.PositiveSmallIntegerField()
    channel_class = models.CharField(max_length=16, choices=ChannelClass.choices)
    primary = models.JSONField()
    secondary = models.JSONField()
    required = models.JSONField()
    # The last day on which something was placed here.
    used_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="lane_once")]


class Waiting(models.Model):
    """An open ticket that nobody has, and its place. There is one for each, assigned automatically or not."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="waiting")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField()
    eligible_at = models.DateTimeField()
    due_at = models.DateTimeField(default=NEVER)
    preferred = models.JSONField(default=list)
    # When the skills it needs are given up; null where it needs none, or never.
    relaxes_at = models.DateTimeField(null=True)
    # Who had it and sent it here: offered to them only after the others.
    passed_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    # Not assigned automatically: email without the tag that lets it in.
    is_held = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=False)
    # Until when it is not assigned automatically, since the triggers that hear of its opening run first.
    rules_until = models.DateTimeField(null=True)
    # When its queues and rules were last asked again, for instance because time passed.
    checked_at = models.DateTimeField(default=timezone.now, db_default=Now())
    # What was asked on the way here, as routing.decide.trails keeps it; empty where nothing was.
    trail = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "due_at", "-priority", "eligible_at", "id"],
                condition=Q(is_held=False, is_offered=False),
                name="waiting_in_lane",
            ),
            models.Index(fields=["brand", "eligible_at", "id"], name="waiting_of_brand"),
            models.Index(fields=["checked_at", "id"], name="waiting_checked"),
            models.Index(fields=["brand", "relaxes_at"], condition=Q(relaxes_at__isnull=False), name="waiting_relaxes"),
        ]


class Requeue(models.Model):
    """A wish: everything of the brand that waits is to be placed anew, since its configuration changed."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class Round(models.Model):
    """What a round of assignment was decided from: people and terms, as routing.decide.snapshots packs them."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    people = models.BinaryField()
    terms = models.JSONField()
    # Choices that did not hold once the rows were locked, as [place, agent, channel class]; others were made after.
    dropped = models.JSONField(default=list, db_default=[])

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="round_age")]


class Decision(models.Model):
    """One choice of a round: which work, and who got it. It was made of those before it in its round, too."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="decisions")
    place = models.PositiveIntegerField()
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="decisions")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="decisions")
    work = models.JSONField()
    # The trail of what waited, as it was then.
    trail = models.JSONField(default=dict, db_default={})
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "place"], name="decision_place_once")]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="decision_of_ticket"),
            models.Index(fields=["agent", "made_at"], name="decision_of_agent"),
        ]


class Offer(models.Model):
    """A ticket is offered to an agent, who accepts in time or not."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="offers")
    channel_class = models.CharField(max_length=16, choices=ChannelClass.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="pending"), name="offer_one_pending")
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="pending"), name="offer_expiring"),
            models.Index(fields=["agent"], condition=Q(state="pending"), name="offer_pending_of_agent"),
            models.Index(fields=["ticket", "-id"], name="offer_of_ticket"),
        ]
