"""The fixed cast of every test: plain functions that make rows, with the same people each time.

alice and bob answer for one brand, charlie for another; carol is a customer of alice's brand.
"""

from typing import Any

from django.test import Client

from conversations.actions import visitors
from conversations.actions.messages import Author, Posted, post_message, receive
from conversations.models import (
    Brand,
    Channel,
    Contact,
    Conversation,
    Identity,
    Membership,
    Message,
    Responder,
    Role,
    User,
)

PASSWORD = "correct horse battery"


def make_brand(slug: str = "sopoong") -> Brand:
    brand = Brand.objects.create(name=slug.capitalize(), slug=slug)
    Responder.objects.create(brand=brand, name="zd-agentWorkspace", kind=Responder.Kind.AGENTS, is_default=True)
    return brand


def make_channel(brand: Brand) -> Channel:
    return Channel.objects.create(brand=brand, kind="web", name="Website")


def make_user(name: str, *brands: Brand, role: Role = Role.AGENT) -> User:
    user = User.objects.create_user(f"{name}@example.test", PASSWORD, name=name.capitalize())
    for brand in brands:
        Membership.objects.create(user=user, brand=brand, role=role)
    return user


def make_visitor(channel: Channel, client_id: str = "carols-browser-0001", **fields: Any) -> Identity:
    identity = visitors.admit_visitor(channel=channel, client_id=client_id).identity
    Contact.objects.filter(pk=identity.contact_id).update(**fields)
    identity.contact.refresh_from_db()
    return identity


def say(identity: Identity, text: str, **given: Any) -> Posted:
    """Have a contact write."""
    return receive(identity=identity, content={"type": "text", "text": text}, **given)


def reply(conversation: Conversation, user: User, text: str = "", **given: Any) -> Posted:
    """Have an agent answer, in words or with `content`."""
    given.setdefault("content", {"type": "text", "text": text})
    return post_message(conversation=conversation, author=Author.agent(user), **given)


def note(conversation: Conversation, user: User, text: str, **given: Any) -> Posted:
    """Have an agent write a note."""
    return reply(conversation, user, text, audience=Message.Audience.INTERNAL, **given)


def signed_in(user: User) -> Client:
    """Give a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client
