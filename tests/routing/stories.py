"""Stories on the pure engine, and what must hold after each of their events, said a second time and otherwise.

Nothing here asks the engine who may have what or who comes first: `may`, `before` and `wanted` say it in their own
words, so that an engine that forgets a rule is found out.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from routing.decide.assign import Person, Reason, Terms, Work
from routing.decide.capacity import Capacity, class_in_load, room_until
from routing.decide.rounds import Given, run_round
from routing.decide.snapshots import choose_again, pack_people, pack_terms, pack_work, unpack_people, unpack_work
from routing.decide.statuses import by_class
from routing.models import Lane, Waiting
from routing.models.waiting import NEVER
from routing.queries.lanes import work_of

CLASSES = ("messaging", "email", "voice")
ACCEPTED_IN = 30.0


@dataclass
class Piece:
    """A piece of work and where it stands: it waits, is offered to somebody, is somebody's, or is done."""

    key: int
    channel_class: str
    queue: int
    primary: frozenset[int]
    secondary: frozenset[int]
    required: frozenset[int]
    preferred: frozenset[int]
    rank: int
    due: float | None
    relaxes: float | None
    since: float
    state: str = "waits"
    agent: int = -1
    expires: float = 0.0
    is_silent: bool = False
    # Until when it takes room though it is silent, as the engine says; in our words, since when it is unanswered.
    takes_room_until: datetime | None = None
    came_silent_at: float | None = None
    is_awaited: bool = True
    had_by: Counter[int] = field(default_factory=Counter)
    work: Work = field(default_factory=lambda: Work(0, "messaging"))

    @property
    def before(self) -> tuple[float, ...]:
        """What of two that somebody could take comes first: the smaller."""
        return (self.queue, NEVER.timestamp() if self.due is None else self.due, -self.rank, self.since, self.key)

    @property
    def equals(self) -> tuple[object, ...]:
        """What two that wait must have in common for the earlier to be given first, whoever is free."""
        return (self.queue, self.due, self.rank, self.channel_class, self.primary, self.secondary, self.required)

    def placed(self) -> "Piece":
        """Follow what changed: the work is read as the engine reads it, from its row and its lane."""
        lane = Lane(
            queue_priority=self.queue,
            channel_class=self.channel_class,
            primary=sorted(self.primary),
            secondary=sorted(self.secondary),
            required=sorted(self.required),
        )
        row = Waiting(
            ticket_id=self.key,
            priority=self.rank,
            eligible_at=moment(self.since),
            due_at=NEVER if self.due is None else moment(self.due),
            preferred=sorted(self.preferred),
        )
        self.work = work_of(row, lane, self.had_by)
        return self


def may(person: Person, piece: Piece, terms: Terms, now: float) -> bool:
    """Say whether a person may be given this automatically."""
    cls, load, capacity = piece.channel_class, person.load, person.capacity
    if person.availability[cls] != "online":
        return False
    if piece.primary and person.groups.isdisjoint(piece.primary | piece.secondary):
        return False
    if any(skill not in person.skills for skill in piece.required):
        return False
    if terms.focus_mode and ((cls == "messaging" and load.get("voice")) or (cls == "voice" and load.get("messaging"))):
        return False
    if not room(load, capacity, cls):
        return False
    here = now - person.since
    if terms.fair_start_s and here < terms.fair_start_s and person.taken:
        return person.taken < capacity.maxima[cls] * here / terms.fair_start_s
    return True


def room(load: Any, capacity: Capacity, cls: str) -> int:
    """Count how many more of a class fit beside what there is, one after the other."""
    weight, more = capacity.weights.get(cls, 1), 0
    used = sum(capacity.weights.get(each, 1) * load.get(each, 0) for each in CLASSES)
    while load.get(cls, 0) + more < capacity.maxima[cls]:
        if capacity.total is not None and weight and used + (more + 1) * weight > capacity.total:
            break
        more += 1
    return more


