"""docs/business-api.md: each of its examples is called as it stands."""

import base64
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from conversations.actions.personal_tokens import make_token
from tests.business.world import make_world
from tests.factories import PASSWORD

PAGE = (Path(__file__).parent.parent.parent / "docs" / "business-api.md").read_text(encoding="utf-8")
EXAMPLES = [line for block in re.findall(r"```sh\n(.+?)```", PAGE, re.S) for line in block.strip().splitlines()]


def called(line: str, names: dict[str, str]) -> Any:
    """Call what a line of curl calls."""
    for name, value in names.items():
        line = line.replace(f"'\"${name}\"'", value).replace(f"${name}", value)
    words = shlex.split(line)[1:]
    method, headers, body, address, key = "GET", {}, None, "", ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _colon, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-u":
            key = words.pop(0)
        elif word == "-d":
            body, method = words.pop(0), "POST" if method == "GET" else method
        else:
            address = word
    if key:
        headers["Authorization"] = f"Bearer {key}"
    kind = headers.pop("Content-Type", "application/octet-stream")
    return Client().generic(method, address, body or "", content_type=kind, headers=headers)


@pytest.mark.django_db
def test_examples_of_the_page_do_what_it_says() -> None:
    world = make_world()
    # The skill that the world's rule asks for: alice has it here.
    world.shop.call("PATCH", f"/skills/{world.ids['skill']}", {"holders": [{"agent": world.ids["agent"], "level": 3}]})
    key_id, _colon, secret = base64.b64decode(world.shop.headers["Authorization"].split()[1]).decode().partition(":")
    names = {
        "KEY_ID": key_id,
        "SECRET": secret,
        "BASE": "",
        "EMAIL": world.alice.email,
        "PASSWORD": PASSWORD,
        "TOKEN": make_token(user=world.alice, name="Phone")[1],
        "CONVERSATION": world.ids["conversation"],
        "TICKET": world.ids["ticket"],
    }
    assert len(EXAMPLES) > 6
    for line in EXAMPLES:
        answer = called(line, names)
        assert answer.status_code in {200, 201}, (line, answer.content)
