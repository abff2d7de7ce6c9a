"""Pages that can rot are held against the code."""

import dataclasses
import re
from pathlib import Path

import yaml
from django.urls import resolve

from conversations.consumers import AgentSocket, ClientSocket
from conversations.events import FACTS, READERS

ROOT = Path(__file__).parent.parent
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def facts_page() -> str:
    """Give docs/events.md as the code has it."""
    rows = [
        "# The facts",
        "",
        "The event log is append-only, one row per fact: type, actor, payload, and a position without gaps.",
        "",
        "| fact | says | payload | read by |",
        "| --- | --- | --- | --- |",
    ]
    for name, fact in sorted(FACTS.items()):
        if name.startswith("test."):
            continue
        says = (fact.__doc__ or "").strip().split("\n")[0]
        payload = ", ".join(f"`{field.name}`" for field in dataclasses.fields(fact))
        readers = ", ".join(sorted(reader for reader, heard in READERS.items() if name in heard)) or "–"
        rows.append(f"| `{name}` | {says} | {payload} | {readers} |")
    return "\n".join(rows) + "\n"


def test_events_page_lists_every_fact() -> None:
    assert (ROOT / "docs/events.md").read_text(encoding="utf-8") == facts_page()


def test_asyncapi_names_every_frame() -> None:
    channels = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text(encoding="utf-8"))["channels"]
    core = ROOT / "conversations"
    # Where the frames of each are made; what many agents hear of changes is made once for all, in `fanout`.
    made_in = {"client": ("consumers/client.py",), "agent": ("consumers/agent.py", "consumers/looks.py", "fanout.py")}
    for name, socket in (("client", ClientSocket), ("agent", AgentSocket)):
        messages = set(channels[name]["messages"])
        assert {each.removeprefix("to.") for each in messages if each.startswith("to.")} == set(socket.frames)
        source = "".join((core / path).read_text(encoding="utf-8") for path in ("consumers/base.py", *made_in[name]))
        told = set(re.findall(r'"type": "([a-z]+)"', source))
        assert {each.removeprefix("from.") for each in messages if each.startswith("from.")} == told


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_addresses_in_readme_resolve() -> None:
    for path in re.findall(r"localhost:8000(/[^ |]*)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert resolve(path)


def test_operating_page_names_every_setting() -> None:
    source = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    named = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    described = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/operating.md").read_text(encoding="utf-8"), re.M))
    assert named == described
