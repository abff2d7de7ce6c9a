"""What a brand promised of a ticket, and whether it is kept: pure, over what happened to the clocks of its metrics.

Each metric has a clock. What customers, agents and statuses do makes ticks of it; everything else - when a promise is
due, whether it is kept - is computed from the ticks, the target that was applied last, and the hours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from routing.decide.hours import ALWAYS, Hours


class Metric(TextChoices):
    """What is measured of a ticket."""

    FIRST_REPLY = "first_reply", _("First reply")
    NEXT_REPLY = "next_reply", _("Next reply")
    PERIODIC_UPDATE = "periodic_update", _("Periodic update")
    PAUSABLE_UPDATE = "pausable_update", _("Pausable update")
    REQUESTER_WAIT = "requester_wait", _("Requester wait")
    AGENT_WORK = "agent_work", _("Agent work")
    RESOLUTION = "resolution", _("Resolution")


class TickKind(TextChoices):
    """What can happen to a clock."""

    ACTIVATE = "activate", _("Runs")
    PAUSE = "pause", _("Pauses")
    FULFILL = "fulfill", _("Fulfilled")
    APPLY_SLA = "apply_sla", _("Target set")
    BREACH = "breach", _("Broken")
    UPDATE_STATUS = "update_status", _("Time spent")


class PromiseState(TextChoices):
    """How a promise stands. One that is broken may still be owed."""

    RUNNING = "running", pgettext_lazy("promise", "Running")
    PAUSED = "paused", pgettext_lazy("promise", "Paused")
    KEPT = "kept", pgettext_lazy("promise", "Kept")
    BROKEN = "broken", pgettext_lazy("promise", "Broken")


REPLIES = (Metric.FIRST_REPLY, Metric.NEXT_REPLY)
UPDATES = (Metric.PERIODIC_UPDATE, Metric.PAUSABLE_UPDATE)
# They go on where they stood when a solved ticket is opened again; all others begin anew.
DURATIONS = (Metric.REQUESTER_WAIT, Metric.AGENT_WORK, Metric.RESOLUTION)
# The statuses in which a metric's clock stands still; every other metric runs until the ticket is solved.
PAUSED_IN: dict[str, frozenset[str]] = {
    Metric.PAUSABLE_UPDATE: frozenset({"pending"}),
    Metric.REQUESTER_WAIT: frozenset({"pending"}),
    Metric.AGENT_WORK: frozenset({"pending", "hold"}),
}
OVER = frozenset({"solved", "closed"})
MOVES = frozenset({TickKind.ACTIVATE, TickKind.PAUSE, TickKind.FULFILL})
# A promise is at risk in its last quarter, and in its last minutes where these are more, but not in its first half.
RISK_MINUTES = 15


@dataclass(frozen=True)
class Target:
    """Within how many minutes, counted in business hours or around the clock; `policy` is the key of who says so."""

    minutes: int
    is_business: bool = False
    policy: int | None = None

    @property
    def seconds(self) -> int:
        return self.minutes * 60

    @property
    def risk_seconds(self) -> float:
        """How long before it is due a promise is at risk."""
        return max(self.seconds / 4, min(RISK_MINUTES * 60, self.seconds / 2))


@dataclass(frozen=True)
class Tick:
    """One thing that happened to a clock.

    `target` belongs to apply_sla (None: nothing is promised any more); the seconds spent so far to update_status.
    """

    metric: str
    kind: str
    at: datetime
    instance: int = 1
    target: Target | None = None
    calendar_s: int | None = None
    business_s: int | None = None


@dataclass(frozen=True)
class Terms:
    """What a policy promises a ticket of one priority: a target for some metrics, and its business hours."""

    targets: Mapping[str, Target] = field(default_factory=dict)
    hours: Hours = ALWAYS
    policy: int | None = None
    # Whether what an AI agent writes fulfils what an agent's answer does.
    counts_ai_agents: bool = False


@dataclass(frozen=True)
class Clock:
    """All ticks of one instance of a metric, in the order in which they were taken in."""

    metric: str
    instance: int
    ticks: tuple[Tick, ...]

    @property
    def _moves(self) -> list[Tick]:
        return [tick for tick in self.ticks if tick.kind in MOVES]

    @property
    def is_live(self) -> bool:
        """Whether it is owed still: running or paused."""
        return self._moves[-1].kind != TickKind.FULFILL

    @property
    def is_running(self) -> bool:
        return self._moves[-1].kind == TickKind.ACTIVATE

    @property
    def started_at(self) -> datetime:
        return self._moves[0].at

    @property
    def last_at(self) -> datetime:
        """When it last began, paused or ended."""
        return self._moves[-1].at

    @property
    def target(self) -> Target | None:
        return next((tick.target for tick in reversed(self.ticks) if tick.kind == TickKind.APPLY_SLA), None)

    @property
    def is_breached(self) -> bool:
        """Whether it was said that the target it has now is broken."""
        for tick in reversed(self.ticks):
            if tick.kind in {TickKind.BREACH, TickKind.APPLY_SLA}:
                return tick.kind == TickKind.BREACH
        return False

    def was_broken_before(self, breach: Tick) -> bool:
        """Whether the target of this breach was passed when it came to hold, and the one before it was broken."""
        before = self.ticks[: len(self.ticks) - 1 - self.ticks[::-1].index(breach)]
        applied = next((tick.at for tick in reversed(before) if tick.kind == TickKind.APPLY_SLA), None)
        is_again = any(tick.kind == TickKind.BREACH for tick in before)
        return is_again and applied is not None and breach.at <= applied

    def spans(self) -> list[tuple[datetime, datetime | None]]:
        """Give the stretches in which it ran; the last has no end while it runs."""
        found: list[tuple[datetime, datetime | None]] = []
        for tick in self._moves:
            if tick.kind == TickKind.ACTIVATE:
                found.append((tick.at, None))
            elif found and found[-1][1] is None:
                found[-1] = found[-1][0], tick.at
        return found

    def spent(self, hours: Hours) -> float:
        """Give the seconds of its closed stretches."""
        return sum(hours.between(start, end) for start, end in self.spans() if end is not None)

    def reached(self, seconds: float, hours: Hours) -> datetime | None:
        """Give when it had, or will have, run for so long; None where it stands still before, or hours never come."""
        for start, end in self.spans():
            if end is None:
                return hours.add(start, seconds)
            length = hours.between(start, end)
            if length >= seconds:
                return hours.add(start, seconds)
            seconds -= length
        return None

    def with_tick(self, tick: Tick) -> "Clock":
        return replace(self, ticks=(*self.ticks, tick))


Clocks = Mapping[str, Clock]


@dataclass(frozen=True)
class Standing:
    """How the promise of a clock stands.

    `due_at` is when it breaks or broke, None where it was kept, is paused in time or where nothing is promised;
    `left_s` is what a paused one has left, in seconds of its target's hours.
    """

    state: PromiseState
    due_at: datetime | None = None
    risk_at: datetime | None = None
    left_s: int | None = None
    ended_at: datetime | None = None


def standing(clock: Clock, hours: Hours) -> Standing:
    """Say how a clock's promise stands, by its ticks; `hours` are the business hours of its policy.

    A running one counts as broken once that was said: whoever asks at a moment compares it with `due_at`.
    """
    target, ended_at = clock.target, None if clock.is_live else clock.last_at
    if target is None:
        calm = PromiseState.KEPT if ended_at else PromiseState.RUNNING if clock.is_running else PromiseState.PAUSED
        return Standing(calm, ended_at=ended_at)
    counted = hours if target.is_business else ALWAYS
    due_at = clock.reached(target.seconds, counted)
    risk_at = clock.reached(target.seconds - target.risk_seconds, counted)
    if ended_at:
        if _told_spent(clock, target, counted) > target.seconds:
            return Standing(PromiseState.BROKEN, due_at, risk_at, ended_at=ended_at)
        return Standing(PromiseState.KEPT, ended_at=ended_at)
    if clock.is_running:
        return Standing(PromiseState.BROKEN if clock.is_breached else PromiseState.RUNNING, due_at, risk_at)
    left = target.seconds - clock.spent(counted)
    if left < 0:
        return Standing(PromiseState.BROKEN, due_at, risk_at)
    return Standing(PromiseState.PAUSED, left_s=round(left))


def _told_spent(clock: Clock, target: Target, counted: Hours) -> float:
    """Give what an ended clock spent, as it was told when it ended: hours that were changed since change no past."""
    if not target.is_business:
        return clock.spent(ALWAYS)
    told = [tick.business_s for tick in clock.ticks if tick.kind == TickKind.UPDATE_STATUS]
    return told[-1] if told and told[-1] is not None else clock.spent(counted)


def opened(at: datetime, *, is_awaited: bool) -> list[Tick]:
    """Give what begins with a ticket; the first reply is owed where its customer waits for one."""
    begun = (Metric.FIRST_REPLY, *DURATIONS) if is_awaited else DURATIONS
    return [Tick(metric, TickKind.ACTIVATE, at) for metric in begun]


def customer_wrote(clocks: Clocks, at: datetime) -> list[Tick]:
    """Give what a customer's word does: the oldest one without an answer starts the next reply."""
    replies = [clocks[metric] for metric in REPLIES if metric in clocks]
    if any(clock.is_live or at <= clock.last_at for clock in replies):
        return []
    return [_anew(clocks, Metric.NEXT_REPLY, at)]


