"""The pages for developers under /api/docs/, drawn from the OpenAPI documents and docs/asyncapi.yaml alone."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from conversations.business.document import SETTINGS as BUSINESS
from conversations.errors import ConversationsError
from conversations.models import Channel

DEMO_KEY, NO_KEY = "demo", "YOUR-CHANNEL-KEY"
SAMPLES = {
    "id": "6b06086f445aedc74a466e0c",
    "conversation": "6b06086fd008ee10dc1e75c3",
    "name": "Maya Okafor",
    "email": "maya@example.com",
    "locale": "en",
    "client_id": "m-1",
    "token": "lW8uV1r1vOe3yWcQk2o5pD",
    "socket": "/ws/client/",
    "created_at": "2026-11-24T09:30:00.000Z",
    "last_message_at": "2026-11-24T09:30:00.000Z",
    "preview": "Is the tent waterproof?",
    "url": "https://your-madang.example/files/6b06…/k3y…/tent.png",
    "media_type": "image/png",
    "width": 640,
    "height": 480,
    "size": 48211,
}
CONTENT_SAMPLE = {"type": "text", "text": "Is the tent waterproof?"}


@dataclass(frozen=True)
class Field:
    """One field of a shape, or one parameter of a call. `link` names the shape it holds, where it holds one."""

    name: str
    kind: str
    link: str
    is_required: bool
    text: str


def _target(schema: dict[str, Any]) -> str:
    """Give the name of the shape a schema points to, through lists and choices of one."""
    if schema.get("$ref"):
        return str(schema["$ref"]).rsplit("/", 1)[1]
    for inner in (schema.get("items"), *(schema.get("allOf") or []), *(schema.get("oneOf") or [])[:1]):
        if inner and (found := _target(inner)):
            return found
    return next((found for each in schema.get("anyOf", []) if (found := _target(each))), "")


def _kind(schema: dict[str, Any]) -> str:
    """Say in a few words what a schema takes."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    if "items" in schema:
        inner = _kind(schema["items"]) or "any"
        return f"list of {inner}{_bounds(schema, 'minItems', 'maxItems')}"
    if target := _target(schema):
        return target.removeprefix("content.")
    kinds = schema.get("type", "any")
    words = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return words + _bounds(schema, "minimum", "maximum") + _bounds(schema, "minLength", "maxLength", " characters")


def _bounds(schema: dict[str, Any], low: str, high: str, unit: str = "") -> str:
    least, most = schema.get(low), schema.get(high)
    if least is None and most is None:
        return ""
    if most is None:
        return f", at least {least}{unit}"
    return f", at most {most}{unit}" if not least else f", {least} to {most}{unit}"


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = set(schema.get("required", ()))
    return [
        Field(name, _kind(each), _target(each), name in required, str(each.get("description", "")))
        for name, each in schema.get("properties", {}).items()
    ]


