"""What a ticket becomes: pure decisions."""

from routing.models import Ticket

MAX_TAGS = 20
MAX_TAG_CHARS = 40
SUBJECT_CHARS = 160


def status_after_contact_wrote(status: str) -> str:
    """Give a ticket's status once the customer wrote: waiting or solved work is open again, new work stays new."""
    return status if status in {Ticket.Status.NEW, Ticket.Status.CLOSED} else Ticket.Status.OPEN


def status_after_agent_wrote(status: str) -> str:
    """Give a ticket's status once an agent answered: new work is open."""
    return Ticket.Status.OPEN if status == Ticket.Status.NEW else status


def subject_of(text: str) -> str:
    """Give a subject from the first words: the first line, at most 80 characters, cut at a word."""
    line = text.strip().split("\n", 1)[0].strip()
    if len(line) <= 80:
        return line
    return f"{line[:80].rsplit(' ', 1)[0]}…"


def clean_tags(tags: list[str]) -> list[str]:
    """Give tags lower-cased, with hyphens for spaces, without doubles, in the order given."""
    clean = ["-".join(tag.lower().split()) for tag in tags]
    return list(dict.fromkeys(tag for tag in clean if tag))
