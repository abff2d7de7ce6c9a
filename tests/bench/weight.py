"""What a visitor's browser loads of the widget, gzipped."""

import gzip
import urllib.request
from dataclasses import dataclass

from tests.bench.processes import ROOT


@dataclass
class Weight:
    """Bytes after gzip: the loader, and everything once the messenger is open."""

    loader: int
    everything: int


def widget_weight(address: str) -> Weight:
    """Weigh the demo brand's widget as the server gives it."""
    with urllib.request.urlopen(f"{address}/w.js?key=demo") as answer:
        loader = answer.read()
    with urllib.request.urlopen(f"{address}/widget/demo/") as answer:
        page = answer.read()
    folder = ROOT / "widget" / "static" / "widget"
    files = [path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "shop.css"]
    sizes = [len(gzip.compress(content, 9)) for content in (loader, page, *files)]
    return Weight(sizes[0], sum(sizes))
