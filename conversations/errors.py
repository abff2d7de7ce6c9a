"""What the core's actions refuse, each with a stable code, a status, and words for the reader."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ConversationsError(Exception):
    """A refusal. Edges render it; nothing else catches it.

    `code` is stable and for machines; `text` is translated; `field` and `limit` are set where input was at fault.
    """

    code = "bad_request"
    status = 400
    text: str | Promise = _("This cannot be done.")

    def __init__(
        self, text: str | Promise | None = None, *, field: str = "", limit: int | str | None = None, code: str = ""
    ) -> None:
        self.text = text or type(self).text
        self.field = field
        self.limit = limit
        self.code = code or type(self).code
        super().__init__(str(self.text))


class InvalidContent(ConversationsError):
    """Content that breaks a rule of its type; `field` is a dotted path into it."""

    code = "invalid_content"


class NotFound(ConversationsError):
    """The thing is not there, or not for this caller: the two look alike from outside."""

    code = "not_found"
    status = 404
    text = _("Not found.")


class NotSignedIn(ConversationsError):
    """No valid credentials came with the call."""

    code = "unauthorized"
    status = 401
    text = _("Sign in first.")


class NotAllowed(ConversationsError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403
    text = _("You may not do this.")


class Blocked(ConversationsError):
    """The end user may read and write nothing. Said so that it alarms nobody."""

    code = "blocked"
    status = 403
    text = _("This conversation is closed.")


class TokenRefused(ConversationsError):
    """A signed token that does not hold; `code` is one of the reasons of the web messenger's contract, section 6."""

    code = "invalid_token"
    status = 401
    text = _("This sign-in token is not valid.")


class SessionAlreadyEnded(ConversationsError):
    """There is no live session to end."""

    code = "session_already_ended"
    status = 409
    text = _("This session has already ended.")


class SessionIsOver(ConversationsError):
    """The session ended, and with it what can be said in this conversation."""

    code = "session_is_over"
    status = 409
    text = _("The customer's session has ended. Write a note, or reopen it first.")


class FormAlreadyAnswered(ConversationsError):
    """A form takes one answer."""

    code = "form_already_answered"
    status = 409
    text = _("This form has already been answered.")


class RatingIsOver(ConversationsError):
    """The time to rate is over, or the work it was about is closed."""

    code = "rating_over"
    status = 409
    text = _("This can no longer be rated.")


class CannotBeUndone(ConversationsError):
    """It is too late to take it back, or something of it is gone for good."""

    code = "cannot_be_undone"
    status = 409
    text = _("This can no longer be undone.")


class ClientIdTaken(ConversationsError):
    """Another author already used this client id in this conversation."""

    code = "client_id_taken"
    status = 409
    text = _("This client_id belongs to another message.")


class NewMessagesArrived(ConversationsError):
    """The writer had not seen the newest words when they sent; nothing was sent. `limit` is the newest seq."""

    code = "new_messages_arrived"
    status = 409
    text = _("Something new arrived while you were writing.")


class NotWaiting(ConversationsError):
    """A scheduled reply that went out, or was cancelled, meanwhile."""

    code = "not_waiting"
    status = 409
    text = _("This reply waits no more: it was sent or cancelled meanwhile.")


class NotInControl(ConversationsError):
    """Someone else holds the conversation."""

    code = "not_in_control"
    status = 409
    text = _("Another responder holds this conversation.")


class InvalidTarget(ConversationsError):
    """Control cannot go there: unknown, ambiguous, not offered, or already its own."""

    code = "switchboard_invalid_target"
    status = 409
    text = _("Control cannot be passed to this responder.")


class UploadRefused(ConversationsError):
    """A file that is empty, too large, of a kind not taken, or not what its name says."""

    code = "upload_refused"
    text = _("This file cannot be accepted.")


class TooManyRequests(ConversationsError):
    """A rate limit was reached; `limit` is the seconds to wait."""

    code = "too_many_requests"
    status = 429
    text = _("Too many requests. Wait a moment.")


class KeyReused(ConversationsError):
    """An Idempotency-Key came with another call than the one it was first used for."""

    code = "idempotency_key_reused"
    status = 409
    text = _("This Idempotency-Key belongs to another call.")


class LastAdmin(ConversationsError):
    """A brand would be left without anyone who may configure it."""

    code = "last_admin"
    status = 409
    text = _("A brand needs at least one active admin. Make somebody else an admin first.")


class OwnAccess(ConversationsError):
    """Admins would lock themselves out."""

    code = "own_access"
    status = 409
    text = _("You cannot take your own admin role away or switch yourself off. Ask another admin.")


class ResponderNeeded(ConversationsError):
    """Conversations of a brand would reach nobody."""

    code = "responder_needed"
    status = 409
    text = _("One responder must answer first. Choose another one for it instead of taking it away from this one.")
