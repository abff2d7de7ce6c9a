"""What a customer is called on the screen."""

from django.utils.translation import gettext

from conversations.models import Contact


def called(contact: Contact) -> str:
    """Give the one name a customer goes by: who gave neither name nor email is a numbered visitor."""
    return contact.name or contact.email or gettext("Visitor %(number)s") % {"number": contact}
