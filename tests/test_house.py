"""Rules of the house that no linter knows. Each failure says what to do instead."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale

ROOT = Path(__file__).parent.parent
APPS = ("config", "conversations", "routing", "channels_app", "bots", "reporting", "widget")
SOURCES = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
EDGES = [
    path
    for path in SOURCES
    if {"api", "workspace", "consumers"} & set(path.parts) or path.name in {"views.py", "admin.py", "tasks.py"}
]
WRITES = re.compile(
    r"\.(objects\.(create|bulk_create|get_or_create|update_or_create)|save\(|delete\(\)|update\([a-z_]+=)"
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", EDGES, ids=name)
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


def test_korean_is_complete() -> None:
    catalogue = (ROOT / "locale" / to_locale("ko") / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    assert "#, fuzzy" not in catalogue
    assert not re.findall(r'msgstr ""\n(?!")', catalogue), "Translate what is missing, then make messages."
    assert {code for code, _ in settings.LANGUAGES} == {"en", "ko"}


def test_lock_files_name_no_registry() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"://|index-url|find-links", (ROOT / lock).read_text(encoding="utf-8"))
