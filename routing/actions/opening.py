"""Tickets that begin with a web form or a call of the API, and not with a word on somebody's line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions import switchboard
from conversations.actions.addresses import identity_by_email, identity_of_contact
from conversations.actions.attachments import store_upload
from conversations.actions.configuration import hold_brand
from conversations.actions.contacts import Person, contact_of
from conversations.actions.conversations import start_conversation
from conversations.actions.messages import receive, show_in_lists
from conversations.content.types import TEXT_CHARS
from conversations.errors import Blocked, ConversationsError, UploadRefused
from conversations.events import SYSTEM, Actor
from conversations.incoming import is_storable
from conversations.models import Channel, Contact, Identity, Responder
from conversations.queries.blocks import is_email_blocked, refuse_blocked
from conversations.uploads import inspect
from routing.actions.tickets import open_ticket
from routing.decide.field_values import FieldRule, FieldValue, clean_all, merged
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS, SUBJECT_CHARS, clean_tags
from routing.errors import FormRefused, InvalidChange
from routing.models import FormAnswer, Group, Ticket, TicketForm
from routing.queries.custom_fields import fields_of_form, public_fields_of

MAX_FILES = 5
FILE_BYTES = 10 * 1024 * 1024
NAME_CHARS, EMAIL_CHARS, TOKEN_CHARS = 128, 128, 64
API = "api"


@dataclass(frozen=True)
class Written:
    """What somebody wrote into a web form; `values` by the keys of the brand's fields."""

    name: str
    email: str
    subject: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    files: Sequence[UploadedFile[bytes]] = ()
    language: str = ""


def send_form(*, form: TicketForm, written: Written, token: str, caller: str = "") -> Ticket:
    """Open a ticket from a web form: contact, conversation, message and files, all of it or nothing.

    The same `token` (at most 64 characters) sent again is the same ticket. `caller` is the sender's network address;
    the form carries its brand and channel. Raises FormRefused with all that is wrong, Blocked.
    """
    if found := _answered(form, token):
        return found
    values = _check(form, written)
    if is_email_blocked(form.brand, written.email.strip(), caller):
        raise Blocked
    try:
        with transaction.atomic():
            ticket = _take_in(form, written, values, token, caller)
            FormAnswer.objects.create(form=form, token=token, ticket=ticket)
            return ticket
    except IntegrityError:
        # The same page was sent twice at once, and the other try was quicker.
        found = _answered(form, token)
        if found is None:
            raise
        return found


def _answered(form: TicketForm, token: str) -> Ticket | None:
    answer = FormAnswer.objects.select_related("ticket").filter(form=form, token=token[:TOKEN_CHARS]).first()
    return answer.ticket if answer else None


def _check(form: TicketForm, written: Written) -> dict[str, FieldValue]:
    """Give the values of the form's fields. Raises FormRefused with all that is wrong with the rest too."""
    refused: list[ConversationsError] = []
    for name, most in (("name", NAME_CHARS), ("email", EMAIL_CHARS), ("subject", SUBJECT_CHARS), ("text", TEXT_CHARS)):
        if error := _wrong(name, getattr(written, name), most):
            refused.append(error)
    fields = public_fields_of(form)
    good, wrong = clean_all(written.values, [each.rule for each in fields])
    at_fault = {error.field for error in wrong}
    for each in fields:
        if each.is_required_for_customer and good.get(each.key) is None and f"field:{each.key}" not in at_fault:
            wrong.append(InvalidChange(_("Fill this in."), field=f"field:{each.key}"))
    refused += [*wrong, *_wrong_files(form, written.files)]
    if refused:
        raise FormRefused(refused)
    return merged({}, good)


def _wrong(name: str, value: str, most: int) -> ConversationsError | None:
    text = value.strip()
    if not text:
        return InvalidChange(_("Fill this in."), field=name, limit=most)
    if len(text) > most or not is_storable(text):
        return InvalidChange(_("At most %(n)s characters.") % {"n": most}, field=name, limit=most)
    if name == "email":
        try:
            validate_email(text)
        except ValidationError:
            return InvalidChange(_("Write your email as name@example.com."), field=name)
    return None


def _wrong_files(form: TicketForm, files: Sequence[UploadedFile[bytes]]) -> list[ConversationsError]:
    if files and not form.takes_files:
        return [InvalidChange(_("This form takes no files."), field="files")]
    if len(files) > MAX_FILES:
        return [InvalidChange(_("At most %(n)s files.") % {"n": MAX_FILES}, field="files", limit=MAX_FILES)]
    refused: list[ConversationsError] = []
    for file in files:
        try:
            if (file.size or 0) > FILE_BYTES:
                raise UploadRefused(_("This file is too large: at most 10 MB."), limit=FILE_BYTES)
            inspect(file, name=file.name or "", size=file.size or 0)  # type: ignore[arg-type]  # reads like a file
        except UploadRefused as error:
            refused.append(UploadRefused(f"{file.name}: {error.text}", field="files", limit=error.limit))
    return refused


