"""The event log in the reader's words: what a kind of fact says, and what a change of the configuration changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from conversations.events import FACTS
from conversations.models import Channel
from conversations.permissions import Role

WORDS_SHOWN = 300
# Of what is no field of the model: the roles of a person, the state of a widget's channel.
CHOICES: dict[str, Any] = {"roles": Role.choices, "state": Channel.State.choices}
# Said of a whole row.
WHOLE = frozenset({"created", "deleted", "sign-in link"})
# What an audit line may speak of besides the fields of a model.
CHANGES: dict[str, str | Promise] = {
    "created": _("added"),
    "deleted": _("removed"),
    "roles": _("roles"),
    "groups": _("groups"),
    "members": _("members"),
    "skills": _("skills"),
    "holders": _("holders"),
    "shares": _("shares"),
    "capacity rule": _("capacity rule"),
    "position": _("place"),
    "state": _("state"),
    "name": _("name"),
    "sign-in link": _("new sign-in link"),
    "week": _("weekly hours"),
    "holidays": _("holidays"),
    "targets": _("targets"),
}


def fact_words(kind: str) -> str:
    """Give what a kind of fact says, in the reader's words: `message.posted` is "Message posted"."""
    fact = FACTS.get(kind)
    return str(fact.title) if fact else kind


def subject_words(payload: dict[str, Any]) -> str:
    """Give what a ConfigurationChanged is about, with the kind of setting where the console still knows it."""
    model = _model(payload)
    if model is None:
        return str(payload["label"])
    kind = capfirst(str(model._meta.verbose_name))
    return gettext("%(kind)s “%(name)s”") % {"kind": kind, "name": payload["label"]}


def change_words(payload: dict[str, Any]) -> str:
    """Give in short what a ConfigurationChanged says was changed: "added", or "max chats: 3 → 5; members changed"."""
    if payload["change"] in WHOLE:
        return str(CHANGES[payload["change"]])
    said = [f"{label}: {before} → {after}" for label, before, after in changes_told(payload)]
    if others := others_told(payload):
        said.append(gettext("%(fields)s changed") % {"fields": ", ".join(others)})
    return Truncator("; ".join(said)).chars(WORDS_SHOWN)


def changes_told(payload: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Give each change that a ConfigurationChanged tells as (field, before, after), all in the reader's words."""
    return [
        (
            _label(payload, change["field"]),
            _value_words(payload, change["field"], change["before"]),
            _value_words(payload, change["field"], change["after"]),
        )
        for change in _changes(payload)
    ]


def others_told(payload: dict[str, Any]) -> list[str]:
    """Give the fields that a ConfigurationChanged says were changed, without what they were, in the reader's words."""
    told = {change["field"] for change in _changes(payload)}
    return [_label(payload, name) for name in _names(payload) if name not in told]


def _names(payload: dict[str, Any]) -> list[str]:
    return [name.strip() for name in str(payload["change"]).split(",")]


def _changes(payload: dict[str, Any]) -> list[dict[str, Any]]:
    # Facts of the versions before name the fields only.
    return list(payload.get("changes", ()))


def _model(payload: dict[str, Any]) -> type[Model] | None:
    return next((each for each in admin.site._registry if each._meta.model_name == payload["model"]), None)


def _field(payload: dict[str, Any], name: str) -> Any:
    """Give the field of the model that was changed, None where it has none of this name any more."""
    model = _model(payload)
    return next((field for field in model._meta.get_fields() if field.name == name), None) if model else None


def _label(payload: dict[str, Any], name: str) -> str:
    return str(getattr(_field(payload, name), "verbose_name", "") or CHANGES.get(name, name))


def _value_words(payload: dict[str, Any], name: str, value: Any) -> str:
    """Give a value as the reader calls it: a choice by its label, a flag as yes or no, nothing as a dash.

    What was told in words is there in each language.
    """
    if isinstance(value, dict):
        value = value.get(get_language() or "") or next(iter(value.values()), "")
        return str(value) or "–"
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    field = _field(payload, name)
    choices = CHOICES.get(name, ()) if field is None else getattr(field, "flatchoices", ())
    return str(dict(choices).get(value, value))
