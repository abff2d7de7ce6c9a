"""`make run`: everything in one process, from nothing to an address that answers."""

import errno
import socket
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import serve

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
        parser.add_argument("--no-demo", action="store_true", help="Do not make the demo brand.")

    def handle(self, *args: Any, **options: Any) -> None:
        bind, port = options["bind"], options["port"]
        _refuse_taken_port(bind, port)
        call_command("migrate", verbosity=0, interactive=False)
        if not options["no_demo"]:
            call_command("seed_demo", verbosity=0, base_url=f"http://127.0.0.1:{port}")
        serve(bind=bind, port=port, on_ready=lambda: self.say_ready(bind, port, options["no_demo"]))

    def say_ready(self, bind: str, port: int, no_demo: bool) -> None:
        """Print where to go and how to sign in."""
        host = "localhost" if bind in {"0.0.0.0", "127.0.0.1"} else bind  # noqa: S104  # compared, not bound
        self.stdout.write("\nMadang is ready.\n\n")
        for name, path in ADDRESSES:
            self.stdout.write(f"  {name:<10} http://{host}:{port}{path}\n")
        if not no_demo:
            self.stdout.write("\n  Sign in as   agent@demo.test   or   admin@demo.test   with   madang\n")
        self.stdout.write("  Ctrl-C stops it; everything is kept.\n\n")
        self.stdout.flush()


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
