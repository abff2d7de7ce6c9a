"""The three classes of channels that capacity and status speak of (product reference, row 13)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ChannelClass(TextChoices):
    """What kind of attention a piece of work asks for."""

    MESSAGING = "messaging", _("Messaging")
    EMAIL = "email", _("Email")
    VOICE = "voice", _("Voice")


# Kinds of channels whose customer does not wait at the other end of a line.
EMAIL_KINDS = frozenset({"email", "form", "api", "side"})
VOICE_KINDS = frozenset({"voice", "call"})


def class_of_work(channel_class: str, *, session_ended: bool, ended_is_email: bool) -> str:
    """Give the class in which work asks for attention: a chat whose session ended may be as email."""
    is_email = channel_class == ChannelClass.MESSAGING and session_ended and ended_is_email
    return ChannelClass.EMAIL if is_email else channel_class


def class_of(channel_kind: str) -> ChannelClass:
    """Give the class of a channel of this kind; what is not known otherwise is messaging."""
    if channel_kind in EMAIL_KINDS:
        return ChannelClass.EMAIL
    return ChannelClass.VOICE if channel_kind in VOICE_KINDS else ChannelClass.MESSAGING
