"""The two documents as validators: OpenAPI as the code makes it, AsyncAPI as it stands in docs/."""

from pathlib import Path
from typing import Any

import yaml
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conversations.business.document import SETTINGS

DOCS = Path(__file__).parent.parent.parent / "docs"
OPEN, ASYNC = "https://madang.example/openapi.yaml", "https://madang.example/asyncapi.yaml"
BUSINESS = "https://madang.example/business-openapi.yaml"


def openapi() -> dict[str, Any]:
    """Give the document that the code makes."""
    # A test before it may have left another language behind.
    with translation.override("en"):
        document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


def business_api() -> dict[str, Any]:
    """Give the business API's document that the code makes."""
    with translation.override("en"), patched_settings(SETTINGS):
        document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    return document


def closed(part: Any) -> Any:
    """Give a document whose objects hold what they name and nothing else, where they do not say otherwise."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: closed(value) for name, value in part.items()}
    return {"additionalProperties": False, **found} if isinstance(found.get("properties"), dict) else found


class Documents:
    """Checks values against a place in one of the two documents."""

    def __init__(self) -> None:
        self.open, self.sockets, self.business = openapi(), asyncapi(), business_api()
        pages = ((OPEN, closed(self.open)), (BUSINESS, closed(self.business)), (ASYNC, self.sockets))
        self.registry: Registry[Any] = Registry().with_resources(
            (uri, DRAFT202012.create_resource(page)) for uri, page in pages
        )

    def check(self, value: object, page: str, *path: str) -> None:
        """Fail with where and why a value is not as the document says; undeclared fields fail too."""
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)
        schema = {"$ref": f"{page}#/{pointer}"}
        validator = Draft202012Validator(schema, registry=self.registry, format_checker=FormatChecker())
        found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert found == [], (pointer, value)

    def frame(self, channel: str, direction: str, frame: dict[str, Any]) -> str:
        """Check one frame of a socket; give the name of its message."""
        name = f"{direction}.{frame['type']}"
        messages = self.sockets["channels"][channel]["messages"]
        assert name in messages, f"docs/asyncapi.yaml has no {name} on the {channel} channel."
        target = messages[name]["$ref"].removeprefix("#/components/messages/")
        self.check(frame, ASYNC, "components", "messages", target, "payload")
        known = set(self.sockets["components"]["messages"][target]["payload"]["properties"])
        assert set(frame) <= known, f"{name} carries what the document does not name: {set(frame) - known}"
        return name
