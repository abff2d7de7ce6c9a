"""Steps in the reader's language, before they are done and after."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from routing.decide.steps import CHOOSING, FILLING, NONE, Do, Known, Step


def words(step: Step, known: Known) -> str:
    """Give a step in the reader's language: "set the priority to Urgent"."""
    label = known.choices(step.do).get(str(step.value), "") if step.do in CHOOSING else ""
    label = label or gettext("(deleted)")
    if step.do in FILLING and step.text:
        return gettext("fill in %(field)s: %(value)s") % {"field": label, "value": step.text}
    return told({"do": step.do, "value": step.value, "label": label, "is_emptied": not step.text})


def told(step: Mapping[str, Any]) -> str:
    """Give what a stored step of a firing did, in the reader's language. Its label was kept when it was done."""
    do, value, label = step.get("do"), step.get("value"), str(step.get("label", ""))
    if do in {Do.STATUS, Do.PRIORITY} or value == NONE:
        label = Known().choices(str(do)).get(str(value), label)
    tags = ", ".join(map(str, value)) if isinstance(value, list) else ""
    match do:
        case Do.STATUS:
            return gettext("set the status to %(value)s") % {"value": label}
        case Do.PRIORITY:
            return gettext("set the priority to %(value)s") % {"value": label}
        case Do.GROUP:
            return gettext("set the group to %(value)s") % {"value": label}
        case Do.ASSIGNEE:
            return gettext("give it to %(value)s") % {"value": label}
        case Do.FORM:
            return gettext("set the form to %(value)s") % {"value": label}
        case Do.FIELD | Do.CONTACT_FIELD if step.get("is_emptied"):
            return gettext("empty %(value)s") % {"value": label}
        case Do.FIELD | Do.CONTACT_FIELD:
            return gettext("fill in %(value)s") % {"value": label}
        case Do.ADD_TAGS:
            return gettext("add tags: %(value)s") % {"value": tags}
        case Do.REMOVE_TAGS:
            return gettext("remove tags: %(value)s") % {"value": tags}
        case Do.SET_TAGS:
            return gettext("set all tags: %(value)s") % {"value": tags or gettext("none")}
        case Do.MESSAGE:
            return gettext("send a message")
        case Do.NOTE:
            return gettext("write a note")
        case Do.NOTIFY:
            return gettext("mention %(value)s") % {"value": label}
        case Do.QUEUE:
            return gettext("pass it to the queue %(value)s") % {"value": label}
        case Do.ESCALATE:
            return gettext("escalate it")
        case Do.SNOOZE:
            minutes = value if isinstance(value, int) else 0
            return ngettext("snooze it for %(n)s minute", "snooze it for %(n)s minutes", minutes) % {"n": minutes}
    return gettext("end the session")