def _take_in(form: TicketForm, written: Written, values: dict[str, FieldValue], token: str, caller: str) -> Ticket:
    assert form.channel is not None
    identity = identity_by_email(
        channel=form.channel,
        email=written.email.strip(),
        name=written.name.strip(),
        locale=written.language,
        caller=caller,
    )
    refuse_blocked(identity, caller)
    given = {"subject": written.subject.strip(), "form": form, "field_values": values}
    ticket = _begin(identity, written.text, token, reason="form", given=given)
    for number, file in enumerate(written.files, start=1):
        kept = store_upload(brand=form.brand, file=file, contact=identity.contact)
        content = {"type": "image" if kept.width else "file", "mediaUrl": kept.path}
        # An own client id each: the message has the token itself.
        receive(
            identity=identity, content=content, conversation=ticket.conversation, client_id=f"{token[:60]}-{number}"
        )
    if written.files:
        show_in_lists(conversation=ticket.conversation, text=written.text.strip())
    return ticket


def _begin(identity: Identity, text: str, client_id: str, *, reason: str, given: Mapping[str, object]) -> Ticket:
    """Begin a conversation of its own that the agents hold, with these words, and open its ticket."""
    conversation = start_conversation(identity=identity, client_id=client_id, reason=reason)
    if found := conversation.tickets.order_by("-is_open", "-pk").first():
        return found
    if switchboard.kind_of(conversation.holder_id) != Responder.Kind.AGENTS:
        # No bot could answer here: nothing goes back by the way this came in.
        switchboard.take_for_agents(conversation=conversation, by=SYSTEM)
    content = {"type": "text", "text": text.strip()}
    posted = receive(identity=identity, content=content, conversation=conversation, client_id=client_id)
    return open_ticket(conversation=conversation, waiting_since=posted.message.created_at, given=given)


@transaction.atomic
def open_ticket_by_api(
    *,
    contact: Contact | Person,
    by: Actor,
    subject: str,
    text: str,
    client_id: str = "",
    priority: int = Ticket.Priority.NORMAL,
    tags: Sequence[str] = (),
    values: Mapping[str, object] | None = None,
    form: TicketForm | None = None,
    group: Group | None = None,
) -> Ticket:
    """Open a ticket for a contact, with words of theirs that a system of the business's own brings.

    A Person whom the brand does not know is added. A retry with the same `client_id` (at most 64 characters) is the
    same ticket. Values are of any ticket field of the brand, of those of the form where there is one. Raises
    InvalidChange naming subject, text, priority, tags, form, group or `field:<key>`, and what adding a contact and
    beginning a conversation refuse.
    """
    if isinstance(contact, Person):
        contact = contact_of(person=contact, by=by)
    for name, value, most in (("subject", subject, SUBJECT_CHARS), ("text", text, TEXT_CHARS)):
        if error := _wrong(name, value, most):
            raise error
    if priority not in Ticket.Priority.values:
        raise InvalidChange(field="priority", limit=", ".join(map(str, Ticket.Priority.values)))
    if form is not None and form.brand_id != contact.brand_id:
        raise InvalidChange(field="form")
    if group is not None and group.brand_id != contact.brand_id:
        raise InvalidChange(field="group")
    rules = [each.rule for each in fields_of_form(form, contact.brand_id)]
    given: dict[str, Any] = {
        "subject": subject.strip(),
        "priority": priority,
        "tags": _tags(tags),
        "form": form,
        "field_values": _values(values or {}, rules),
    }
    if group is not None:
        given["group"] = group
    identity = identity_of_contact(channel=_api_channel(contact.brand_id), contact=contact)
    return _begin(identity, text, client_id, reason="api", given=given)


def _values(values: Mapping[str, object], rules: Sequence[FieldRule]) -> dict[str, FieldValue]:
    good, refused = clean_all(values, rules)
    if refused:
        raise refused[0]
    return merged({}, good)


def _tags(tags: Sequence[str]) -> list[str]:
    clean = clean_tags(list(tags))
    if len(clean) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in clean):
        limit = f"{MAX_TAGS}, {MAX_TAG_CHARS}"
        raise InvalidChange(_("At most %(n)s tags.") % {"n": MAX_TAGS}, field="tags", limit=limit)
    return clean


def _api_channel(brand_id: int) -> Channel:
    """Give the channel of tickets that come by the API, made with the first of them."""
    channels = Channel.objects.select_related("brand").filter(brand=brand_id, kind=API).order_by("pk")
    if found := channels.first():
        return found
    hold_brand(brand_id)
    return channels.first() or Channel.objects.create(brand_id=brand_id, kind=API, name="API")
