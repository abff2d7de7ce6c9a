from conversations.models.block import Block
from conversations.models.brand import ApiKey, Brand, Channel, SigningKey
from conversations.models.contact import ClientToken, Contact, Identity
from conversations.models.conversation import Conversation, Participant, Responder, Session, Standing
from conversations.models.draft import Draft
from conversations.models.event import DeadFact, Event, FeedState, LogReader
from conversations.models.merge import ContactMerge
from conversations.models.message import Attachment, AuthorKind, Message
from conversations.models.role import CustomRole
from conversations.models.scheduled import ScheduledReply
from conversations.models.token import KeptAnswer, PersonalToken
from conversations.models.user import Membership, User
from conversations.permissions import Role

__all__ = [
    "ApiKey",
    "Attachment",
    "AuthorKind",
    "Block",
    "Brand",
    "Channel",
    "ClientToken",
    "Contact",
    "ContactMerge",
    "Conversation",
    "CustomRole",
    "DeadFact",
    "Draft",
    "Event",
    "FeedState",
    "Identity",
    "KeptAnswer",
    "LogReader",
    "Membership",
    "Message",
    "Participant",
    "PersonalToken",
    "Responder",
    "Role",
    "ScheduledReply",
    "Session",
    "SigningKey",
    "Standing",
    "User",
]

__all__ = [
    "ApiKey",
    "Attachment",
    "AuthorKind",
    "Block",
    "Brand",
    "Channel",
    "ClientToken",
    "Contact",
    "Conversation",
    "CustomRole",
    "DeadFact",
    "Draft",
    "Event",
    "FeedState",
    "Identity",
    "KeptAnswer",
    "LogReader",
    "Membership",
    "Message",
    "Participant",
    "PersonalToken",
    "Responder",
    "Role",
    "ScheduledReply",
    "Session",
    "SigningKey",
    "Standing",
    "User",
]  # fmt: skip
