"""Which answers leave the house, and which wait for the app that will carry them.

Whoever comes to deliver email calls `carries(*ANSWERED_BY_EMAIL)` when it starts; nothing else changes.
"""

from conversations.models import Channel

# Kinds of channel whose customers read what they are answered in their mail.
ANSWERED_BY_EMAIL = frozenset({"form", "api"})
_carried: set[str] = set()


def carries(*kinds: str) -> None:
    """Note that answers of channels of these kinds are delivered from now on."""
    _carried.update(kinds)


def is_answered_by_email(channel: Channel) -> bool:
    """Say whether its customers are not there to talk to, but read their mail."""
    return channel.kind in ANSWERED_BY_EMAIL


def waits_for_email(channel: Channel) -> bool:
    """Say whether what is answered here is kept, and reaches nobody until email is connected."""
    return is_answered_by_email(channel) and channel.kind not in _carried
