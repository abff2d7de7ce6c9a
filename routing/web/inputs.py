"""What stands on a web form: its inputs in order, each with what was written and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from conversations.content.types import TEXT_CHARS
from conversations.errors import ConversationsError
from routing.actions.opening import EMAIL_CHARS, NAME_CHARS
from routing.decide.field_values import TEXT_CHARS as FIELD_CHARS
from routing.decide.tickets import SUBJECT_CHARS
from routing.models import CustomField


@dataclass(frozen=True)
class Input:
    """One question of a form. `kind` is that of a field, or email, or long."""

    name: str
    label: str | Promise
    kind: str
    shown: str = ""
    error: ConversationsError | None = None
    most: int = FIELD_CHARS
    help: str = ""
    # What is kept, and what is read.
    options: Sequence[tuple[str, str]] = ()
    autocomplete: str = "off"
    is_required: bool = False

    # How agents call it: what is wrong with it may begin with that.
    called: str = ""

    @property
    def told(self) -> str:
        """What is wrong, without the name that stands beside it."""
        return capfirst(str(self.error.text).removeprefix(f"{self.called}: ")) if self.error else ""

    @property
    def id(self) -> str:
        return f"in-{self.name.replace(':', '-')}"


# Of every form: name, label, kind, most characters, and what browsers fill in by themselves.
COMMON = (
    ("name", _("Your name"), "text", NAME_CHARS, "name"),
    ("email", _("Your email"), "email", EMAIL_CHARS, "email"),
    ("subject", _("Subject"), "text", SUBJECT_CHARS, "off"),
    ("text", _("Message"), "long", TEXT_CHARS, "off"),
)


def inputs_of(
    fields: Sequence[CustomField], given: Mapping[str, str], errors: Mapping[str, ConversationsError], language: str
) -> list[Input]:
    """Give a form's inputs in a language: who writes, the brand's fields, and the message last."""
    common = [
        Input(name, label, kind, given.get(name, ""), errors.get(name), most, autocomplete=filled, is_required=True)
        for name, label, kind, most, filled in COMMON
    ]
    own = [
        Input(
            name := f"field:{each.key}",
            each.label_in(language),
            each.kind,
            given.get(name, ""),
            errors.get(name),
            help=each.help_in(language),
            options=each.options_in(language),
            called=each.label,
            is_required=each.is_required_for_customer,
        )
        for each in fields
    ]
    return [*common[:-1], *own, common[-1]]
