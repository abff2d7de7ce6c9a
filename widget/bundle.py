"""The messenger's scripts and styles as two files, so that opening it costs three requests and not thirty.

The sources in messenger/ are plain ES modules, written in the house's one form of import and export; there is no build
step: the server joins them when it first gives them out, and again when one has changed.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SOURCES = Path(__file__).parent / "messenger"
ENTRY = "app"
IMPORT = re.compile(r"^import \{ ([\w, ]+) \} from '\./(\w+)\.js';\n", re.M)
EXPORT = re.compile(r"^export ((?:async )?(?:const|function|class) (\w+))", re.M)
# Comments that stand alone and indentation weigh a third; no string of ours begins a line or holds "/*".
UNREAD = re.compile(r"/\*.*?\*/|^\s*//[^\n]*$|^\s+", re.M | re.S)


class ModulesInACircle(ValueError):
    """Two modules import each other: which comes first cannot be said."""


@dataclass(frozen=True)
class Asset:
    """One file as it is given out. `version` changes with what is in it."""

    content: bytes
    packed: bytes
    media_type: str
    version: str


def _asset(text: str, media_type: str) -> Asset:
    content = text.encode()
    return Asset(content, gzip.compress(content, 9, mtime=0), media_type, hashlib.sha256(content).hexdigest()[:12])


def assets() -> dict[str, Asset]:
    """Give app.js and app.css."""
    return _made(max(path.stat().st_mtime_ns for path in SOURCES.iterdir()))


@lru_cache(maxsize=1)
def _made(newest: int) -> dict[str, Asset]:
    modules = {path.stem: path.read_text(encoding="utf-8") for path in SOURCES.glob("*.js")}
    styles = (SOURCES / "app.css").read_text(encoding="utf-8")
    return {
        "app.js": _asset(join(modules), "text/javascript; charset=utf-8"),
        "app.css": _asset(lean(styles), "text/css; charset=utf-8"),
    }


def lean(source: str) -> str:
    """Give a source without comments of their own, indentation and empty lines."""
    return "".join(f"{line}\n" for line in UNREAD.sub("", source).splitlines() if line)


def join(modules: dict[str, str]) -> str:
    """Give modules as one script: each in a function of its own, after those it imports. Raises ModulesInACircle."""
    parts: list[str] = []
    done: dict[str, bool] = {}

    def add(name: str) -> None:
        if name in done:
            if not done[name]:
                raise ModulesInACircle(name)
            return
        done[name] = False
        source = modules[name]
        imports = IMPORT.findall(source)
        for _names, other in imports:
            add(other)
        done[name] = True
        taken = "".join(f"const{{{names}}}=${other};" for names, other in imports)
        given = ",".join(exported for _declared, exported in EXPORT.findall(source))
        body = lean(EXPORT.sub(r"\1", IMPORT.sub("", source)))
        parts.append(f"const ${name}=(()=>{{{taken}\n{body}return{{{given}}}}})();\n")

    add(ENTRY)
    return "".join(parts)
