"""`make run`: everything in one process, from nothing to an address that answers."""

import errno
import socket
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import serve
from conversations.models import User

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FIRST_ADMIN = "python manage.py create_admin --email you@example.com --name You --brand 'Your shop'"
DEMO_ADMIN = "admin@demo.test"
ADDRESSES = (
    ("Demo shop", "/demo/"),
    ("Workspace", "/workspace/"),
    ("Admin", "/admin/"),
    ("API docs", "/api/docs/"),
)


class Command(BaseCommand):
    """Migrate, seed the demo brand once, and serve."""

    help = "Run Madang in one process: web, worker and beat, on SQLite unless DATABASE_URL says otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--bind", default="127.0.0.1", help="0.0.0.0 to be reached from other machines.")
        parser.add_argument(
            "--no-demo",
            action="store_true",
            help="Do not make the demo brand.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bind, port = options["bind"], options["port"]
        _refuse_taken_port(bind, port)
        call_command("migrate", verbosity=0, interactive=False)
        has_demo = not options["no_demo"] and may_have_demo(bind)
        if has_demo:
            call_command("seed_demo", verbosity=0, base_url=f"http://127.0.0.1:{port}")
        notes = sign_in_notes(has_demo)
        serve(bind=bind, port=port, on_ready=lambda: self.say_ready(bind, port, notes))

    def say_ready(self, bind: str, port: int, notes: list[str]) -> None:
        """Print where to go and how to sign in."""
        host = "localhost" if bind in {"0.0.0.0", "127.0.0.1"} else bind  # noqa: S104  # compared, not bound
        self.stdout.write("\nMadang is ready.\n\n")
        for name, path in ADDRESSES:
            self.stdout.write(f"  {name:<10} http://{host}:{port}{path}\n")
        for note in notes:
            self.stdout.write(f"\n  {note}\n")
        self.stdout.write("  Ctrl-C stops it; everything is kept.\n\n")
        self.stdout.flush()


def may_have_demo(bind: str) -> bool:
    """Say whether people with a password that everybody knows harm nobody: on this machine alone, on its own data."""
    return bind in LOOPBACK and not (settings.PRODUCTION or settings.DATABASE_URL or settings.REDIS_URL)


def sign_in_notes(has_demo: bool) -> list[str]:
    """Give what to say of signing in: as the demo's people, or how the first admin is made."""
    if has_demo:
        return [f"Sign in as   agent@demo.test   or   {DEMO_ADMIN}   with   madang"]
    people = User.objects.filter(is_active=True)
    notes = [] if people.exists() else [f"Nobody can sign in yet. Make the first admin:  {FIRST_ADMIN}"]
    if people.filter(email=DEMO_ADMIN).exists():
        notes.append("The demo's people are in this database, and everybody knows their password: switch them off.")
    return notes


def _refuse_taken_port(bind: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OverflowError:
            raise CommandError(f"{port} is not a port: give a number from 1 to 65535.", returncode=2) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CommandError(f"Port {port} on {bind} cannot be used: {error.strerror}.", returncode=2) from None
            raise CommandError(
                f"Port {port} is already in use. Stop what runs there, or choose another: make run PORT={port + 1}",
                returncode=2,
            ) from None
