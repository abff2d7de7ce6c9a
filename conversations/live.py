"""The quick lane: on commit, sockets hear what changed. Lossy by design; a client that missed something resumes by seq.

Groups of the channel layer: `client-<pk>` holds every socket of a contact, `visitors-<pk>` those of all contacts of a
brand, `thread-<pk>` the agents looking at a conversation, `brand-<pk>` all agents of a brand. Layer messages are named
after the consumer methods that take them.
"""

from django.db import transaction

from conversations.fanout import CHANGED, Send, fanout, frame_text
from conversations.models import Contact, Conversation, Message, User
from conversations.shapes import message_shape


def client_group(contact_pk: int) -> str:
    return f"client-{contact_pk}"


def thread_group(conversation_pk: int) -> str:
    return f"thread-{conversation_pk}"


def brand_group(brand_pk: int) -> str:
    return f"brand-{brand_pk}"


def visitors_group(brand_pk: int) -> str:
    return f"visitors-{brand_pk}"


def announce(*sends: Send) -> None:
    """Hand messages to their groups once the transaction committed, at once outside of one."""

    def tell() -> None:
        fanout.put(*sends)

    # A named function: Django cannot log a failing `partial`.
    transaction.on_commit(tell, robust=True)


def announce_message(conversation: Conversation, message: Message) -> None:
    """Tell everyone concerned of a new message: contacts get it whole (unless internal), agents what to fetch."""
    name = f"conversation-{conversation.public_id}"
    changed = {"type": CHANGED, "changed": [name, "inbox"], "seqs": {name: message.seq}}
    sends: list[Send] = [(brand_group(conversation.brand_id), changed)]
    if message.audience == Message.Audience.PUBLIC:
        frame = frame_text({"type": "message", "message": message_shape(message, conversation)})
        sends.insert(0, (client_group(conversation.contact_id), {"type": "client.message", "frame": frame}))
    announce(*sends)


def announce_conversation(conversation: Conversation, *, to_contact: bool = True, part: str = "") -> None:
    """Tell that something about a conversation changed: session, holder, ticket, name.

    `part` names what panels show of it ("session", "ticket"), so that they stay still while only words arrive.
    """
    parts = [f"{part}-{conversation.public_id}"] if part else []
    announce(_to_agents(conversation, *parts, "inbox"), *([_to_contact(conversation)] if to_contact else []))


def announce_contacts_mark(conversation: Conversation, *, to_contact: bool) -> None:
    """Tell the agents how far a contact came, which no list shows, and the contact's own devices where asked."""
    announce(_to_agents(conversation), *([_to_contact(conversation)] if to_contact else []))


def announce_business_mark(conversation: Conversation) -> None:
    """Tell the contact how far the business came. Nobody else is shown that."""
    announce(_to_contact(conversation))


def announce_standing(conversation: Conversation) -> None:
    """Tell the contact how they wait, or who is here. Agents see that by themselves."""
    announce(_to_contact(conversation))


def _to_agents(conversation: Conversation, *names: str) -> Send:
    changed = [f"conversation-{conversation.public_id}", *names]
    return brand_group(conversation.brand_id), {"type": CHANGED, "changed": changed}


def _to_contact(conversation: Conversation) -> Send:
    frame = {"type": "client.conversation", "conversation": conversation.public_id}
    return client_group(conversation.contact_id), frame


def contact_typing(conversation: Conversation, contact: Contact, *, is_typing: bool) -> Send:
    """Give what tells agents that a contact types, or no longer does. Kept nowhere."""
    frame = {
        "type": "agents.typing",
        "typing": f"conversation-{conversation.public_id}",
        "who": {"id": contact.public_id, "name": str(contact), "kind": "contact"},
        "state": "start" if is_typing else "stop",
    }
    return brand_group(conversation.brand_id), frame


def agent_typing(conversation: Conversation, user: User, *, is_typing: bool, is_note: bool) -> list[Send]:
    """Give what tells the other agents, and the contact unless it is a note, that an agent types. Kept nowhere."""
    state = "start" if is_typing else "stop"
    author = {"type": "agent", "id": user.public_id, "name": user.name}
    public = {"type": "client.typing", "conversation": conversation.public_id, "author": author, "state": state}
    inside = {
        "type": "agents.typing",
        "typing": f"conversation-{conversation.public_id}",
        "who": {"id": user.public_id, "name": user.name, "kind": "agent", "note": is_note},
        "state": state,
    }
    sends = [(thread_group(conversation.pk), inside)]
    return sends if is_note else [(client_group(conversation.contact_id), public), *sends]


def announce_changed(brand_pk: int, *names: str) -> None:
    """Tell a brand's agents that the things of these names changed."""
    announce((brand_group(brand_pk), {"type": CHANGED, "changed": list(names)}))


def announce_signed_out(contact_pk: int, token_hash: str = "") -> None:
    """Have the sockets that came in by this token closed; without one, all of the contact's."""
    announce((client_group(contact_pk), {"type": "client.signed_out", "token_hash": token_hash}))


def announce_blocked(*contact_pks: int) -> None:
    """Have the sockets of these contacts look whether they may stay."""
    announce(*((client_group(pk), {"type": "client.blocked"}) for pk in contact_pks))


def announce_blocked_visitors(brand_pk: int) -> None:
    """Have all sockets of a brand's contacts look whether they may stay."""
    announce((visitors_group(brand_pk), {"type": "client.blocked"}))


def announce_blocked_network(brand_pk: int, network: str) -> None:
    """Have the visitors' sockets that came in from a network look whether they may stay."""
    announce((visitors_group(brand_pk), {"type": "client.blocked", "network": network}))
