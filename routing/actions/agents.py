"""What agents set for themselves."""

from django.db import transaction

from conversations.models import User
from routing.errors import InvalidChange
from routing.models import Agent

PREFERENCES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", "light", "dark"),
    "enter_sends": ("no", "yes"),
    "shortcuts": ("yes", "no"),
    "notifications": ("no", "yes"),
    "sounds": ("yes", "no"),
}


def agent_of(user: User) -> Agent:
    """Give a person's agent row, made when missing."""
    return Agent.objects.get_or_create(user=user)[0]


@transaction.atomic
def set_preference(*, agent: Agent, name: str, value: str) -> Agent:
    """Set how the workspace behaves for this agent. Raises InvalidChange."""
    if value not in PREFERENCES.get(name, ()):
        raise InvalidChange(field=name, limit=", ".join(PREFERENCES.get(name, ())))
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    agent.preferences = {**agent.preferences, name: value}
    agent.save(update_fields=["preferences"])
    return agent


def preferences_of(agent: Agent) -> dict[str, str]:
    """Give every preference, with the default (the first choice) where none was made."""
    return {name: str(agent.preferences.get(name, choices[0])) for name, choices in PREFERENCES.items()}
