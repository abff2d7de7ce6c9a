"""The loader, the messenger it opens, and the demo shop."""

import json
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from widget import shop
from widget.bundle import assets, lean
from widget.decide import pick_language
from widget.queries import languages, loader_config, messenger_config, widget_of

LOADER = Path(__file__).parent / "loader.js"
MAX_KEY = 40
# The page's own calls go on: they do nothing.
UNKNOWN = "console.error('Madang: no widget has the key ' + {key});window.madang=function(){{}};"
MESSENGER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:;"
    " img-src 'self' https: http: data: blob:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)


@require_safe
@gzip_page
@cache_control(public=True, max_age=300)
def loader(request: HttpRequest) -> HttpResponse:
    """Give the script a website embeds. An unknown key gets one that only says so: it never breaks the page."""
    key = request.GET.get("key", "")[:MAX_KEY]
    widget = widget_of(key)
    if widget is None:
        script = UNKNOWN.format(key=json.dumps(key)).replace("<", "\\u003c")
    else:
        config = loader_config(widget, request.build_absolute_uri("/")[:-1])
        script = lean(LOADER.read_text(encoding="utf-8")).replace("__CONFIG__", json.dumps(config, ensure_ascii=False))
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Give the messenger's script or styles. Their address carries their version, so they may be kept for good."""
    found = assets()[name]
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.packed if is_packed else found.content, content_type=found.media_type)
    if is_packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    return response


@require_safe
@gzip_page
def messenger(request: HttpRequest, key: str) -> HttpResponse:
    """Give the page inside the iframe; only allowed websites may frame it."""
    widget = widget_of(key)
    if widget is None:
        raise Http404
    wishes = (request.GET.get("lang", ""), request.headers.get("Accept-Language", ""))
    language = pick_language(languages(), widget.language, *wishes)
    context = {
        "widget": widget,
        "config": messenger_config(widget, language) | {"preview": "preview" in request.GET},
        "language": language,
        "direction": "rtl" if language.split("-")[0] in settings.LANGUAGES_BIDI else "ltr",
        "versions": {name.replace(".", "_"): found.version for name, found in assets().items()},
    }
    response = render(request, "widget/messenger.html", context)
    ancestors = " ".join(["'self'", *widget.origins]) if widget.origins else "*"
    response["Content-Security-Policy"] = MESSENGER_CSP.format(ancestors=ancestors)
    response.xframe_options_exempt = True  # frame-ancestors above says who may
    return response


@require_safe
def demo(request: HttpRequest, item: str = "") -> HttpResponse:
    """Show a small shop with the widget on it, or one of its goods. `?lang=` chooses the language, `?in=` a shelf."""
    chosen = request.GET.get("lang", "")
    language = chosen if chosen in dict(settings.LANGUAGES) else get_language()
    goods = shop.find(item) if item else None
    if item and goods is None:
        raise Http404
    shelf = request.GET.get("in", "")
    context = {
        "language": language,
        "languages": [(code, "한국어" if code == "ko" else "English") for code, _ in settings.LANGUAGES],
        "query": f"?lang={chosen}" if chosen == language else "",
        "goods": goods,
        "shelf": shelf if shelf in shop.SHELVES else "",
        "shelves": shop.SHELVES,
        "catalogue": shop.on_shelf(shelf) if shelf in shop.SHELVES else shop.CATALOGUE,
    }
    with override(language):
        return render(request, "demo/goods.html" if goods else "demo/shop.html", context)
