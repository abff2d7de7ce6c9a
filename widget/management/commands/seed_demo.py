from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from widget.demo import seed_demo


class Command(BaseCommand):
    """Make the demo shop's brand, once."""

    help = "Make the demo brand with its people and conversations; does nothing when it is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="Where this installation answers.")

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed_demo(base_url=options["base_url"])
        if options["verbosity"]:
            self.stdout.write("The demo brand is made." if made else "The demo brand is there already.")
