"""What a rating means, and whether one is asked for."""

from datetime import timedelta

from routing.models import Rating, Survey, Ticket

ANSWERED_WITHIN = timedelta(days=28)
MAX_REASONS = 10
REASON_CHARS = 60
TEXT_CHARS = 200
WORD_CHARS = 40
# Up to which score of each scale the reasons are offered.
LOW = {2: 1, 3: 1, 5: 2}


def grade_of(score: int, scale: int) -> str:
    """Give what a score means: bad, okay or good. A scale of two has nothing between."""
    if score <= LOW[scale]:
        return Rating.Grade.BAD
    return Rating.Grade.OKAY if 2 * score == scale + 1 else Rating.Grade.GOOD


def is_asked(survey: Survey | None, ticket: Ticket, when: str, *, was_answered: bool) -> bool:
    """Say whether a customer is asked how a ticket went, now that this happened to it.

    Nobody is asked of what no agent answered, of closed or snoozed tickets, or where an agent switched it off.
    """
    if survey is None or not survey.is_on or survey.when != when:
        return False
    if ticket.status == Ticket.Status.CLOSED or ticket.snoozed_until is not None:
        return False
    return ticket.asks_rating and was_answered


def clean_list(given: list[str]) -> list[str]:
    """Give reasons or words trimmed, without empty ones and doubles, in the order given."""
    return list(dict.fromkeys(" ".join(each.split()) for each in given if each.strip()))
