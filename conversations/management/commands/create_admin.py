"""How an installation gets its first admin and brand."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.text import slugify

from conversations.actions.people import create_admin, make_sign_in_link
from conversations.events import SYSTEM
from conversations.models import Brand, User


class Command(BaseCommand):
    """Make a person, a brand they are admin of, and a link by which they set their password."""

    help = "Make an admin with a brand of theirs, and print a one-time link by which they set their password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="The address they sign in with.")
        parser.add_argument("--name", required=True, help="Shown to customers beside each reply.")
        parser.add_argument("--brand", required=True, help="What customers see as the sender.")
        parser.add_argument("--slug", default="", help="The brand's short name; made of --brand where it is missing.")
        parser.add_argument("--base-url", default="http://localhost:8000", help="Where this installation answers.")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = Brand(name=options["brand"], slug=options["slug"] or slugify(options["brand"]) or "brand")
        try:
            person = create_admin(person=User(email=options["email"], name=options["name"]), brand=brand)
        except ValidationError as error:
            raise CommandError(
                " ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
            ) from None
        path = reverse("admin:join", args=make_sign_in_link(person=person, by=SYSTEM))
        self.stdout.write(
            f"{person} is admin of {brand}. This link sets the password; it works once, for three days:\n"
        )
        self.stdout.write(f"{options['base_url'].rstrip('/')}{path}\n")