def agent_wrote(clocks: Clocks, at: datetime) -> list[Tick]:
    """Give what an agent's answer does: replies are fulfilled, and the time to the next update begins."""
    ticks = [
        Tick(metric, TickKind.FULFILL, at, clocks[metric].instance)
        for metric in REPLIES
        if metric in clocks and clocks[metric].is_live and clocks[metric].last_at <= at
    ]
    if not _is_live(clocks, Metric.RESOLUTION):
        return ticks
    for metric in UPDATES:
        before = clocks.get(metric)
        if before and at <= before.last_at:
            continue
        if before and before.is_live:
            ticks.append(Tick(metric, TickKind.FULFILL, at, before.instance))
        begun = _anew(clocks, metric, at)
        ticks.append(begun)
        if metric == Metric.PAUSABLE_UPDATE and not clocks[Metric.REQUESTER_WAIT].is_running:
            ticks.append(replace(begun, kind=TickKind.PAUSE))
    return ticks


def status_changed(clocks: Clocks, status: str, at: datetime) -> list[Tick]:
    """Give what a status does: what is solved owes nothing, what waits for somebody else stands still."""
    if any(at < clocks[metric].last_at for metric in DURATIONS if metric in clocks):
        return []
    known = {metric: clock for metric, clock in clocks.items() if clock.last_at <= at}
    if status in OVER:
        live = [clock for clock in known.values() if clock.is_live]
        return [Tick(clock.metric, TickKind.FULFILL, at, clock.instance) for clock in live]
    ticks = [
        Tick(metric, TickKind.ACTIVATE, at, known[metric].instance)
        for metric in DURATIONS
        if metric in known and not known[metric].is_live
    ]
    begun = {tick.metric for tick in ticks}
    for metric, pauses in PAUSED_IN.items():
        clock = known.get(metric)
        if clock is None or not (clock.is_live or metric in begun):
            continue
        runs = clock.is_running or metric in begun
        if runs and status in pauses:
            ticks.append(Tick(metric, TickKind.PAUSE, at, clock.instance))
        elif not runs and status not in pauses:
            ticks.append(Tick(metric, TickKind.ACTIVATE, at, clock.instance))
    return ticks


