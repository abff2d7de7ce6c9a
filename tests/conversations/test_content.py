"""Content is checked at its limits, and nothing hostile in it reaches a screen."""

from html.parser import HTMLParser
from typing import Any

import pytest

from conversations.content import parse_content
from conversations.content.text import ALLOWED_TAGS
from conversations.errors import InvalidContent

HOSTILE = [
    "<img src=x onerror=alert(1)>hello",
    "<b onclick='alert(1)' style='position:fixed' id=x class=y>hello</b>",
    "<a href='javascript:alert(1)'>hello</a>",
    "<a href='JaVaScRiPt:alert(1)'>hello</a>",
    "<a href=' &#106;avascript:alert(1)'>hello</a>",
    "<a href='java\tscript:alert(1)'>hello</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>hello</a>",
    "<a href='vbscript:x' target=_top>hello</a>",
    "<style>*{display:none}</style>hello",
    "<script>alert(1)</script>hello",
    "<iframe src='https://evil.test' srcdoc='<script>alert(1)</script>'></iframe>hello",
    "<scr<script>ipt>alert(1)</scr</script>ipt>hello",
    "<b><i><a href='https://shop.test' onmouseover=alert(1)><svg onload=alert(1)>hello</svg></a></i></b>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>hello",
    "<form action='https://evil.test'><input name=password><button>hello</button></form>",
    "<base href='https://evil.test'><meta http-equiv=refresh content='0;url=https://evil.test'>hello",
    "<!--[if IE]><script>alert(1)</script><![endif]-->hello",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>hello",
    "<video poster='javascript:alert(1)'><source onerror=alert(1)></video>hello",
]
HOSTILE_MARKDOWN = [
    "[hello](javascript:alert(1))",
    "[hello](JAVASCRIPT:alert(1))",
    "[hello](data:text/html;base64,PHNjcmlwdD4=)",
    "![hello](https://evil.test/pixel.png)",
    "[hello](https://shop.test \"x' onmouseover='alert(1)\")",
    "hello <img src=x onerror=alert(1)>",
    "hello <script>alert(1)</script>",
    "<javascript:alert(1)> hello",
    "[hello]: javascript:alert(1)\n\n[hello]",
]


class Shown(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("kind", "source"),
    [*(("htmlText", source) for source in HOSTILE), *(("markdownText", source) for source in HOSTILE_MARKDOWN)],
)
def test_hostile_words_are_shown_as_plain_ones(kind: str, source: str) -> None:
    stored = parse_content({"type": "text", kind: source}, by="business")
    shown = Shown(stored["htmlText"])
    assert "hello" in shown.words and "hello" in stored["text"]
    for tag, attributes in shown.elements:
        assert tag in ALLOWED_TAGS
        assert set(attributes) <= {"href", "rel", "title"}  # a title is words, and nothing but
        assert (attributes.get("href") or "https://").startswith(("http://", "https://", "mailto:", "tel:"))
        assert tag != "a" or attributes.get("rel") == "noopener noreferrer nofollow"


def test_plain_formatting_stays() -> None:
    source = "<p>One <b>two</b> <a href='https://shop.test/a?b=1'>three</a></p><ul><li>four</li></ul>"
    shown = Shown(parse_content({"type": "text", "htmlText": source}, by="business")["htmlText"])
    assert [tag for tag, _ in shown.elements] == ["p", "b", "a", "ul", "li"]
    assert shown.elements[2][1]["href"] == "https://shop.test/a?b=1"


def link(n: int) -> dict[str, Any]:
    return {"type": "link", "text": f"Button {n}", "uri": "https://shop.test"}


def item(n: int, buttons: int = 1) -> dict[str, Any]:
    return {"title": f"Card {n}", "actions": [link(each) for each in range(buttons)]}


def option(n: int) -> dict[str, Any]:
    return {"name": f"o{n}", "label": f"Option {n}"}


def field(n: int, options: int = 1) -> dict[str, Any]:
    return {"type": "select", "name": f"f{n}", "label": "Which?", "options": [option(each) for each in range(options)]}


def many(make: Any, n: int) -> list[dict[str, Any]]:
    return [make(each) for each in range(n)]


LIMITS: list[tuple[str, int, Any, str]] = [
    ("buttons", 25, lambda n: {"type": "text", "text": "x", "actions": many(link, n)}, "actions"),
    ("cards", 10, lambda n: {"type": "carousel", "items": many(item, n)}, "items"),
    ("rows", 10, lambda n: {"type": "list", "items": many(item, n)}, "items"),
    ("buttons of a list", 10, lambda n: {"type": "list", "items": [item(0)], "actions": many(link, n)}, "actions"),
    ("buttons of a card", 3, lambda n: {"type": "carousel", "items": [item(0, n)]}, "items.0.actions"),
    ("fields", 20, lambda n: {"type": "form", "fields": many(field, n)}, "fields"),
    ("options", 200, lambda n: {"type": "form", "fields": [field(0, n)]}, "fields.0.options"),
    ("characters", 4096, lambda n: {"type": "text", "text": "가" * n}, "text"),
    (
        "characters of a title",
        128,
        lambda n: {"type": "list", "items": [item(0) | {"title": "t" * n}]},
        "items.0.title",
    ),
    (
        "characters of an address",
        2048,
        lambda n: {"type": "image", "mediaUrl": f"https://s.test/{'a' * (n - 15)}"},
        "mediaUrl",
    ),
]


@pytest.mark.parametrize(("limit", "make", "where"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_content_is_taken_at_its_limit_and_refused_one_past_it(limit: int, make: Any, where: str) -> None:
    parse_content(make(limit), by="business")
    with pytest.raises(InvalidContent) as refused:
        parse_content(make(limit + 1), by="business")
    assert (refused.value.field, str(refused.value.limit)) == (where, str(limit))


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({"type": "text", "text": "x", "actions": []}, "actions"),
        ({"type": "carousel", "items": []}, "items"),
        ({"type": "carousel", "items": [item(0, 0)]}, "items.0.actions"),
        ({"type": "form", "fields": []}, "fields"),
        ({"type": "form", "fields": [field(0, 0)]}, "fields.0.options"),
    ],
)
def test_empty_lists_are_refused(content: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        parse_content(content, by="business")
    assert (refused.value.field, str(refused.value.limit)) == (where, "1")
