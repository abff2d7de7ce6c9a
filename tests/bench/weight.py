"""What a visitor's browser loads of the widget, gzipped."""

import gzip
import re
import urllib.request
from dataclasses import dataclass


@dataclass
class Weight:
    """Bytes after gzip: the loader, and everything once the messenger is open."""

    loader: int
    everything: int


def widget_weight(address: str) -> Weight:
    """Weigh the demo brand's widget as the server gives it."""
    loader, page = _get(f"{address}/w.js?key=demo"), _get(f"{address}/widget/demo/")
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.decode())
    sizes = [len(gzip.compress(content, 9)) for content in (loader, page, *(_get(address + path) for path in named))]
    return Weight(sizes[0], sum(sizes))


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        content: bytes = answer.read()
        return content
