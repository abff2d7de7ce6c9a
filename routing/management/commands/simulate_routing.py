"""`manage.py simulate_routing`: a past period through a changed configuration, before it is saved."""

import json
import math
import statistics
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.incoming import moment_in
from conversations.models import Brand
from routing.actions.rehearsal import apply_changes
from routing.decide.simulation import Outcome, percentile, simulate
from routing.errors import InvalidChange
from routing.models import Agent
from routing.queries import past
from routing.queries.persons import terms_of

MAX_FILE = 1_000_000


class Command(BaseCommand):
    """Print waits, what came late and load per agent: as it was, as configured now, and as changed."""

    help = "Replay a past period through a changed configuration. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--brand", required=True, help="The brand's short name.")
        parser.add_argument("--from", dest="begins", help="ISO 8601; a week ago unless given.")
        parser.add_argument("--to", dest="ends", help="ISO 8601; now unless given.")
        parser.add_argument("--changes", help="A JSON file of changes; see docs/routing.md.")
        parser.add_argument(
            "--promise", type=float, help="Seconds after which work that nobody has is late; else service levels say."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = Brand.objects.filter(slug=options["brand"]).first()
        if brand is None:
            raise CommandError(f"--brand: no brand is called {options['brand']}.")
        ends = self._moment(options, "ends", timezone.now())
        begins = self._moment(options, "begins", ends - timedelta(days=7))
        if begins >= ends:
            raise CommandError("--from must be before --to.")
        runs = {"as it was": self._as_it_was(brand, begins, ends, options["promise"])}
        setups = {"configured now": past.setup_of(brand.pk, ends)}
        if options["changes"]:
            setups["as changed"] = self._changed(brand, self._changes(options["changes"]), ends)
        for name, setup in setups.items():
            runs[name] = self._run(brand, begins, ends, options["promise"], setup)
        self._print(runs, as_json=options["json"])

    def _changed(self, brand: Brand, changes: dict[str, Any], ends: datetime) -> past.Setup:
        """Read the brand as it would be: what is written for it is taken back before anything is simulated."""
        with transaction.atomic():
            try:
                apply_changes(brand, changes)
            except InvalidChange as error:
                raise CommandError(f"{error.field}: {error.text}") from None
            setup = past.setup_of(brand.pk, ends)
            transaction.set_rollback(True)
        return setup

    def _moment(self, options: dict[str, Any], name: str, default: datetime) -> datetime:
        if not options[name]:
            return default
        parsed = moment_in(options[name])
        if parsed is None:
            raise CommandError(f"{options[name]} is no moment such as 2026-11-02T09:00:00+09:00.")
        return parsed

    def _changes(self, path: str) -> dict[str, Any]:
        try:
            with open(path, encoding="utf-8") as file:
                found = json.loads(file.read(MAX_FILE))
        except (OSError, ValueError) as error:
            raise CommandError(f"--changes: {error}") from None
        if not isinstance(found, dict):
            raise CommandError("--changes: an object is expected.")
        return found

    def _as_it_was(self, brand: Brand, begins: datetime, ends: datetime, promise_s: float | None) -> Outcome:
        tickets = past.tickets_of(brand.pk, begins, ends)
        lived, out = past.lives(brand.pk, tickets), Outcome()
        due = past.due_of(brand.pk, tickets, promise_s)
        keys = dict(Agent.objects.values_list("user__public_id", "pk"))
        for ticket in tickets:
            life, at = lived[ticket.pk], ticket.created_at.timestamp()
            if life.given_at is None:
                out.left.add(ticket.pk)
            else:
                out.waits[ticket.pk] = life.given_at - at
                out.given[keys.get(life.agent, 0)].append(ticket.pk)
            taken = life.given_at if life.given_at is not None else ends.timestamp()
            if taken > due.get(ticket.pk, math.inf):
                out.late.add(ticket.pk)
        return out

    def _run(
        self, brand: Brand, begins: datetime, ends: datetime, promise_s: float | None, setup: past.Setup
    ) -> Outcome:
        tickets = past.tickets_of(brand.pk, begins, ends)
        due = past.due_of(brand.pk, tickets, promise_s)
        came = past.arrivals(tickets, past.lives(brand.pk, tickets), setup, due)
        shifts = past.shifts(brand.pk, begins, ends)
        return simulate(came, setup.people, shifts, terms_of(setup.config), ends.timestamp())

    def _print(self, runs: dict[str, Outcome], *, as_json: bool) -> None:
        names = {agent.pk: str(agent) for agent in Agent.objects.select_related("user")}
        told = {name: _figures(out, names) for name, out in runs.items()}
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        width = max(14, *(len(name) for out in told.values() for name in out["agents"]))
        self.stdout.write(" " * width + "".join(f"{name:>18}" for name in told))
        for row in ("tickets", "waited, median s", "waited, 90 % s", "waited, longest s", "late", "left waiting"):
            self.stdout.write(f"{row:<{width}}" + "".join(f"{told[name][row]:>18}" for name in told))
        for agent in sorted({agent for out in told.values() for agent in out["agents"]}):
            load = (told[name]["agents"].get(agent, {"tickets": 0, "at once": 0}) for name in told)
            cells = (
                f"{each['tickets']} ({each['at once']} at once)" if each["at once"] else each["tickets"]
                for each in load
            )
            self.stdout.write(f"{agent:<{width}}" + "".join(f"{cell:>18}" for cell in cells))


def _figures(out: Outcome, names: dict[int, str]) -> dict[str, Any]:
    waits = list(out.waits.values())
    return {
        "tickets": len(waits) + len(out.left),
        "waited, median s": round(statistics.median(waits)) if waits else 0,
        "waited, 90 % s": round(percentile(waits, 90)),
        "waited, longest s": round(max(waits, default=0)),
        "late": len(out.late),
        "left waiting": len(out.left),
        "agents": {
            names.get(agent, _("Nobody known")): {"tickets": len(tickets), "at once": out.most_at_once.get(agent, 0)}
            for agent, tickets in sorted(out.given.items())
        },
    }
