"""What a contact is told of how they wait, and of who is here."""

from django.db import transaction

from conversations import live
from conversations.models import Conversation, Standing

MORE_THAN_A_HUNDRED = 101


@transaction.atomic
def tell_waiting(*, conversation: Conversation, position: int | None, minutes: int | None, text: str) -> None:
    """Have the contact told that they wait: at which place (101: further back), for how many minutes, in which words.

    What they are told already is not told again.
    """
    place = None if position is None else min(position, MORE_THAN_A_HUNDRED)
    _tell(conversation, Standing(position=place, minutes=minutes, text=text[:200]))


@transaction.atomic
def tell_agent(*, conversation: Conversation, name: str) -> None:
    """Have the contact told who answers them now."""
    _tell(conversation, Standing(agent_name=name[:128]))


@transaction.atomic
def tell_nothing(*, conversation: Conversation) -> None:
    """Have the contact told nothing any more: nobody is waited for."""
    if Standing.objects.filter(conversation=conversation).delete()[0]:
        live.announce_standing(conversation)


def _tell(conversation: Conversation, told: Standing) -> None:
    values = {name: getattr(told, name) for name in ("position", "minutes", "text", "agent_name")}
    if Standing.objects.filter(conversation=conversation, **values).exists():
        return
    Standing.objects.update_or_create(conversation=conversation, defaults=values)
    live.announce_standing(conversation)