def _sample(schema: dict[str, Any], shapes: dict[str, Any], name: str = "") -> Any:
    """Give a value as the schema describes it, for an example to read."""
    if "$ref" in schema:
        target = _target(schema)
        return CONTENT_SAMPLE if target.startswith("content.") else _sample(shapes[target], shapes, name)
    if "allOf" in schema:
        return _sample(schema["allOf"][0], shapes, name)
    if "oneOf" in schema:
        return _sample(schema["oneOf"][0], shapes, name)
    if "enum" in schema:
        return next((each for each in schema["enum"] if each), "")
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return {key: _sample(each, shapes, key) for key, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [_sample(schema["items"], shapes, name)]
    if name in SAMPLES:
        return SAMPLES[name]
    return {"string": "", "boolean": True, "integer": 1}.get(kind)


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _operation(method: str, path: str, operation: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = operation.get("requestBody", {}).get("content", {})
    kind, body = next(iter(bodies.items()), ("", {}))
    examples = [each["value"] for each in body.get("examples", {}).values()]
    answers = []
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        given = [each["value"] for each in content.get("examples", {}).values()]
        sample = given[0] if given else _sample(content["schema"], shapes) if content else None
        answers.append(
            {
                "status": status,
                "text": answer.get("description", ""),
                "is_refusal": int(status) >= 400,
                "shape": _target(content.get("schema", {})),
                "example": _pretty(sample) if sample is not None else "",
            }
        )
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "text": operation["description"],
        "tag": operation["tags"][0],
        "is_open": {} in operation.get("security", []),
        "parameters": [
            Field(each["name"], _kind(each["schema"]), "", each.get("required", False), each.get("description", ""))
            for each in operation.get("parameters", [])
        ],
        "media": kind,
        "body": _fields(shapes[_target(body["schema"])]) if body else [],
        "examples": [_pretty(each) for each in examples],
        "answers": answers,
    }


@cache
def _rest(api: str) -> dict[str, Any]:
    """Give operations by section, and every shape, of "client" or "business". The same for each reader: made once."""
    with patched_settings(BUSINESS if api == "business" else {}):
        document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    shapes = document["components"]["schemas"]
    sections: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(method, path, operation, shapes)
            sections.setdefault(shown["tag"], []).append(shown)
    order = ["Session", "Conversations", "Messages", "Files"] if api == "client" else list(sections)
    return {
        # What needs no token comes first: it is where one begins.
        "sections": [(tag, sorted(sections[tag], key=lambda shown: not shown["is_open"])) for tag in order],
        "shapes": [
            {
                "name": name,
                "kind": "" if "properties" in schema else _kind(schema),
                "fields": _fields(schema),
                "choices": [_target(each) for each in schema.get("oneOf", [])],
            }
            for name, schema in sorted(shapes.items(), key=lambda pair: ("." in pair[0], pair[0]))
        ],
    }


@cache
def _sockets() -> list[dict[str, Any]]:
    """Give each socket with its frames, both ways."""
    page = yaml.safe_load((settings.BASE_DIR / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
    sockets = []
    for name, channel in page["channels"].items():
        frames = []
        for label, ref in channel["messages"].items():
            message = page["components"]["messages"][ref["$ref"].rsplit("/", 1)[1]]
            examples = message.get("examples", [])
            frames.append(
                {
                    "id": f"{name}-{label}",
                    "is_yours": label.startswith("to."),
                    "type": label.split(".", 1)[1],
                    "summary": message["summary"],
                    "text": message.get("description", ""),
                    "fields": _fields(_inline(message["payload"], page["components"]["schemas"])),
                    "example": json.dumps(examples[0]["payload"], ensure_ascii=False) if examples else "",
                }
            )
        closes = channel["x-close-codes"].items()
        sockets.append({**channel, "name": name, "frames": frames, "closes": list(closes)})
    return sockets


def _inline(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """Put the small shapes of the sockets' own document in place of what points to them."""
    properties = {
        name: {**shapes[_target(each)], **each, "$ref": ""} if str(each.get("$ref", "")).startswith("#") else each
        for name, each in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _errors() -> list[dict[str, Any]]:
    """Give every refusal there is, with its code, status and words."""
    found = {each.code: each for each in _subclasses(ConversationsError)}
    return [{"code": code, "status": each.status, "text": each.text} for code, each in sorted(found.items())]


def _subclasses(base: type[ConversationsError]) -> list[type[ConversationsError]]:
    return [base, *(found for each in base.__subclasses__() for found in _subclasses(each))]


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show the client API: how to start, every call, every shape, every frame, every refusal."""
    has_demo = Channel.objects.filter(key=DEMO_KEY, state=Channel.State.ACTIVE).exists()
    context = {
        "schema": reverse("client:schema"),
        "base": request.build_absolute_uri("/")[:-1],
        "key": DEMO_KEY if has_demo else NO_KEY,
        "sockets": _sockets(),
        "errors": _errors(),
        **_rest("client"),
    }
    return render(request, "api_docs.html", context)


@require_safe
def business_docs(request: HttpRequest) -> HttpResponse:
    """Show the business API in the same way."""
    context = {
        "is_business": True,
        "schema": reverse("business-schema"),
        "base": request.build_absolute_uri("/")[:-1],
        "sockets": [each for each in _sockets() if each["name"] == "agent"],
        "errors": _errors(),
        **_rest("business"),
    }
    return render(request, "api_docs.html", context)
