"""Making and using macros."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.attachments import keep_files, release_files
from conversations.actions.configuration import delete_configuration, record_configuration
from conversations.changes import FieldChange, cut
from conversations.errors import InvalidContent
from conversations.events import Actor, append
from conversations.models import Attachment, Conversation, User
from routing.actions.agents import agent_of
from routing.actions.many import Changed, Changes, apply_changes
from routing.decide.placeholders import SHOWN, filled, unknown_placeholders
from routing.decide.steps import OWN, parse_steps, read_steps
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS, clean_tags
from routing.errors import InvalidChange
from routing.events import MacroApplied
from routing.models import Macro, MacroFile, Ticket
from routing.models.macro import MOST_FILES
from routing.queries.macros import files_of
from routing.queries.placeholders import own_placeholders, values_in
from routing.queries.rules import known_of

NAME_CHARS, SHORTCUT_CHARS, TEXT_CHARS = 100, 32, 4000
# Shared ones of a brand, and own ones of a person in it: the menu in the composer gets all of them at once.
MOST_SHARED, MOST_OWN = 500, 200
SHORTCUT = re.compile(r"[\w-]*")


@dataclass(frozen=True)
class Applied:
    """What a macro gives: text and files for the composer, and what it changed of the ticket."""

    text: str
    is_note: bool
    files: Sequence[Attachment]
    changed: Changed | None


def check_macro(macro: Macro, files: Sequence[Attachment]) -> None:
    """Put a macro with these files in order: spaces, shortcut, tags.

    Raises InvalidChange naming the field and the limit. Of steps the field is a path such as `steps.1.value`.
    """
    macro.name = _text(macro.name.strip(), "name", NAME_CHARS)
    if not macro.name:
        raise InvalidChange(_("Give it a name."), field="name", limit=NAME_CHARS)
    macro.shortcut = unicodedata.normalize("NFC", macro.shortcut.strip().removeprefix("/")).lower()
    _text(macro.shortcut, "shortcut", SHORTCUT_CHARS)
    if not SHORTCUT.fullmatch(macro.shortcut):
        raise InvalidChange(_("A shortcut has letters, digits, hyphens and underscores only."), field="shortcut")
    macro.text = _text(macro.text.replace("\r\n", "\n").strip(), "text", TEXT_CHARS)
    if unknown := unknown_placeholders(macro.text, own_placeholders(macro.brand_id)):
        text = _("%(found)s is no placeholder. There are: %(known)s.")
        known = ", ".join(f"{{{{{name}}}}}" for name in SHOWN)
        raise InvalidChange(text % {"found": unknown[0][:40], "known": known}, field="text")
    if macro.status not in {"", *Macro.Status.values}:
        raise InvalidChange(field="status", limit=", ".join(Macro.Status.values))
    if macro.priority not in {None, *Ticket.Priority.values}:
        raise InvalidChange(field="priority")
    if macro.assignee not in {"", *Macro.Assignee.values}:
        raise InvalidChange(field="assignee", limit=", ".join(Macro.Assignee.values))
    if macro.group is not None and macro.group.brand_id != macro.brand_id:
        raise InvalidChange(_("This group belongs to another brand."), field="group")
    macro.add_tags, macro.remove_tags = _tags(macro.add_tags, "add_tags"), _tags(macro.remove_tags, "remove_tags")
    macro.steps = _steps(macro)
    if len(files) > MOST_FILES:
        raise InvalidChange(_("At most %(n)s files.") % {"n": MOST_FILES}, field="files", limit=MOST_FILES)
    if any(file.brand_id != macro.brand_id for file in files):
        raise InvalidChange(_("A file belongs to another brand. Upload it again."), field="files")
    if not macro.text and not files and not macro.changes_ticket:
        raise InvalidChange(_("Write a text, attach a file, or choose what it changes."), field="text")
    if _shortcut_is_taken(macro):
        raise InvalidChange(_("This shortcut is taken."), field="shortcut")


def _steps(macro: Macro) -> list[dict[str, Any]]:
    if macro.steps == []:
        return []
    steps, refused = parse_steps(macro.steps, known_of(macro.brand_id), OWN)
    if refused:
        path = refused[0].field
        raise InvalidChange(refused[0].text, field=path if path == "steps" else f"steps.{path}", limit=refused[0].limit)
    return [step.stored for step in steps]


def _text(value: str, field: str, most: int) -> str:
    if len(value) > most or "\x00" in value:
        raise InvalidChange(_("At most %(n)s characters.") % {"n": most}, field=field, limit=most)
    return value


def _tags(tags: Sequence[str], field: str) -> list[str]:
    clean = clean_tags(list(tags))
    if len(clean) > MAX_TAGS:
        raise InvalidChange(_("At most %(n)s tags.") % {"n": MAX_TAGS}, field=field, limit=MAX_TAGS)
    if any(len(tag) > MAX_TAG_CHARS for tag in clean):
        text = _("A tag has at most %(n)s characters.") % {"n": MAX_TAG_CHARS}
        raise InvalidChange(text, field=field, limit=MAX_TAG_CHARS)
    return clean


def _shortcut_is_taken(macro: Macro) -> bool:
    others = Macro.objects.filter(brand=macro.brand_id, owner=macro.owner_id, shortcut=macro.shortcut)
    return bool(macro.shortcut) and others.exclude(pk=macro.pk).exists()


@transaction.atomic
def save_macro(
    *, macro: Macro, by: Actor, fields: Sequence[str] = (), files: Sequence[Attachment] | None = None
) -> Macro:
    """Save a macro; a shared one has its line in the audit trail. `fields` empty: made new. Raises InvalidChange.

    `files` are all it is to have, in their order; without them it keeps its own.
    """
    before = files_of(macro)
    files = before if files is None else list(files)
    check_macro(macro, files)
    most = MOST_OWN if macro.owner_id else MOST_SHARED
    if macro._state.adding and Macro.objects.filter(brand=macro.brand_id, owner=macro.owner_id).count() >= most:
        raise InvalidChange(_("There are %(n)s macros already. Remove one first.") % {"n": most}, limit=most)
    if files != before:
        _keep(macro, files)
    try:
        with transaction.atomic():
            macro.save()
    except IntegrityError:
        # Somebody took the shortcut between the look and the saving.
        raise InvalidChange(_("This shortcut is taken."), field="shortcut") from None
    if files != before:
        macro.files.all().delete()
        MacroFile.objects.bulk_create(MacroFile(macro=macro, attachment=file) for file in files)
        release_files(files=[file for file in before if file not in files])
    if macro.owner_id is None:
        change = ", ".join(fields) or "created"
        told = [FieldChange("files", _names(before), _names(files))] if fields and files != before else []
        record_configuration(row=macro, brand_ids=[macro.brand_id], change=change, by=by, told=told)
    return macro


def _names(files: Sequence[Attachment]) -> Any:
    return cut(", ".join(file.name for file in files))


def _keep(macro: Macro, files: Sequence[Attachment]) -> None:
    kept_for = Attachment.KeptFor.UPLOADER if macro.owner_id else Attachment.KeptFor.BRAND
    try:
        keep_files(files=files, kept_for=kept_for)
    except InvalidContent as error:
        raise InvalidChange(error.text, field="files") from None


@transaction.atomic
def delete_macro(*, macro: Macro, by: Actor) -> None:
    """Remove a macro, and its files where no message names them. What it did before stays."""
    release_files(files=files_of(macro))
    if macro.owner_id is None:
        delete_configuration(row=macro, brand_ids=[macro.brand_id], by=by)
    else:
        macro.delete()


@transaction.atomic
def apply_macro(*, macro: Macro, conversation: Conversation, ticket: Ticket | None, user: User) -> Applied:
    """Give a macro's text with its placeholders filled, and its files; make its changes to the ticket, if there is one.

    What names a group, a field or a form that is gone does nothing. Raises TicketIsClosed, InvalidChange; then nothing
    is changed.
    """
    by, changed = Actor.of_user(user), None
    if ticket and macro.changes_ticket:
        changed = apply_changes(ticket=ticket, changes=changes_of(macro, user), by=by)
    # What the macro filled in itself is there to say.
    fresh = ticket if changed is None else Ticket.objects.get(pk=changed.ticket.pk)
    text = filled(macro.text, values_in(macro.text, conversation=conversation, ticket=fresh, agent=user.name))
    fact = MacroApplied(macro.public_id, ticket.public_id if ticket else "", macro.name)
    append(fact, brand_id=conversation.brand_id, conversation=conversation, by=by)
    return Applied(text, macro.is_note, files_of(macro), changed)


def changes_of(macro: Macro, user: User) -> Changes:
    """Give what a macro changes when this person uses it."""
    return Changes(
        status=macro.status,
        priority=macro.priority,
        group=macro.group,
        assignee=agent_of(user) if macro.assignee == Macro.Assignee.ME else None,
        no_assignee=macro.assignee == Macro.Assignee.NOBODY,
        add_tags=tuple(macro.add_tags),
        remove_tags=tuple(macro.remove_tags),
        steps=tuple(read_steps(macro.steps)),
    )
