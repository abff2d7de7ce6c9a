"""How promises are told on screens; js/promises.js says the same as time goes by."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from routing.models import Promise

register = template.Library()


@register.filter
def look(promise: Promise) -> str:
    """Give the class of a promise that is owed and has a moment it is due: breach, warn, or nothing."""
    now = timezone.now()
    if promise.due_at and promise.due_at < now:
        return "breach"
    return "warn" if promise.risk_at and promise.risk_at <= now else ""


@register.filter
def left(promise: Promise) -> str:
    """Give how long until a promise is due, or how long it has been: 12m, 2h 10m, 3m over."""
    if promise.due_at is None:
        return ""
    seconds = (promise.due_at - timezone.now()).total_seconds()
    said = stretch(abs(seconds))
    return gettext("%(time)s over") % {"time": said} if seconds < 0 else said


def stretch(seconds: float) -> str:
    """Give a stretch of time in short: <1m, 12m, 2h 10m, 3d."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "<" + gettext("%(n)sm") % {"n": 1}
    if minutes >= 2 * 24 * 60:
        return gettext("%(n)sd") % {"n": minutes // (24 * 60)}
    hours, rest = divmod(minutes, 60)
    said = [gettext("%(n)sh") % {"n": hours}] if hours else []
    return " ".join([*said, gettext("%(n)sm") % {"n": rest}] if rest or not hours else said)


@register.filter
def told(promise: Promise) -> str:
    """Give a promise in one line: what, by when, or how it ended, and who says so."""
    metric = promise.get_metric_display()
    if promise.ended_at:
        said = gettext("%(metric)s: %(state)s") % {"metric": metric, "state": promise.get_state_display()}
    elif promise.due_at is None:
        said = gettext("%(metric)s: paused, %(time)s left") % {"metric": metric, "time": stretch(promise.left_s or 0)}
    else:
        said = gettext("%(metric)s, due %(when)s") % {"metric": metric, "when": moment(promise.due_at)}
    return f"{said} · {promise.policy}" if promise.policy else said


def moment(at: datetime) -> str:
    """Give a moment in the reader's zone: the time today, the day too otherwise."""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return date_format(local, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
