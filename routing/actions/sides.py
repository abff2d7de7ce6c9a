"""Side conversations: asking by email or by a ticket of another group, and taking the answers in."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.actions.configuration import hold_brand
from conversations.actions.conversations import start_conversation
from conversations.actions.messages import receive
from conversations.actions.switchboard import take_for_agents
from conversations.content import plain_text
from conversations.events import SYSTEM, Actor
from conversations.incoming import is_storable
from conversations.models import Channel, Contact, Identity, Message, User
from conversations.outward import COLLEAGUES
from routing.actions import tickets
from routing.errors import InvalidChange
from routing.events import SideClosed, SideOpened, SideReplied
from routing.models import Group, SideConversation, SideMessage, Ticket

MAX_PARTICIPANTS = 100
MAX_SIDES = 50
SUBJECT_CHARS = 160
# A child's first words and every further one are messages, which hold 4,096 characters.
TEXT_CHARS = 4096
ANSWER_CHARS = 20_000
SALT = "routing.side"
# The kind of the channel by which tickets of other groups are asked; no end user is let in by it.
CHANNEL_KIND = COLLEAGUES


@transaction.atomic
def open_side(
    *,
    ticket: Ticket,
    subject: str,
    text: str,
    by: User,
    participants: Sequence[str] = (),
    group: Group | None = None,
) -> SideConversation:
    """Ask beside a ticket: by email up to 100 `participants`, or as a ticket of `group`, exactly one of the two.

    The ticket may be closed. An email waits until something delivers email. Raises InvalidChange naming: subject, text,
    participants, group, ticket (50 of one ticket).
    """
    addresses = _addresses(participants)
    subject, text = _subject(subject), _text(text)
    if bool(addresses) == (group is not None):
        raise InvalidChange(_("Give addresses or choose a group."), field="participants")
    if group and group.brand_id != ticket.brand_id:
        raise InvalidChange(field="group")
    ticket = tickets.locked(ticket)
    if SideConversation.objects.filter(ticket=ticket).count() >= MAX_SIDES:
        limit = _("A ticket has at most %(n)s side conversations.") % {"n": MAX_SIDES}
        raise InvalidChange(limit, field="ticket", limit=MAX_SIDES)
    side = SideConversation.objects.create(
        brand_id=ticket.brand_id,
        ticket=ticket,
        kind=SideConversation.Kind.TICKET if group else SideConversation.Kind.EMAIL,
        subject=subject,
        participants=addresses,
        group=group,
        opened_by=by,
    )
    if group:
        side.child = _child(side, group, by)
        side.save(update_fields=["child"])
    _say(side, text, by)
    fact = SideOpened(side=side.public_id, ticket=ticket.public_id, kind=side.kind)
    tickets.record(ticket, fact, Actor.of_user(by))
    return side


@transaction.atomic
def reply_to_side(*, side: SideConversation, text: str, by: User) -> SideMessage:
    """Write further in a side conversation; a closed one is open again. Raises InvalidChange naming: text."""
    text = _text(text)
    side = _locked(side)
    message = _say(side, text, by)
    _touch(side, has_news=False)
    tickets.record(side.ticket, SideReplied(side=side.public_id, is_answer=False), Actor.of_user(by))
    return message


@transaction.atomic
def close_side(*, side: SideConversation, by: User) -> SideConversation:
    """Say that nothing more is expected; an answer opens it again. A child ticket goes on by itself."""
    side = _locked(side)
    if side.state != SideConversation.State.CLOSED:
        side.state, side.has_news = SideConversation.State.CLOSED, False
        side.save(update_fields=["state", "has_news"])
        tickets.record(side.ticket, SideClosed(side=side.public_id), Actor.of_user(by))
    return side


@transaction.atomic
def see_side(*, side: SideConversation) -> None:
    """Note that somebody looked at what came in."""
    if SideConversation.objects.filter(pk=side.pk, has_news=True).update(has_news=False):
        live.announce_conversation(side.ticket.conversation, to_contact=False, part="ticket")


def reply_token(side: SideConversation) -> str:
    """Give what stands in the address that answers to an email of this side conversation go to."""
    return signing.Signer(salt=SALT).sign(side.public_id)


def receive_side_message(*, token: str, sender: str, text: str, external_id: str) -> SideMessage:
    """Take in an email that answers a side conversation; the same one twice is one message.

    Beside a closed ticket it opens another, beside which the side conversation stands from then on. `external_id` is
    its Message-ID (255 characters). Whoever answers is a participant from then on. Raises InvalidChange naming: token,
    sender, text (20,000 characters), external_id.
    """
    try:
        public_id = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        raise InvalidChange(field="token") from None
    side = SideConversation.objects.filter(public_id=public_id, kind=SideConversation.Kind.EMAIL).first()
    if side is None:
        raise InvalidChange(field="token")
    if not 0 < len(external_id) <= 255 or not is_storable(external_id):
        raise InvalidChange(field="external_id", limit=255)
    address = _address(sender, "sender")
    return _take_in(side, address, text, external_id, SYSTEM)


def take_answer(*, message: Message) -> None:
    """Bring what an agent answered in the conversation of a child ticket into the thread it was asked in.

    Beside a closed ticket it opens another, as an email does. A file comes along by its name and address.
    """
    found = SideConversation.objects.filter(child__conversation=message.conversation_id)
    side = found.first()
    url = str(message.content.get("mediaUrl") or "")
    name = str(message.content.get("altText") or url.rsplit("/", 1)[-1])[:255]
    text = plain_text(message.content) or name
    if side and text:
        file = {"file_name": name, "file_url": url} if url else {}
        _take_in(side, message.author_name or "–", text, message.public_id, SYSTEM, file)


def _take_in(
    side: SideConversation,
    sender: str,
    text: str,
    external_id: str,
    by: Actor,
    file: Mapping[str, str] = MappingProxyType({}),
) -> SideMessage:
    text = text.strip()
    if not 0 < len(text) <= ANSWER_CHARS or not is_storable(text):
        raise InvalidChange(field="text", limit=ANSWER_CHARS)
    try:
        with transaction.atomic():
            side = _locked(side)
            message = SideMessage.objects.create(
                side=side, sender=sender[:254], text=text, is_answer=True, external_id=external_id, **file
            )
            is_new = side.kind == SideConversation.Kind.EMAIL and sender not in side.participants
            if is_new and len(side.participants) < MAX_PARTICIPANTS:
                side.participants = [*side.participants, sender]
                side.save(update_fields=["participants"])
            _go_on_with(side)
            _touch(side, has_news=True)
            tickets.record(side.ticket, SideReplied(side=side.public_id, is_answer=True), by)
            return message
    except IntegrityError:
        return SideMessage.objects.get(side=side, external_id=external_id)


def _go_on_with(side: SideConversation) -> None:
    """Have what was answered beside a closed ticket stand beside the open one of its conversation, opened if need be.

    Nobody but whoever was asked wrote: the customer waits for no words. The caller holds the closed ticket's row.
    """
    closed = side.ticket
    if closed.status != Ticket.Status.CLOSED:
        return
    given = {"subject": closed.subject or side.subject}
    side.ticket = tickets.open_ticket(conversation=closed.conversation, given=given, follows=closed)
    side.save(update_fields=["ticket"])


def _say(side: SideConversation, text: str, by: User) -> SideMessage:
    """Write an agent's words: to a child's conversation at once, an email when something delivers email."""
    is_email = side.kind == SideConversation.Kind.EMAIL
    message = SideMessage.objects.create(
        side=side,
        user=by,
        sender=by.name[:254] or "–",
        text=text,
        state=SideMessage.State.WAITING if is_email else SideMessage.State.DONE,
    )
    if side.child:
        receive(
            identity=_identity(side.brand_id, by),
            conversation=side.child.conversation,
            content={"type": "text", "text": text},
            client_id=f"side-{message.public_id}",
            stays=True,
        )
    return message


def _child(side: SideConversation, group: Group, by: User) -> Ticket:
    """Open a ticket of another group, whose "customer" is the agent who asks: the real one sees nothing of it."""
    conversation = start_conversation(
        identity=_identity(side.brand_id, by), client_id=f"side-{side.public_id}", reason="api"
    )
    take_for_agents(conversation=conversation, by=Actor.of_user(by))
    conversation.refresh_from_db()
    ticket = tickets.open_ticket(conversation=conversation, waiting_since=timezone.now())
    return tickets.change_ticket(ticket=ticket, by=Actor.of_user(by), group=group, subject=side.subject)


def _identity(brand_id: int, user: User) -> Identity:
    """Give the agent as one who writes to other groups of the brand; made with their first question."""
    known = Identity.objects.select_related("contact", "channel__brand").filter(
        channel__brand=brand_id, channel__kind=CHANNEL_KIND, address=f"agent:{user.public_id}"
    )
    if (identity := known.first()) is not None:
        return identity
    hold_brand(brand_id)
    if not known.exists():
        # Paused: by its key nobody is let in.
        given = {"name": "Side conversations", "state": Channel.State.PAUSED}
        channel, _made = Channel.objects.get_or_create(brand_id=brand_id, kind=CHANNEL_KIND, defaults=given)
        contact = Contact.objects.create(brand_id=brand_id, name=user.name[:128])
        Identity.objects.create(contact=contact, channel=channel, address=f"agent:{user.public_id}")
    return known.get()


def _locked(side: SideConversation) -> SideConversation:
    """Lock the tickets of the conversation beside which it stands, in one order, and read it with its own.

    All of them: an answer has a side conversation go on beside another one of these.
    """
    those = Ticket.objects.filter(conversation=side.ticket.conversation_id)
    list(those.select_for_update().order_by("pk").values_list("pk"))
    found = SideConversation.objects.select_related("child__conversation__channel").get(pk=side.pk)
    found.ticket = tickets.locked(Ticket(pk=found.ticket_id))
    return found


def _touch(side: SideConversation, *, has_news: bool) -> None:
    side.state, side.has_news, side.last_at = SideConversation.State.OPEN, has_news, timezone.now()
    side.save(update_fields=["state", "has_news", "last_at"])


def _subject(subject: str) -> str:
    subject = " ".join(subject.split())
    if not 0 < len(subject) <= SUBJECT_CHARS or not is_storable(subject):
        text = _("Give a subject of 1 to %(n)s characters.") % {"n": SUBJECT_CHARS}
        raise InvalidChange(text, field="subject", limit=SUBJECT_CHARS)
    return subject


def _text(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= TEXT_CHARS or not is_storable(text):
        words = _("Write 1 to %(n)s characters.") % {"n": TEXT_CHARS}
        raise InvalidChange(words, field="text", limit=TEXT_CHARS)
    return text


def _addresses(given: Sequence[str]) -> list[str]:
    addresses = list(dict.fromkeys(_address(each, "participants") for each in given if each.strip()))
    if len(addresses) > MAX_PARTICIPANTS:
        text = _("At most %(n)s addresses.") % {"n": MAX_PARTICIPANTS}
        raise InvalidChange(text, field="participants", limit=MAX_PARTICIPANTS)
    return addresses


def _address(given: str, field: str) -> str:
    address = given.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        text = _("“%(address)s” is not an email address.") % {"address": given.strip()[:80]}
        raise InvalidChange(text, field=field) from None
    if len(address) > 254:
        raise InvalidChange(field=field, limit=254)
    return address
