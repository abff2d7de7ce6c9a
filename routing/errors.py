"""What routing refuses."""

from django.utils.translation import gettext_lazy as _

from conversations.errors import ConversationsError


class AlreadyTaken(ConversationsError):
    """Someone else has the ticket; `winner` is their name."""

    code = "already_taken"
    status = 409

    def __init__(self, winner: str) -> None:
        self.winner = winner
        super().__init__(_("%(name)s already took this.") % {"name": winner})


class TicketIsClosed(ConversationsError):
    """A closed ticket is history; the customer's next word opens another."""

    code = "ticket_closed"
    status = 409
    text = _("This ticket is closed.")


class InvalidChange(ConversationsError):
    """A value that a ticket cannot have; `field` and `limit` say which."""

    code = "invalid_change"
    text = _("This value cannot be set.")