def reopens(ticks: Iterable[Tick]) -> bool:
    """Say whether a solved ticket is opened again by these ticks."""
    return any(tick.metric == Metric.RESOLUTION and tick.kind == TickKind.ACTIVATE for tick in ticks)


def retargeted(clocks: Clocks, terms: Terms, at: datetime) -> list[Tick]:
    """Give the targets that change where these terms hold from now on."""
    return [
        Tick(clock.metric, TickKind.APPLY_SLA, max(at, clock.started_at), clock.instance, target)
        for clock in clocks.values()
        if clock.is_live and (target := terms.targets.get(clock.metric)) != clock.target
    ]


@dataclass(frozen=True)
class Played:
    """What came of ticks: the clocks as they are now, every tick to keep, and the breaches among them."""

    clocks: dict[str, Clock]
    ticks: Sequence[Tick]
    ended: Sequence[Clock] = ()

    def then(self, ticks: Iterable[Tick], terms: Terms) -> "Played":
        """Take more ticks in."""
        more = play(self.clocks, ticks, terms)
        return Played(more.clocks, [*self.ticks, *more.ticks], [*self.ended, *more.ended])

    @property
    def breaches(self) -> list[Tick]:
        """Give what is news: a broken promise that gets another target, which is passed too, is broken as it was."""
        clocks = {(each.metric, each.instance): each for each in (*self.ended, *self.clocks.values())}
        told = [tick for tick in self.ticks if tick.kind == TickKind.BREACH]
        return [tick for tick in told if not clocks[tick.metric, tick.instance].was_broken_before(tick)]

    @property
    def touched(self) -> list[Clock]:
        """Give the clocks that the ticks belong to, those of instances that are over by now included."""
        names = {(tick.metric, tick.instance) for tick in self.ticks}
        return [each for each in (*self.ended, *self.clocks.values()) if (each.metric, each.instance) in names]


