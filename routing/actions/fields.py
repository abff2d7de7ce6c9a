"""A brand's own fields: making them, and filling them in."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.actions.contacts import set_contact_field_values
from conversations.events import Actor
from conversations.models import Contact
from routing.actions import waiting
from routing.actions.ordering import last_place
from routing.actions.tickets import locked_open, record
from routing.actions.waiting import ask_requeue
from routing.decide.conditions.reading import read_pattern
from routing.decide.field_values import (
    KEY,
    KEY_CHARS,
    MAX_OPTIONS,
    OPTION_CHARS,
    FieldKind,
    FieldValue,
    clean_all,
    merged,
)
from routing.errors import InvalidChange
from routing.events import TicketChanged
from routing.models import CustomField, Ticket, TicketForm
from routing.queries.custom_fields import fields_of_brand, fields_of_ticket

# Of tickets, and as many of customers: a panel shows all of them at once.
MAX_FIELDS = 100
LABEL_CHARS, HELP_CHARS = 100, 200
LANGUAGES = ("en", "ko")
FIXED = ("brand_id", "of", "key", "kind")


@transaction.atomic
def save_field(*, field: CustomField, fields: Sequence[str] = (), by: Actor) -> CustomField:
    """Save a field; a new one comes last. Brand, key, kind, and what it belongs to stay as they were made.

    `fields` names what changed. Raises InvalidChange, naming: key, label, kind, of, options, pattern, help, brand,
    is_required_to_solve, shown_to_customer, is_required_for_customer, and label, help and options of each language.
    """
    is_new = field.pk is None
    hold_brand(field.brand_id)
    check_field(field)
    if is_new:
        beside = CustomField.objects.filter(brand=field.brand_id, of=field.of)
        if beside.count() >= MAX_FIELDS:
            text = _("There are %(n)s fields already. Delete one first.") % {"n": MAX_FIELDS}
            raise InvalidChange(text, field="brand", limit=MAX_FIELDS)
        field.order = last_place(CustomField, field.brand_id)
    field.save()
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=field, brand_ids=[field.brand_id], change=change, by=by)
    ask_requeue(field.brand_id)
    return field


def check_field(field: CustomField) -> None:
    """Put a field in order: spaces, options. Raises InvalidChange naming what cannot be kept, and the limit."""
    made = CustomField.objects.filter(pk=field.pk).first() if field.pk else None
    for name in FIXED if made else ():
        if getattr(field, name) != getattr(made, name):
            fixed = _("This stays as it was made. Add another field instead.")
            raise InvalidChange(fixed, field=name.removesuffix("_id"))
    if field.of not in CustomField.Of.values:
        raise InvalidChange(field="of", limit=", ".join(CustomField.Of.values))
    if field.kind not in FieldKind.values:
        raise InvalidChange(field="kind", limit=", ".join(FieldKind.values))
    _check_key(field)
    field.label, field.help = field.label.strip(), field.help.strip()
    if not 0 < len(field.label) <= LABEL_CHARS or not field.label.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": LABEL_CHARS}
        raise InvalidChange(text, field="label", limit=LABEL_CHARS)
    if len(field.help) > HELP_CHARS or "\x00" in field.help:
        raise InvalidChange(_("At most %(n)s characters.") % {"n": HELP_CHARS}, field="help", limit=HELP_CHARS)
    field.options = clean_options(field.options) if field.kind == FieldKind.SELECT else []
    for language in LANGUAGES:
        _check_words(field, language)
    field.pattern = _pattern(field.pattern) if field.kind == FieldKind.REGEX else ""
    if field.is_required_for_customer and not field.shown_to_customer:
        raise InvalidChange(_("Show it to customers too."), field="is_required_for_customer")
    for name in ("is_required_to_solve", "shown_to_customer", "is_required_for_customer"):
        if field.of == CustomField.Of.CONTACT and getattr(field, name):
            raise InvalidChange(_("Only a field of tickets can have this."), field=name)


def _check_words(field: CustomField, language: str) -> None:
    """Put in order what customers of one language read."""
    for what, most in (("label", LABEL_CHARS), ("help", HELP_CHARS)):
        name = f"{what}_{language}"
        words = getattr(field, name).strip()
        setattr(field, name, words)
        if len(words) > most or "\x00" in words:
            raise InvalidChange(_("At most %(n)s characters.") % {"n": most}, field=name, limit=most)
    name = f"options_{language}"
    given = getattr(field, name) if field.kind == FieldKind.SELECT else []
    try:
        options = clean_options(given) if given else []
    except InvalidChange as error:
        raise InvalidChange(error.text, field=name, limit=error.limit) from None
    if options and len(options) != len(field.options):
        text = _("Give as many as there are options, in the same order: %(n)s.") % {"n": len(field.options)}
        raise InvalidChange(text, field=name, limit=len(field.options))
    setattr(field, name, options)


def _check_key(field: CustomField) -> None:
    field.key = field.key.strip()
    if len(field.key) > KEY_CHARS or not KEY.fullmatch(field.key):
        words = _(
            "A key has small letters, digits and underscores, begins with a letter, and has at most %(n)s of them."
        )
        raise InvalidChange(words % {"n": KEY_CHARS}, field="key", limit=KEY_CHARS)
    same = CustomField.objects.filter(brand=field.brand_id, of=field.of, key=field.key).exclude(pk=field.pk)
    if same.exists():
        raise InvalidChange(_("There is a field of this key already."), field="key")


def clean_options(options: object) -> list[str]:
    """Give the options of a choice without spaces around and without doubles. Raises InvalidChange."""
    given = options if isinstance(options, list) else []
    clean = list(dict.fromkeys(str(each).strip() for each in given if str(each).strip()))
    if not 0 < len(clean) <= MAX_OPTIONS:
        text = _("Give 1 to %(n)s options.") % {"n": MAX_OPTIONS}
        raise InvalidChange(text, field="options", limit=MAX_OPTIONS)
    if any(len(each) > OPTION_CHARS or not each.isprintable() for each in clean):
        text = _("An option has at most %(n)s characters.") % {"n": OPTION_CHARS}
        raise InvalidChange(text, field="options", limit=OPTION_CHARS)
    return clean


def _pattern(pattern: str) -> str:
    try:
        return read_pattern(pattern)
    except InvalidChange as error:
        raise InvalidChange(error.text, field="pattern", limit=error.limit) from None


@transaction.atomic
def delete_field(*, field: CustomField, by: Actor) -> None:
    """Delete a field; what stands in it is shown no more, and comes back should one of its key be made again."""
    hold_brand(field.brand_id)
    record_configuration(row=field, brand_ids=[field.brand_id], change="deleted", by=by)
    brand_id = field.brand_id
    field.delete()
    ask_requeue(brand_id)


@transaction.atomic
def set_field_values(*, ticket: Ticket, values: Mapping[str, object], by: Actor) -> Ticket:
    """Fill in fields of an open ticket by their keys, those of its form only; empty values empty them.

    One fact tells of all that changed. Raises TicketIsClosed, InvalidChange naming `field:<key>`; then nothing changes.
    """
    ticket = locked_open(ticket)
    fields = {field.key: field for field in fields_of_ticket(ticket)}
    good, refused = clean_all(values, [field.rule for field in fields.values()])
    if refused:
        raise refused[0]
    return _keep(ticket, good, fields, by)


@transaction.atomic
def put_values(*, ticket: Ticket, values: Mapping[str, FieldValue | None], by: Actor) -> Ticket:
    """Give fields of an open ticket what they had before, also those its form does not show. Raises TicketIsClosed."""
    fields = {field.key: field for field in fields_of_brand(ticket.brand_id, CustomField.Of.TICKET)}
    return _keep(locked_open(ticket), {key: value for key, value in values.items() if key in fields}, fields, by)


def _keep(
    ticket: Ticket, values: Mapping[str, FieldValue | None], fields: Mapping[str, CustomField], by: Actor
) -> Ticket:
    after = merged(ticket.field_values, values)
    changed = sorted(key for key in values if after.get(key) != ticket.field_values.get(key))
    if not changed:
        return ticket
    ticket.field_values = after
    ticket.save(update_fields=["field_values"])
    labels = {f"field:{key}": fields[key].label for key in changed}
    record(ticket, TicketChanged(ticket.public_id, list(labels), labels), by)
    waiting.follow(ticket)
    return ticket


@transaction.atomic
def set_form(*, ticket: Ticket, form: TicketForm | None, by: Actor) -> Ticket:
    """Give an open ticket a form of its brand, or none of its own; what stands in the fields of the other is kept.

    Raises TicketIsClosed, InvalidChange.
    """
    ticket = locked_open(ticket)
    if form is not None and form.brand_id != ticket.brand_id:
        raise InvalidChange(field="form")
    if ticket.form_id == (form.pk if form else None):
        return ticket
    ticket.form = form
    ticket.save(update_fields=["form"])
    record(ticket, TicketChanged(ticket=ticket.public_id, fields=["form"]), by)
    return ticket


@transaction.atomic
def set_contact_values(*, contact: Contact, values: Mapping[str, object], by: Actor) -> Contact:
    """Fill in a customer's fields by their keys; empty values empty them. Raises InvalidChange naming `field:<key>`."""
    rules = [field.rule for field in fields_of_brand(contact.brand_id, CustomField.Of.CONTACT)]
    good, refused = clean_all(values, rules)
    if refused:
        raise refused[0]
    return set_contact_field_values(contact=contact, changes=good, by=by)
