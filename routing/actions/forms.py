"""Ticket forms: which fields a ticket shows, and the page on the web where customers fill them in."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.events import Actor
from conversations.models import Channel
from routing.errors import InvalidChange
from routing.models import CustomField, TicketForm
from routing.queries.custom_fields import fields_of_brand

MAX_FORMS = 50
NAME_CHARS, INTRO_CHARS = 100, 500
# What comes in by a form's page comes through a channel of this kind, whose class is email.
KIND = "form"


@transaction.atomic
def save_form(*, form: TicketForm, fields: Sequence[str] = (), by: Actor) -> TicketForm:
    """Save a form. Where it becomes the default, no other one is any more; its page is on or off with `for_customers`.

    `fields` names what changed. Raises InvalidChange, naming: name, title_en, title_ko, intro_en, intro_ko, field_keys,
    brand.
    """
    is_new = form.pk is None
    hold_brand(form.brand_id)
    check_form(form)
    others = TicketForm.objects.filter(brand=form.brand_id).exclude(pk=form.pk)
    if is_new and others.count() >= MAX_FORMS:
        text = _("There are %(n)s forms already. Delete one first.") % {"n": MAX_FORMS}
        raise InvalidChange(text, field="brand", limit=MAX_FORMS)
    if not is_new and not TicketForm.objects.filter(pk=form.pk, brand=form.brand_id).exists():
        raise InvalidChange(field="brand")
    if form.is_default:
        others.filter(is_default=True).update(is_default=False)
    _keep_channel(form)
    form.save()
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=form, brand_ids=[form.brand_id], change=change, by=by)
    return form


def check_form(form: TicketForm) -> None:
    """Put a form in order. Raises InvalidChange naming what cannot be kept, and the limit."""
    for name in ("name", "title_en", "title_ko", "intro_en", "intro_ko"):
        most = INTRO_CHARS if name.startswith("intro") else NAME_CHARS
        value = getattr(form, name).strip()
        setattr(form, name, value)
        if len(value) > most or "\x00" in value:
            raise InvalidChange(_("At most %(n)s characters.") % {"n": most}, field=name, limit=most)
    if not form.name:
        raise InvalidChange(_("Give it a name."), field="name", limit=NAME_CHARS)
    if TicketForm.objects.filter(brand=form.brand_id, name=form.name).exclude(pk=form.pk).exists():
        raise InvalidChange(_("There is a form of this name already."), field="name")
    known = {field.key for field in fields_of_brand(form.brand_id, CustomField.Of.TICKET)}
    keys = form.field_keys if isinstance(form.field_keys, list) else [None]
    if not known.issuperset(keys):
        raise InvalidChange(_("Choose ticket fields of the form's own brand."), field="field_keys")
    form.field_keys = list(dict.fromkeys(keys))


def _keep_channel(form: TicketForm) -> None:
    """Have the form's channel be on or off with its page; it is made when first switched on."""
    state = Channel.State.ACTIVE if form.for_customers else Channel.State.PAUSED
    if form.channel:
        form.channel.name, form.channel.state = form.name, state
        form.channel.save(update_fields=["name", "state"])
    elif form.for_customers:
        form.channel = Channel.objects.create(brand_id=form.brand_id, kind=KIND, name=form.name)


@transaction.atomic
def delete_form(*, form: TicketForm, by: Actor) -> None:
    """Delete a form and its page. Tickets of it have the default one; what came in by it stays."""
    if form.channel:
        Channel.objects.filter(pk=form.channel.pk).update(state=Channel.State.PAUSED)
    record_configuration(row=form, brand_ids=[form.brand_id], change="deleted", by=by)
    form.delete()
