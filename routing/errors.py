"""What routing refuses."""

from collections.abc import Sequence

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


class OfferIsGone(ConversationsError):
    """The offer was answered, taken back, or is somebody else's."""

    code = "offer_gone"
    status = 409
    text = _("This is not offered to you any more.")


class NothingWaits(ConversationsError):
    """No work waits that this agent could take."""

    code = "nothing_waits"
    status = 404
    text = _("Nothing waits that you could take.")


class FormRefused(ConversationsError):
    """A form cannot be taken as it was sent; `refused` says of each field what is wrong with it."""

    code = "form_refused"
    status = 422
    text = _("Some of it cannot be sent yet.")

    def __init__(self, refused: Sequence[ConversationsError]) -> None:
        self.refused = tuple(refused)
        super().__init__()
