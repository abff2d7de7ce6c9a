"""The examples of docs/ are run as a reader would run them, against a real server, and what they print is compared."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.test import Client

from conversations.actions.keys import create_signing_key
from conversations.events import SYSTEM
from conversations.models import Brand
from tests.browser.aside import aside
from tests.factories import make_brand, make_channel
from widget.demo import seed_demo

DOCS = Path(__file__).parent.parent.parent / "docs"
BLOCK = re.compile(r"^```(sh|python|json|js)\n(.*?)^```$", re.M | re.S)
MARK = "---- next ----"


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def holds(expected: Any, found: Any) -> bool:
    """Say whether what was printed has all that the page shows; "…" stands for anything."""
    if expected == "…":
        return bool(found)
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and holds(each, found[name]) for name, each in expected.items()
        )
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(holds, expected, found))
    return bool(expected == found)


def test_quick_start_prints_what_the_page_shows(live: str, tmp_path: Path) -> None:
    aside(lambda: seed_demo(base_url=live))
    script, expected = ["set -e"], []
    for kind, text in blocks("client-api.md"):
        if kind == "json":
            expected.append(json.loads(text))
            continue
        if kind == "python":
            (tmp_path / "example.py").write_text(text, encoding="utf-8")
            text = f"export TOKEN\n{sys.executable} example.py\n"
        script += [text, f"echo; echo '{MARK}'"]
    environment = os.environ | {"MADANG": live}
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    printed = [json.loads(each) for each in ran.stdout.split(MARK) if each.strip()]
    assert len(printed) == len(expected) == 9
    for shown, found in zip(expected, printed, strict=True):
        assert holds(shown, found), (shown, found)


def test_page_names_every_way_to_send(live: str) -> None:
    page = (DOCS / "client-api.md").read_text(encoding="utf-8")
    assert {kind for kind, _text in blocks("client-api.md")} == {"sh", "json", "python"}
    assert "`text`, `image`, `file`, `location` and `formResponse`" in page


@pytest.mark.django_db
def test_signing_example_signs_a_user_in() -> None:
    brand: Brand = make_brand()
    channel = make_channel(brand)
    key, secret = create_signing_key(brand=brand, name="Website", by=SYSTEM)
    (source,) = (text for kind, text in blocks("signing-in.md") if kind == "python")
    made: dict[str, Any] = {}
    exec(compile(source, "signing-in.md", "exec"), made)  # noqa: S102  # the page's own example is what is tested
    user = {"id": "customer-42", "name": "Maya Okafor", "email": "maya@example.com"}
    token = made["token_for"](user, key.kid, secret)
    assert jwt.get_unverified_header(token)["kid"] == key.kid
    body = {"key": channel.key, "jwt": token}
    started = Client().post("/client/v1/session", body, content_type="application/json").json()
    assert (started["contact"]["name"], started["contact"]["email"], started["contact"]["signed_in"]) == (
        "Maya Okafor",
        "maya@example.com",
        True,
    )
