import re
from pathlib import Path

import pytest
from django.test import Client

from widget.bundle import SOURCES, ModulesInACircle, assets, join, lean

MAX_LINES = 155


def test_modules_come_after_what_they_import() -> None:
    joined = join(
        {
            "app": "import { b, two } from './other.js';\n// Why.\nexport const a = () => b + two;\n",
            "other": "/** Words.\n * More. */\nexport const b = 1;\nexport async function two() {\n  return b;\n}\n",
        }
    )
    assert joined == (
        "const $other=(()=>{\nconst b = 1;\nasync function two() {\nreturn b;\n}\nreturn{b,two}})();\n"
        "const $app=(()=>{const{b, two}=$other;\nconst a = () => b + two;\nreturn{a}})();\n"
    )


def test_modules_that_import_each_other_are_refused() -> None:
    with pytest.raises(ModulesInACircle):
        join(
            {
                "app": "import { b } from './other.js';\nexport const a = 1;\n",
                "other": "import { a } from './app.js';\nexport const b = 1;\n",
            }
        )


def test_addresses_inside_a_line_are_no_comments() -> None:
    assert (
        lean("  open('https://a.example'); // said\n  // gone\n\nnext") == "open('https://a.example'); // said\nnext\n"
    )


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.js")), ids=lambda path: path.name)
def test_sources_keep_to_what_the_joiner_reads(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_LINES, "Find the seam and make two modules."
    imports = re.findall(r"^import .*", source, re.M)
    wrong = [line for line in imports if not re.fullmatch(r"import \{ [\w, ]+ \} from '\./\w+\.js';", line)]
    assert not wrong, "Write import { name } from './module.js'; on one line."
    assert not re.search(r"^export (?!(async )?(const|function|class) )", source, re.M)
    assert all(line.count("`") % 2 == 0 for line in lean(source).splitlines()), "No template literal over two lines."
    assert not re.search(r"eval\(|new Function|innerHTML\s*=(?!\s*content\.htmlText)", source)


def test_files_are_packed_and_kept_for_good() -> None:
    found = assets()
    for name, media_type in (("app.js", "text/javascript"), ("app.css", "text/css")):
        answer = Client().get(f"/widget/{name}?v={found[name].version}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Type"].startswith(media_type)
        assert answer.headers["Content-Encoding"] == "gzip" and answer.content == found[name].packed
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain = Client().get(f"/widget/{name}")
        assert plain.content == found[name].content and "Content-Encoding" not in plain.headers
