"""Asking customers how a ticket went, and keeping what they say."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.actions.configuration import hold_brand, record_configuration
from conversations.actions.messages import Author, post_message
from conversations.actions.ratings import close_rating
from conversations.content import parse_content
from conversations.events import SYSTEM, Actor
from conversations.models import AuthorKind, Message
from conversations.shapes import timestamp
from routing.actions import tickets
from routing.decide.classes import ChannelClass
from routing.decide.languages import in_language
from routing.decide.ratings import (
    ANSWERED_WITHIN,
    LOW,
    MAX_REASONS,
    REASON_CHARS,
    TEXT_CHARS,
    WORD_CHARS,
    clean_list,
    grade_of,
    is_asked,
)
from routing.errors import InvalidChange
from routing.events import RatingAsked, RatingSwitched
from routing.models import Rating, SideConversation, Survey, Ticket
from routing.queries.languages import customers_language


@transaction.atomic
def ask_rating(*, ticket: Ticket, when: str) -> Rating | None:
    """Ask the customer how a ticket went, where their brand wants that `when` this happened; once for each ticket.

    `when` is one of Survey.When. Gives what was asked now, or None.
    """
    survey = Survey.objects.filter(brand=ticket.brand_id, is_on=True, when=when).first()
    if survey is None:
        return None
    ticket = tickets.locked(ticket)
    if ticket.channel_class == ChannelClass.EMAIL and SideConversation.objects.filter(child=ticket).exists():
        # Who asks there is an agent.
        return None
    spoke = Message.objects.filter(
        conversation=ticket.conversation_id, author_kind=AuthorKind.AGENT, audience=Message.Audience.PUBLIC
    )
    if Rating.objects.filter(ticket=ticket).exists() or not is_asked(survey, ticket, when, was_answered=spoke.exists()):
        return None
    now = timezone.now()
    language = customers_language(ticket.conversation)
    content = {
        "type": "rating",
        "text": in_language(language, survey.text_en, survey.text_ko) or _question(language),
        "scale": survey.scale,
        "look": survey.look,
        "words": in_language(language, survey.words_en, survey.words_ko),
        "reasons": in_language(language, survey.reasons_en, survey.reasons_ko),
        "low": LOW[survey.scale],
        "until": timestamp(now + ANSWERED_WITHIN),
    }
    posted = post_message(
        conversation=ticket.conversation,
        author=Author.system(),
        content=parse_content(content, by="system"),
        client_id=f"rating-{ticket.public_id}",
        is_parsed=True,
    )
    rating = Rating.objects.create(
        ticket=ticket,
        message=posted.message,
        scale=survey.scale,
        asked_at=now,
        expires_at=now + ANSWERED_WITHIN,
    )
    tickets.record(ticket, RatingAsked(ticket=ticket.public_id, message=posted.message.public_id), SYSTEM)
    return rating


def _question(language: str) -> str:
    """Give the house's own question."""
    with translation.override(language):
        return gettext("How did we do?")


@transaction.atomic
def keep_answer(*, message_id: str) -> None:
    """Keep on the ticket what its customer said in the message of this public id. Told twice, it changes nothing."""
    found = Rating.objects.select_related("ticket__conversation", "message").filter(message__public_id=message_id)
    rating = found.first()
    answer = rating.message.content.get("answer") if rating else None
    if rating is None or answer is None:
        return
    rating.score, rating.reasons, rating.comment = answer["score"], answer["reasons"], answer["comment"]
    words = rating.message.content.get("words")
    rating.word = words[rating.score - 1] if words else ""
    rating.grade = grade_of(rating.score, rating.scale)
    rating.answered_at = datetime.fromisoformat(answer["at"])
    rating.save(update_fields=["score", "word", "reasons", "comment", "grade", "answered_at"])
    live.announce_conversation(rating.ticket.conversation, to_contact=False, part="ticket")


def close_rating_of(*, ticket_id: str) -> None:
    """Have the ticket of this public id, which is closed, be rated no more."""
    rating = Rating.objects.select_related("message").filter(ticket__public_id=ticket_id).first()
    if rating:
        close_rating(message=rating.message)


@transaction.atomic
def switch_rating(*, ticket: Ticket, is_on: bool, by: Actor) -> Ticket:
    """Say whether the customer will be asked how this ticket went. Raises TicketIsClosed, and InvalidChange after."""
    ticket = tickets.locked(ticket)
    if Rating.objects.filter(ticket=ticket).exists():
        raise InvalidChange(_("The customer was asked already."), field="rating")
    if ticket.asks_rating != is_on:
        ticket.asks_rating = is_on
        ticket.save(update_fields=["asks_rating"])
        tickets.record(ticket, RatingSwitched(ticket=ticket.public_id, is_on=is_on), by)
    return ticket


@transaction.atomic
def save_survey(*, survey: Survey, fields: Sequence[str] = (), by: Actor) -> Survey:
    """Save how a brand asks for ratings, of which there is one. What was asked already stays as it was asked.

    The words of its points are none, or one for each point, worst first. Raises InvalidChange, naming: brand, when,
    scale, look, words_en, words_ko, text_en, text_ko, reasons_en, reasons_ko.
    """
    is_new = survey.pk is None
    hold_brand(survey.brand_id)
    if Survey.objects.filter(brand=survey.brand_id).exclude(pk=survey.pk).exists():
        raise InvalidChange(_("This brand has its survey already: change that one."), field="brand")
    if survey.when not in Survey.When.values:
        raise InvalidChange(field="when", limit=", ".join(Survey.When.values))
    if survey.scale not in Survey.Scale.values:
        raise InvalidChange(field="scale", limit="2, 3, 5")
    if survey.look not in Survey.Look.values:
        raise InvalidChange(field="look", limit=", ".join(Survey.Look.values))
    survey.words_en = _checked_words(survey.words_en, survey.scale, "words_en")
    survey.words_ko = _checked_words(survey.words_ko, survey.scale, "words_ko")
    survey.text_en = _checked_text(survey.text_en, "text_en")
    survey.text_ko = _checked_text(survey.text_ko, "text_ko")
    survey.reasons_en = _checked_reasons(survey.reasons_en, "reasons_en")
    survey.reasons_ko = _checked_reasons(survey.reasons_ko, "reasons_ko")
    survey.save()
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=survey, brand_ids=[survey.brand_id], change=change, by=by)
    return survey


def _checked_text(text: str, field: str) -> str:
    if len(text.strip()) > TEXT_CHARS:
        raise InvalidChange(_("At most %(n)s characters.") % {"n": TEXT_CHARS}, field=field, limit=TEXT_CHARS)
    return text.strip()


def _checked_words(given: list[str], scale: int, field: str) -> list[str]:
    words = clean_list(given)
    if words and len(words) != scale:
        text = _("Write one word for each point, all of them different: %(n)s.") % {"n": scale}
        raise InvalidChange(text, field=field, limit=scale)
    if any(len(word) > WORD_CHARS for word in words):
        raise InvalidChange(
            _("A word has at most %(n)s characters.") % {"n": WORD_CHARS}, field=field, limit=WORD_CHARS
        )
    return words


def _checked_reasons(given: list[str], field: str) -> list[str]:
    reasons = clean_list(given)
    if len(reasons) > MAX_REASONS:
        raise InvalidChange(_("At most %(n)s reasons.") % {"n": MAX_REASONS}, field=field, limit=MAX_REASONS)
    if any(len(reason) > REASON_CHARS for reason in reasons):
        text = _("A reason has at most %(n)s characters.") % {"n": REASON_CHARS}
        raise InvalidChange(text, field=field, limit=REASON_CHARS)
    return reasons
