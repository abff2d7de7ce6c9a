"""The field of a policy's targets: a table of metrics by priorities, each cell a time such as "1h 30m"."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from routing.actions.service_levels import TargetEntry
from routing.decide.setting_words import time_words
from routing.decide.sla import Metric
from routing.models import Ticket
from routing.models.sla import MAX_TARGET_MINUTES

DURATION = re.compile(r"(?:(\d{1,6})\s*(?:d|일))?\s*(?:(\d{1,6})\s*(?:h|시간))?\s*(?:(\d{1,6})\s*(?:m|min|분)?)?")
ABOUT: dict[str, Any] = {
    Metric.FIRST_REPLY: _("From the customer's first words to an agent's first answer."),
    Metric.NEXT_REPLY: _("From the oldest words without an answer to the answer."),
    Metric.PERIODIC_UPDATE: _("From one answer of an agent to the next, whoever is waited for."),
    Metric.PAUSABLE_UPDATE: _("The same, standing still while you wait for the customer (pending)."),
    Metric.REQUESTER_WAIT: _("All the time the customer waits: new, open and on hold."),
    Metric.AGENT_WORK: _("All the time it is with your agents: new and open."),
    Metric.RESOLUTION: _("From the beginning until it is solved."),
}
COUNTS = (
    ("calendar", pgettext_lazy("target", "around the clock")),
    ("business", pgettext_lazy("target", "in business hours")),
)
# As it was written: the texts by (metric, priority), and the metrics that count business hours.
Written = tuple[dict[tuple[str, int], str], set[str]]


def minutes_in(text: str) -> int:
    """Give the minutes of "45", "1h 30m", "2d" or "1시간 30분"; a day is 24 hours. Raises ValidationError."""
    found = DURATION.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValidationError(gettext("%(text)s is no time. Write it as 45m, 4h or 1h 30m.") % {"text": text[:20]})
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return (days * 24 + hours) * 60 + minutes


def fault_of(text: str) -> str:
    """Say what is wrong with a cell's text; nothing where it is a target, or empty."""
    if not text.strip():
        return ""
    try:
        minutes = minutes_in(text)
    except ValidationError as error:
        return str(error.message)
    if 1 <= minutes <= MAX_TARGET_MINUTES:
        return ""
    return gettext("give 1 minute to %(hours)s hours.") % {"hours": MAX_TARGET_MINUTES // 60}


class TargetsInput(forms.Widget):
    """A row a metric: its times by priority, and which hours they count."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Written:
        texts = {
            (metric, priority): str(data.get(f"{name}_{metric}_{priority}", ""))[:40]
            for metric in Metric.values
            for priority in Ticket.Priority.values
        }
        return texts, {metric for metric in Metric.values if data.get(f"{name}_{metric}_counts") == "business"}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        texts, business = value
        priorities = [(each.value, each.label) for each in reversed(Ticket.Priority)]

        def cell(metric: str, key: int, label: Any) -> tuple[int, Any, str, str]:
            text = texts.get((metric, key), "")
            return key, label, text, fault_of(text)

        rows = [
            {
                "metric": metric.value,
                "label": metric.label,
                "about": ABOUT[metric],
                "cells": [
                    (key, label, text := texts.get((metric, key), ""), fault_of(text)) for key, label in priorities
                ],
                "counts": "business" if metric in business else "calendar",
            }
            for metric in Metric
        ]
        context = {"name": name, "rows": rows, "priorities": priorities, "counts": COUNTS}
        return SafeString(render_to_string("admin/_targets.html", context))


def _name(metric: str, priority: int) -> str:
    return f"{Metric(metric).label}, {Ticket.Priority(priority).label}"


class TargetsField(forms.Field):
    """A policy's targets, as TargetEntry in order."""

    widget = TargetsInput

    def __init__(self) -> None:
        text = _("How long each may take, as 45m, 4h or 1h 30m. An empty cell promises nothing.")
        super().__init__(label=_("targets"), required=False, help_text=text)

    def prepare_value(self, value: Any) -> Written:
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], dict):
            return value
        entries: list[TargetEntry] = list(value or ())
        texts = {(each.metric, each.priority): time_words(each.minutes) for each in entries}
        return texts, {each.metric for each in entries if each.is_business}

    def to_python(self, value: Any) -> list[TargetEntry]:
        texts, business = value
        written = {cell: text for cell, text in texts.items() if text.strip()}
        faults = {cell: fault for cell, text in written.items() if (fault := fault_of(text))}
        if faults:
            raise ValidationError([ValidationError(f"{_name(*cell)}: {fault}") for cell, fault in faults.items()])
        return sorted(
            TargetEntry(metric, priority, minutes_in(text), metric in business)
            for (metric, priority), text in written.items()
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != sorted(initial or ())
        except ValidationError:
            return True
