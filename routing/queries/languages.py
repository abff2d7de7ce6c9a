"""In which language a customer is spoken to."""

from conversations.models import Conversation
from routing.decide.languages import language_of


def customers_language(conversation: Conversation) -> str:
    """Give en or ko: what the customer reads, else what the brand speaks. Read with contact and brand: no query."""
    return language_of(conversation.contact.locale, conversation.brand.locale)
