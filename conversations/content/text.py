"""Words of a message: what lists, search, and channels without rich content show, and HTML that is safe to show."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

import nh3
from markdown_it import MarkdownIt

ALLOWED_TAGS = {"a", "b", "blockquote", "br", "code", "del", "em", "i", "li", "ol", "p", "pre", "strong", "u", "ul"}
LINK_REL = "noopener noreferrer nofollow"
_markdown = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True}).disable("image")


def safe_html(source: str) -> str:
    """Give the HTML with nothing left in it but plain formatting and http, mailto and tel links."""
    return nh3.clean(
        source,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=LINK_REL,
    )


def html_of_markdown(source: str) -> str:
    """Give Markdown as safe HTML; HTML inside it stays text."""
    return safe_html(_markdown.render(source)).strip()


def text_of_html(source: str) -> str:
    """Give the words of HTML, a line per block."""
    broken = source.replace("<br>", "\n").replace("</p>", "\n").replace("</li>", "\n")
    return html.unescape(nh3.clean(broken, tags=set())).strip()


def plain_text(content: Mapping[str, Any]) -> str:
    """Give a parsed content as plain words: for previews, search, and channels that can show nothing else."""
    match content["type"]:
        case "carousel" | "list":
            words = [content.get("text"), *_items(content["items"])]
        case "form":
            words = [content.get("text"), *(f"{field['label']}" for field in content["fields"])]
        case "formResponse":
            words = [content["textFallback"]]
        case "location":
            words = [content["text"]]
        case "template":
            words = []
        case _:
            words = [content.get("text") or content.get("altText")]
    return "\n".join(word for word in words if word)


def _items(items: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for number, item in enumerate(items, start=1):
        yield f"{number}. {item['title']}"
        if item.get("description"):
            yield str(item["description"])
        yield from (f"{action['text']}: {action['uri']}" for action in item["actions"] if action.get("uri"))


def answers_text(answers: Iterable[Mapping[str, Any]]) -> str:
    """Give the answers of a form, a "label: value" line each."""
    return "\n".join(f"{answer['label']}: {answer_value(answer)}" for answer in answers)


def answer_value(answer: Mapping[str, Any]) -> str:
    """Give what was answered in one field."""
    if answer["type"] == "select":
        return ", ".join(option["label"] for option in answer.get("select") or [])
    return str(answer.get(answer["type"]) or "")


def location_text(content: Mapping[str, Any]) -> str:
    """Give a location as its name and a maps link that holds "lat,long"."""
    place = content.get("location") or {}
    point = content["coordinates"]
    link = f"https://maps.google.com/maps?q={point['lat']},{point['long']}"
    return "\n".join(part for part in [place.get("name"), place.get("address"), link] if part)
