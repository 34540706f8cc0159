"""How do records become one HTML file?  The template, its style, its script, and the records as data in it.

The file loads nothing.  Its Content-Security-Policy allows the one script and the one style, by their hashes.
Data of records stand in the template, which escapes them, or in a block of JSON that cannot end early.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from bufspec import __version__
from bufspec.reports.page.gathered import gathered
from bufspec.reports.page.pairs import gathered_pairs
from bufspec.reports.profile import CLASSES
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
PLAIN_STYLES = ("colours.css", "page.css", "print.css")
"""Of a page without scripts, too."""
STYLES = (*PLAIN_STYLES, "pictures.css", "pairs.css")
SCRIPTS = (
    "begin.js",
    "elements.js",
    "data.js",
    "overview.js",
    "subjects.js",
    "failure.js",
    "rules.js",
    "pairs.js",
    "runtimes.js",
    "main.js",
)
MOST_PLAIN = 200
"""So many subjects are listed for readers without scripts."""
IN_JSON = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
Event = dict[str, Any]


@frozen
class Inline:
    """A script or a style of ours that stands in the page, and its hash for the policy."""

    text: Markup
    hash: str


@frozen
class Block:
    """Data in the page: a script element that is not run."""

    id: str
    text: Markup


def page_text(
    records: Sequence[Iterable[Event]],
    pairs: Sequence[Iterable[Event]],
    texts: Mapping[str, Any],
) -> Iterator[str]:
    """The page of records of checks and of pairs, piece by piece.

    `texts` are those of the rules, as the tables have them: areas, editions, and rules by id.
    """
    found = [gathered(events) for events in records]
    paired = [gathered_pairs(events) for events in pairs]
    blocks = [_block(f"record-{number}", record) for number, record in enumerate(found)]
    blocks += [_block(f"pairs-{number}", one) for number, one in enumerate(paired)]
    blocks.append(_block("texts", {**texts, "classes": _classes()}))
    yield from (
        templates()
        .get_template("page.html")
        .generate(
            title="Buffer protocol report",
            version=__version__,
            style=inline(STYLES),
            script=inline(SCRIPTS),
            tabs=_tabs(len(found), len(paired)),
            records=found,
            most=MOST_PLAIN,
            blocks=blocks,
        )
    )


def templates() -> Environment:
    """The templates of pages: base.html has what all share."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )


def _tabs(records: int, pairs: int) -> list[dict[str, str]]:
    tabs = [{"href": "#/", "name": "Overview"}, {"href": "#/rules", "name": "Rules"}] if records else []
    if records > 1:
        tabs.append({"href": "#/runtimes", "name": "Runtimes"})
    if pairs:
        tabs.append({"href": "#/pairs", "name": "Pairs"})
    return tabs


def _classes() -> list[dict[str, Any]]:
    return [
        {"name": one.name, "compounds": one.compounds, "flags": one.flags, "memory": one.memory}
        for one in CLASSES
    ]


def inline(names: Sequence[str]) -> Inline:
    """These files of ours as one text that stands in a page."""
    text = "".join((HERE / "assets" / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Inline(Markup(text), f"sha256-{digest}")


def _block(id_: str, value: Any) -> Block:
    """Values as JSON in which no character begins or ends anything in HTML."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character, escape in IN_JSON.items():
        text = text.replace(character, escape)
    return Block(id_, Markup(text))
