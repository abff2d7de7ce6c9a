"""Rules of the house that no linter knows. Each failure says what to do instead."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.db.models import ForeignKey, ManyToManyField

ROOT = Path(__file__).parent.parent
APPS = ("config", "conversations", "routing", "channels_app", "bots", "reporting", "widget")
# To which apps' tables an app's own may point (docs/architecture.md).
BELOW = {
    "routing": ("conversations",),
    "channels_app": ("conversations",),
    "bots": ("conversations", "routing"),
    "reporting": ("conversations", "routing", "bots"),
    "widget": ("conversations", "routing"),
}
SOURCES = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
EDGES = [
    path
    for path in SOURCES
    if {"api", "workspace", "consumers", "admin", "commands"} & set(path.parts)
    or path.name in {"views.py", "admin.py", "tasks.py", "reactions.py", "demo.py", "console.py"}
]
WRITES = re.compile(
    r"\.(objects\.(create|create_user|create_superuser|bulk_create|bulk_update|get_or_create|update_or_create)\b"
    r"|save\(|delete\(\)|update\(([a-z_]+=|\*\*))"
)
# They make what a demo or a load test begins with, at times and in amounts that no action would.
SEEDS = {"widget/demo.py", "routing/management/commands/seed_load.py"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_rule_on_writing_sees_every_way_to_write() -> None:
    for line in ("rows.update(**values)", "rows.update(a=1)", "User.objects.create_user(email)", "row.save()"):
        assert WRITES.search(line), line
    assert all(WRITES.search((ROOT / seed).read_text(encoding="utf-8")) for seed in SEEDS), "It is no exception now."


@pytest.mark.parametrize("path", [path for path in EDGES if name(path) not in SEEDS], ids=name)
def test_edges_do_not_write(path: Path) -> None:
    found = WRITES.findall(path.read_text(encoding="utf-8"))
    assert not found, "Only actions write: move this into the app's actions and call it."


@pytest.mark.parametrize("path", [*SOURCES, *(ROOT / "tests").rglob("*.py")], ids=name)
def test_file_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, "Find the seam and make two files."
    assert path.stem not in {"utils", "helpers", "common", "misc"}, "Name the file after what it is about."


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_time_is_aware(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "datetime.now()" not in source and "utcnow(" not in source, "Use django.utils.timezone.now()."
    if path.name != "settings.py":
        assert "os.environ[" not in source and "os.environ.get" not in source, "Only settings.py reads the environment."


@pytest.mark.parametrize("path", list((ROOT / "templates").rglob("*.html")), ids=name)
def test_templates_hold_the_strict_policy(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="|\son[a-z]+="|<style|<script(?![^>]*(src=|type="application/json"))', source)


def test_korean_has_every_string(tmp_path: Path) -> None:
    """Gather the strings of the code anew, beside it, and look for what the catalogue lacks."""
    if shutil.which("xgettext") is None and os.environ.get("CI") != "true":
        pytest.skip("gathering the strings needs gettext")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for path in listed.split("\0"):
        if path.endswith((".py", ".html", ".po")):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "ko", "--no-obsolete", "--no-location"]
    subprocess.run(command, cwd=tmp_path, env=os.environ | {"DATA_DIR": str(tmp_path / "data")}, check=True)
    catalogue = (tmp_path / "locale" / "ko" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    missing = re.findall(r'msgid (.+(?:\n".*")*(?:\nmsgid_plural .+)?)\nmsgstr(?:\[0\])? ""\n(?!")', catalogue)
    assert missing == [], "Run `make messages` and translate these in locale/ko."
    assert "#, fuzzy" not in catalogue
    assert {code for code, _ in settings.LANGUAGES} == {"en", "ko"}


def test_compiled_korean_is_the_written_one() -> None:
    folder = ROOT / "locale" / "ko" / "LC_MESSAGES"
    written = set(re.findall(r'^msgstr "(.+)"$', (folder / "django.po").read_text("utf-8"), re.M))
    with (folder / "django.mo").open("rb") as compiled:
        known = set(gettext.GNUTranslations(compiled)._catalog.values())  # type: ignore[attr-defined]
    lost = {text for text in written if "\\" not in text} - known
    assert lost == set(), "Run `make messages`."


@pytest.mark.parametrize("app", APPS)
def test_keys_follow_the_arrows(app: str) -> None:
    """A table of a lower app holds no key to one of an upper app."""
    fields = [field for model in django_apps.get_app_config(app).get_models() for field in model._meta.get_fields()]
    keys = [field for field in fields if isinstance(field, ForeignKey | ManyToManyField)]
    pointed_at = {field.remote_field.model._meta.app_label for field in keys}
    assert pointed_at & set(APPS) <= {app, *BELOW.get(app, ())}


@pytest.mark.parametrize("path", [path for app in APPS for path in (ROOT / app).glob("migrations/0*.py")], ids=name)
def test_migrations_import_no_app_code(path: Path) -> None:
    ours = re.findall(rf"^\s*(?:from|import) ((?:{'|'.join(APPS)})\S*)", path.read_text("utf-8"), re.M)
    # A field of our own is named by the migrations that made it, as every custom field is.
    assert set(ours) <= {"conversations.models.ids"}, (
        "A migration must run for ever: use apps.get_model, and write plain functions into it."
    )


def test_lock_files_name_no_registry() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"://|index-url|find-links", (ROOT / lock).read_text(encoding="utf-8"))
