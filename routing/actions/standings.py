"""Telling customers how they wait for an agent, and who is here. What they are told stands in the core."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from conversations.actions.standings import tell_agent, tell_nothing, tell_waiting
from conversations.models import Conversation, Standing
from routing.decide.classes import ChannelClass
from routing.decide.languages import in_language, language_of
from routing.decide.sessions import MOST_PLACES, SAMPLED, expected_minutes, is_news
from routing.models import FirstWait, Lane, SessionSettings, Ticket, Waiting
from routing.queries.lines import in_line, lines_of, place_of
from routing.queries.sessions import last_waits, open_hours, session_settings


def follow(ticket: Ticket, *, now: datetime) -> None:
    """Have the customer of a ticket told how it stands with it by now, as its brand wants them to be told."""
    settings = session_settings(ticket.brand_id)
    if not settings.tells_standing or ticket.channel_class != ChannelClass.MESSAGING:
        return
    conversation = ticket.conversation
    if ticket.assignee and ticket.is_open:
        tell_agent(conversation=conversation, name=ticket.assignee.user.name)
    elif not _is_quiet(ticket) and (row := Waiting.objects.filter(ticket=ticket).select_related("lane").first()):
        line = _Line(settings, open_hours(settings).is_open(now), now)
        line.tell(conversation, place_of(row) or MOST_PLACES + 1, row, last_waits(row.lane, now))
    elif not Ticket.objects.filter(conversation=conversation, is_open=True).exclude(pk=ticket.pk).exists():
        tell_nothing(conversation=conversation)


def _is_quiet(ticket: Ticket) -> bool:
    """Say whether its customer asked for nothing: it was opened without a word of theirs, and nobody answered yet."""
    return ticket.status == Ticket.Status.NEW and ticket.waiting_since is None


def tell_lines(now: datetime) -> None:
    """Tell those who wait what changed much of their place and their wait."""
    for settings in SessionSettings.objects.select_related("brand", "closed_schedule"):
        if settings.tells_position or settings.tells_minutes:
            telling = _Line(settings, open_hours(settings).is_open(now), now)
            lines = lines_of(settings.brand_id, ChannelClass.MESSAGING)
            for line in dict.fromkeys(lines.values()):
                own = [lane for lane, lanes in lines.items() if lanes == line]
                telling.tell_all(own, in_line(line))


@dataclass(frozen=True)
class _Line:
    """What a brand has those told who wait, now. While it is closed nobody is told to hold on, nor for how long."""

    settings: SessionSettings
    is_open: bool
    now: datetime

    @property
    def _says(self) -> bool:
        return self.is_open and bool(self.settings.waiting_text_en or self.settings.waiting_text_ko)

    def tell_all(self, lanes: Sequence[Lane], line: Sequence[Waiting]) -> None:
        """Tell those of a line who wait in these lanes; the others stand in other lines too, and hear of those."""
        waits = {lane.pk: last_waits(lane, self.now) for lane in lanes}
        rows = [(place, row) for place, row in enumerate(line, start=1) if row.lane_id in waits]
        told = {
            each.conversation_id: each
            for each in Standing.objects.filter(conversation__tickets__waiting__in=[row for _, row in rows])
        }
        for place, row in rows:
            if _is_quiet(row.ticket):
                continue
            before = told.get(row.ticket.conversation_id)
            after = self._figures(place, row, waits[row.lane_id])
            if before is None or bool(before.text) != self._says or is_news((before.position, before.minutes), after):
                self._tell_still(place, row, waits[row.lane_id])

    @transaction.atomic
    def _tell_still(self, place: int, row: Waiting, waits: list[float]) -> None:
        """Tell who was read to wait, unless somebody has them by now and they were told so."""
        Ticket.objects.select_for_update().filter(pk=row.ticket_id).values_list("pk").first()
        if Waiting.objects.filter(pk=row.pk).exists():
            self.tell(row.ticket.conversation, place, row, waits)

    def tell(self, conversation: Conversation, place: int, row: Waiting, waits: list[float]) -> None:
        """Tell the contact of a conversation that waits at this place of its line."""
        position, minutes = self._figures(place, row, waits)
        language = language_of(conversation.contact.locale, self.settings.brand.locale)
        settings = self.settings
        text = in_language(language, settings.waiting_text_en, settings.waiting_text_ko) if self.is_open else ""
        if position is None and minutes is None and not text:
            tell_nothing(conversation=conversation)
        else:
            tell_waiting(conversation=conversation, position=position, minutes=minutes, text=text)

    def _figures(self, place: int, row: Waiting, waits: list[float]) -> tuple[int | None, int | None]:
        """Give the place and the minutes as far as the brand has them told."""
        waited = (self.now - row.eligible_at).total_seconds()
        minutes = expected_minutes(waits, waited) if self.settings.tells_minutes and self.is_open else None
        return place if self.settings.tells_position else None, minutes


def forget(brand_id: int) -> None:
    """Have nobody of a brand told anything any more."""
    for standing in Standing.objects.filter(conversation__brand=brand_id).select_related("conversation"):
        tell_nothing(conversation=standing.conversation)


def drop_old_waits(now: datetime) -> None:
    """Delete the waits that nothing is reckoned from any more."""
    FirstWait.objects.filter(ended_at__lt=now - SAMPLED).delete()