def play(clocks: Clocks, ticks: Iterable[Tick], terms: Terms) -> Played:
    """Take ticks in, with what follows from them.

    A new instance gets its target, what stops tells the time spent, and what stops too late is said to be broken.
    """
    now, kept, ended = dict(clocks), list[Tick](), list[Clock]()
    for tick in ticks:
        clock = now.get(tick.metric)
        if clock is None or clock.instance != tick.instance:
            if clock is not None:
                ended.append(clock)
            clock = Clock(tick.metric, tick.instance, ())
            more = [tick, *_first_target(tick, terms)]
        else:
            more = [tick]
        for each in more:
            clock = clock.with_tick(each)
        if tick.kind in {TickKind.PAUSE, TickKind.FULFILL}:
            for each in _told(clock, tick, terms.hours):
                more.append(each)
                clock = clock.with_tick(each)
        now[tick.metric] = clock
        kept += more
    return Played(now, kept, ended)


def _first_target(tick: Tick, terms: Terms) -> list[Tick]:
    target = terms.targets.get(tick.metric)
    return [replace(tick, kind=TickKind.APPLY_SLA, target=target)] if target else []


def _told(clock: Clock, stop: Tick, hours: Hours) -> list[Tick]:
    """Give the time spent, and the breach where the target is passed and nobody said so yet."""
    calendar_s, business_s = clock.spent(ALWAYS), clock.spent(hours)
    told = replace(
        stop, kind=TickKind.UPDATE_STATUS, calendar_s=round(calendar_s), business_s=_whole(business_s, clock.target)
    )
    target = clock.target
    if target is None or clock.is_breached or (business_s if target.is_business else calendar_s) <= target.seconds:
        return [told]
    due_at = clock.reached(target.seconds, hours if target.is_business else ALWAYS)
    return [told, replace(stop, kind=TickKind.BREACH, at=due_at or stop.at)]


def _whole(seconds: float, target: Target | None) -> int:
    """Give whole seconds that say the same of the target: a fraction beyond it is beyond it."""
    whole = round(seconds)
    if target and seconds > target.seconds:
        return max(whole, target.seconds + 1)
    return whole


def overdue(clocks: Clocks, hours: Hours, until: datetime) -> list[Tick]:
    """Give the breaches of running clocks whose promise was due before `until`."""
    found = []
    for clock in clocks.values():
        if clock.is_live and clock.is_running and not clock.is_breached:
            due_at = standing(clock, hours).due_at
            if due_at and due_at < until:
                found.append(Tick(clock.metric, TickKind.BREACH, due_at, clock.instance))
    return found


def _is_live(clocks: Clocks, metric: str) -> bool:
    return metric in clocks and clocks[metric].is_live


def _anew(clocks: Clocks, metric: str, at: datetime) -> Tick:
    """Give the beginning of a metric's next instance."""
    instance = clocks[metric].instance + 1 if metric in clocks else 1
    return Tick(metric, TickKind.ACTIVATE, at, instance)


def due_after(target: Target, hours: Hours, at: datetime) -> datetime | None:
    """Give when a promise that begins at a moment is due; None where its hours never come."""
    return (hours if target.is_business else ALWAYS).add(at, target.seconds)
