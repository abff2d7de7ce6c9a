"""The loader, the messenger it opens, and the demo shop."""

import json
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from widget.decide import pick_language
from widget.queries import catalogue, messenger_config, theme_of, widget_of

LOADER = Path(__file__).parent / "loader.js"
MAX_KEY = 40
MESSENGER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:;"
    " img-src 'self' https: http: data: blob:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)


@require_safe
@cache_control(public=True, max_age=300)
def loader(request: HttpRequest) -> HttpResponse:
    """Give the script a website embeds. An unknown key gets one that only says so: it never breaks the page."""
    key = request.GET.get("key", "")[:MAX_KEY]
    widget = widget_of(key)
    if widget is None:
        script = f"console.error('Madang: no widget has the key ' + {json.dumps(key)});".replace("<", "\\u003c")
    else:
        theme = theme_of(widget)
        config = {
            "key": key,
            "base": request.build_absolute_uri("/")[:-1],
            "side": widget.position,
            "brand": theme.brand,
            "on": theme.on_brand,
            "language": widget.language,
            "words": {
                language: [catalogue(language)[word] for word in ("open", "close", "unread", "newMessages")]
                for language in ("en", "ko")
            },
        }
        script = LOADER.read_text(encoding="utf-8").replace("__CONFIG__", json.dumps(config, ensure_ascii=False))
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def messenger(request: HttpRequest, key: str) -> HttpResponse:
    """Give the page inside the iframe; only allowed websites may frame it."""
    widget = widget_of(key)
    if widget is None:
        raise Http404
    language = pick_language(widget.language, request.GET.get("lang", ""), request.headers.get("Accept-Language", ""))
    config = messenger_config(widget, language)
    response = render(request, "widget/messenger.html", {"widget": widget, "config": config, "language": language})
    ancestors = " ".join(["'self'", *widget.origins]) if widget.origins else "*"
    response["Content-Security-Policy"] = MESSENGER_CSP.format(ancestors=ancestors)
    response.xframe_options_exempt = True  # frame-ancestors above says who may
    return response


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Show a small shop with the widget on it."""
    return render(request, "demo/shop.html", {"language": get_language()})