def wanted(able: list[Person], piece: Piece, terms: Terms) -> int:
    """Give who of those who may have it gets it: sieve by sieve, until one is left."""

    def best(sieve: Any) -> None:
        nonlocal able
        most = max(sieve(person) for person in able)
        able = [person for person in able if sieve(person) == most]

    cls = piece.channel_class
    best(lambda person: -piece.had_by[person.agent])
    best(lambda person: not piece.primary or not person.groups.isdisjoint(piece.primary))
    asked = piece.preferred | (piece.required if terms.ranks_required else set())
    best(lambda person: sum(person.skills.get(skill, 0) for skill in asked))
    if terms.method == "highest_spare_capacity":
        best(lambda person: room(person.load, person.capacity, cls))
    best(lambda person: -person.last_at.get(cls, 0.0))
    best(lambda person: -person.agent)
    return able[0].agent


class Story:
    """People, work, and what happens; each round asserts all that must hold."""

    def __init__(self, cast: list[Any], terms: Terms, asks: bool) -> None:
        self.people = {
            n: Person(n, by_class("online"), capacity, groups, skills, since=1000.0)
            for n, (capacity, groups, skills) in enumerate(cast)
        }
        self.terms, self.asks, self.now = terms, asks, 1000.0
        self.pieces: list[Piece] = []

    def happen(self, is_followed: bool, kind: str, *given: Any) -> None:
        """Have something happen, and a round follow at once or later."""
        getattr(self, kind)(*given)
        if is_followed:
            self.round()

    # --- what happens; `at` and `n` point into what there is, round and round ---

    def arrives(
        self,
        cls: str,
        groups: Any,
        required: Any,
        preferred: Any,
        rank: int,
        queue: int,
        due: Any,
        patience: Any,
        is_left: bool,
    ) -> None:
        """Work comes; the customer of a chat may have left by then, as in a night."""
        primary, secondary = groups
        piece = Piece(
            key=len(self.pieces) + 1,
            channel_class=cls,
            queue=queue,
            primary=primary,
            secondary=secondary,
            required=required,
            preferred=preferred,
            rank=rank,
            due=None if due is None else self.now + due,
            relaxes=None if patience is None or not required else self.now + patience,
            since=self.now,
            is_silent=is_left and cls == "messaging",
        )
        self.pieces.append(piece.placed())

    def passes(self, seconds: float) -> None:
        """Time goes on: offers run out, and what waited long enough gives up its skills."""
        self.now += seconds
        for piece in self.pieces:
            if piece.state == "offered" and piece.expires <= self.now:
                self._goes_round(piece)
            if piece.state == "waits" and piece.relaxes is not None and piece.relaxes <= self.now:
                piece.preferred, piece.required, piece.relaxes = piece.preferred | piece.required, frozenset(), None
                piece.placed()

    def becomes(self, n: int, statuses: Any) -> None:
        """Somebody has another status; what is offered to them that they are not there for goes on to others."""
        person = self._person(n)
        means = by_class(statuses) if isinstance(statuses, str) else dict(zip(CLASSES, statuses, strict=True))
        was, comes = set(person.availability.values()) != {"offline"}, set(means.values()) != {"offline"}
        if comes and not was:
            person = replace(person, since=self.now, taken=0)
        self.people[person.agent] = replace(person, availability=means)
        for piece in self._standing("offered"):
            if piece.agent == person.agent and means[piece.channel_class] != "online":
                piece.state = "waits"

    def accepts(self, at: int) -> None:
        if piece := self._one(at, "offered"):
            self._is_given(piece)

    def declines(self, at: int) -> None:
        if piece := self._one(at, "offered"):
            self._goes_round(piece)

    def finishes(self, at: int) -> None:
        if piece := self._one(at, "held"):
            piece.state = "done"

    def is_handed(self, at: int, n: int) -> None:
        """Somebody gives it by hand to whom they like, whatever room there is."""
        if piece := self._one(at, "waits", "offered", "held"):
            piece.agent = self._person(n).agent
            self._is_given(piece)

    def is_put_back(self, at: int) -> None:
        if piece := self._one(at, "held"):
            self._waits_anew(piece)

    def is_opened_again(self, at: int, is_kept: bool) -> None:
        """Its customer opens it again: its agent has it, even beyond what fits, or it waits."""
        if piece := self._one(at, "done"):
            self._is_heard(piece)
            if is_kept:
                piece.state = "held"
            else:
                self._waits_anew(piece)

    def falls_silent(self, at: int) -> None:
        piece = self._one(at, "waits", "offered", "held")
        if piece and piece.channel_class == "messaging":
            piece.is_silent = True

    def speaks(self, at: int) -> None:
        """A silent customer writes: the chat counts again, even beyond what fits."""
        if piece := self._one(at, "waits", "offered", "held"):
            self._is_heard(piece)

    def is_answered(self, at: int) -> None:
        """Its agent answers: a chat that was silent when they got it leaves room from now on."""
        if piece := self._one(at, "held"):
            piece.is_awaited, piece.takes_room_until, piece.came_silent_at = False, None, None

    def is_moved(self, at: int, groups: Any, queue: int) -> None:
        if piece := self._one(at, "waits", "offered", "held"):
            piece.primary, piece.secondary = groups
            piece.queue = queue
            self._waits_anew(piece)

    def is_ranked(self, at: int, rank: int) -> None:
        if piece := self._one(at, "waits"):
            piece.rank = rank
            piece.placed()

    def is_promised(self, at: int, due: float | None) -> None:
        if piece := self._one(at, "waits"):
            piece.due = None if due is None else self.now + due
            piece.placed()

    def is_equipped(self, n: int, capacity: Capacity, groups: Any, skills: Any) -> None:
        """Somebody's capacity, groups and skills are changed, whatever they have."""
        person = self._person(n)
        self.people[person.agent] = replace(person, capacity=capacity, groups=groups, skills=skills)

    def _person(self, n: int) -> Person:
        return self.people[n % len(self.people)]

    def _standing(self, *states: str) -> list[Piece]:
        return [piece for piece in self.pieces if piece.state in states]

    def _one(self, at: int, *states: str) -> Piece | None:
        found = self._standing(*states)
        return found[at % len(found)] if found else None

    def _goes_round(self, piece: Piece) -> None:
        piece.state = "waits"
        piece.had_by[piece.agent] += 1
        piece.placed()

    def _is_heard(self, piece: Piece) -> None:
        piece.is_silent, piece.is_awaited = False, True
        piece.takes_room_until = piece.came_silent_at = None

    def _waits_anew(self, piece: Piece) -> None:
        piece.state, piece.since = "waits", self.now
        piece.had_by.clear()
        piece.placed()

    # --- a round, and what must hold ---

    def _loaded(self) -> dict[int, Person]:
        """Count what each has as the engine counts: what is theirs, and what is offered to them."""
        loads: dict[int, Counter[str]] = {n: Counter() for n in self.people}
        for piece in self._standing("held", "offered"):
            until = piece.takes_room_until
            counted = class_in_load(
                piece.channel_class,
                is_active=not piece.is_silent or piece.state == "offered",
                session_ended=False,
                is_fresh=until is not None and until > moment(self.now),
                silent_counts=False,
                ended_is_email=False,
            )
            if counted:
                loads[piece.agent][counted] += 1
        return {n: replace(person, load=dict(loads[n])) for n, person in self.people.items()}

    def _busy_with(self, agent: int, cls: str) -> int:
        """Count what somebody has to do, in other words: whose customer is there, and what came silent and is new."""
        return sum(
            piece.state == "offered"
            or not piece.is_silent
            or (piece.came_silent_at is not None and (piece.is_awaited or self.now < piece.came_silent_at + 600))
            for piece in self._standing("held", "offered")
            if piece.agent == agent and piece.channel_class == cls
        )

    def _lanes(self) -> dict[tuple[object, ...], list[Piece]]:
        lanes: dict[tuple[object, ...], list[Piece]] = {}
        for piece in sorted(self._standing("waits"), key=lambda each: each.before):
            lanes.setdefault((piece.queue, *piece.work.needs), []).append(piece)
        return lanes

    def round(self) -> None:
        """Run a round as the database's does: of those who have room, what is given kept and told again."""
        persons = self._loaded()
        lanes = self._lanes()
        classes = {lane[0].channel_class for lane in lanes.values()}
        passed_over = {n: why for n, each in persons.items() if (why := at_once(each, classes))}
        free = [person for n, person in persons.items() if n not in passed_over]
        read = {key: [piece.work for piece in lane] for key, lane in enumerate(lanes.values())}
        gifts = list(run_round(read, free, self.terms, self.now))
        if gifts:
            self._tell_again(gifts, free, passed_over)
        looked_at = {person.agent for person in free}
        for gift in gifts:
            assert gift.choice.passed_over.keys() == looked_at - {gift.agent}, "somebody is told no reason"
            piece = self.pieces[gift.work.ticket - 1]
            self._check(gift, piece, persons, lanes)
            persons[gift.agent] = self._take(piece, persons[gift.agent])
        for lane in lanes.values():
            able = [person for person in persons.values() if may(person, lane[0], self.terms, self.now)]
            assert not able, "left waiting though somebody could take it"

    def _check(self, gift: Given, piece: Piece, persons: dict[int, Person], lanes: Any) -> None:
        assert piece.state == "waits", "given though it does not wait"
        able = [person for person in persons.values() if may(person, piece, self.terms, self.now)]
        assert persons[gift.agent] in able, "given to somebody who may not have it"
        assert gift.agent == wanted(able, piece, self.terms), "given to another than whose turn it is"
        for lane in lanes.values():
            if lane[0].before < piece.before:
                takers = [person for person in persons.values() if may(person, lane[0], self.terms, self.now)]
                assert not takers, "passed over what comes before it and could have been given"
        earlier = [each for each in self._standing("waits") if each.equals == piece.equals and each.since < piece.since]
        assert not earlier, "given before what came earlier and is its equal"
        key = (piece.queue, *piece.work.needs)
        assert lanes[key].pop(0) is piece, "passed over what stood before it in its lane"
        if not lanes[key]:
            del lanes[key]

    def _take(self, piece: Piece, person: Person) -> Person:
        """Give the person with it, here and for later rounds."""
        asked = piece.channel_class == "voice" or (piece.channel_class == "messaging" and self.asks)
        piece.state, piece.agent, piece.expires = "offered", person.agent, self.now + ACCEPTED_IN
        if not asked:
            self._is_given(piece)
        load = {**person.load, piece.channel_class: person.load.get(piece.channel_class, 0) + 1}
        last_at = {**person.last_at, piece.channel_class: self.now}
        person = replace(person, load=load, last_at=last_at, taken=person.taken + 1)
        self.people[person.agent] = person
        most = person.capacity.maxima[piece.channel_class]
        assert person.load[piece.channel_class] <= most
        assert self._busy_with(person.agent, piece.channel_class) <= most, "given more than they can have at once"
        weights, total = person.capacity.weights, person.capacity.total
        if total is not None and weights.get(piece.channel_class, 1):
            assert sum(weights.get(cls, 1) * person.load.get(cls, 0) for cls in CLASSES) <= total
        return person

    def _is_given(self, piece: Piece) -> None:
        """Somebody has it now, and has to look at it: it may be silent."""
        until = room_until(is_active=not piece.is_silent, is_awaited=piece.is_awaited, now=moment(self.now))
        piece.state, piece.takes_room_until = "held", until
        piece.came_silent_at = self.now if piece.is_silent else None

    def _tell_again(self, gifts: list[Given], free: list[Person], passed_over: dict[int, Reason]) -> None:
        """Keep the round as its rows keep it, and make each of its decisions again from them alone."""
        terms = Terms(**json.loads(json.dumps(pack_terms(self.terms))))
        people, aside = unpack_people(pack_people(free, passed_over))
        assert aside == passed_over
        before: list[tuple[int, str]] = []
        for gift in gifts:
            work = unpack_work(json.loads(json.dumps(pack_work(gift.work))))
            again = choose_again(people, before, work, terms, self.now)
            assert again == gift.choice, "told again, it ends otherwise"
            before.append((gift.agent, work.channel_class))


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def at_once(person: Person, classes: Iterable[str]) -> Reason | None:
    """Say why somebody is not looked at any closer in a round of these classes."""
    there = [cls for cls in classes if person.availability[cls] == "online"]
    if not there:
        return Reason.STATUS
    return None if any(room(person.load, person.capacity, cls) for cls in there) else Reason.NO_ROOM
