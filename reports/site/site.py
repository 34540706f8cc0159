"""How do the tables become a guide?  A page for each area of rules and for each other view of the tables.

Takes plain values (bufspec.spec.guide), gives the text of each file.  The pages need no network and no
server: they work from a folder, under a Content-Security-Policy that allows the folder's own files alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from bufspec import __version__
from bufspec.reports.pictures.memory import memory_from_row
from bufspec.reports.pictures.picture import picture_of
from bufspec.reports.site import introduction as words
from bufspec.reports.site.decisions import decision_pages
from bufspec.reports.site.glossary import GLOSSARY
from bufspec.reports.site.search import search_index, slug
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

HERE = Path(__file__).parent
STYLES = (
    HERE.parent / "page" / "assets" / "colours.css",
    HERE.parent / "page" / "assets" / "page.css",
    HERE.parent / "page" / "assets" / "pictures.css",
    HERE / "assets" / "site.css",
)
LIFETIME = (
    "lifetime.export.memory_valid",
    "lifetime.export.arrays_valid",
    "lifetime.release.once_per_acquire",
    "lifetime.release.obj_null",
)
"""What the introduction says of lifetimes, where there is such a rule."""
CLAUSE_SECTIONS = {
    "A": "The founding document (edition 2010)",
    "B": "The documents of today (edition current)",
    "C": "Other interfaces to the same memory",
}
MOST_NEAR = 6
Values = Mapping[str, Any]


@frozen
class Page:
    """One page: its file, its title, and the entry of the navigation that it belongs to."""

    file: str
    title: str
    template: str
    group: str
    text: str = ""


NAVIGATION = (
    ("index.html", "Introduction"),
    ("requests.html", "Requests"),
    ("rules.html", "Rules"),
    ("layouts.html", "Layouts"),
    ("formats.html", "Formats"),
    ("clauses.html", "Clauses"),
    ("editions.html", "Editions"),
    ("ambiguities.html", "Left open"),
    ("decisions.html", "Decisions"),
    ("glossary.html", "Glossary"),
)


def site_files(guide: Values) -> Iterator[tuple[str, str]]:
    """The name and the text of each file of the guide."""
    site = _Site(guide)
    for page in site.pages():
        yield page.file, site.text_of(page)
    yield "style.css", "".join(file.read_text(encoding="utf-8") for file in STYLES)
    yield "search.js", (HERE / "assets" / "search.js").read_text(encoding="utf-8")
    entries = json.dumps(search_index(guide, site.href), ensure_ascii=True, separators=(",", ":"))
    yield "search-index.js", f"const searchIndex = {entries};\n"


class _Site:
    def __init__(self, guide: Values) -> None:
        self.guide = guide
        self.rules = {
            rule["id"]: {**rule, "area": area["area"], "differing": _differs(rule)}
            for area in guide["areas"]
            for part in area["parts"]
            for rule in part["rules"]
        }
        self.layouts = {row["name"]: row for row in guide["layouts"]}
        self.decisions = decision_pages(guide["decisions"])
        self._name = re.compile(
            "|".join(sorted(map(re.escape, [*self.rules, *self._anchors()]), key=len, reverse=True)).join(
                (r"(?<![\w.-])(?:", r")(?![\w-]|\.\w)")
            )
        )
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self.environment.filters |= {
            "linked": self.linked,
            "slug": slug,
            "flow": _flow,
            "groupby_id": _grouped,
        }
        self.environment.globals |= self._shared()

    def pages(self) -> Iterator[Page]:
        """Every page, in the order of reading."""
        yield Page("index.html", "Introduction", "index.html", "index.html")
        intro = (
            "How to find the answer to a flag word: the first of these tables that has a row for it decides."
        )
        yield Page("requests.html", "Requests and their answers", "tables.html", "requests.html", intro)
        yield Page("rules.html", "All rules", "rules.html", "rules.html")
        for area in self.guide["areas"]:
            yield Page(f"area-{area['area']}.html", area["title"], "area.html", "rules.html")
        yield Page("layouts.html", "Memory layouts", "layouts.html", "layouts.html")
        formats = "A format says what the bytes of an element mean. Its rules are those of the area format."
        yield Page("formats.html", "Formats", "tables.html", "formats.html", formats)
        yield Page("clauses.html", "Clause by clause", "clauses.html", "clauses.html")
        yield Page("editions.html", "Editions side by side", "editions.html", "editions.html")
        yield Page(
            "ambiguities.html", "What the documents leave open", "ambiguities.html", "ambiguities.html"
        )
        yield Page("decisions.html", "Decisions", "decisions.html", "decisions.html")
        yield Page("glossary.html", "Glossary", "glossary.html", "glossary.html")
        yield Page("search.html", "Search", "search.html", "search.html")

    def text_of(self, page: Page) -> str:
        """The page as HTML."""
        own: dict[str, Any] = {"page": page}
        if page.template == "area.html":
            (area,) = [one for one in self.guide["areas"] if f"area-{one['area']}.html" == page.file]
            own["area"] = {
                **area,
                "parts": [
                    {**part, "rules": [self.rules[rule["id"]] for rule in part["rules"]]}
                    for part in area["parts"]
                ],
            }
        if page.template == "tables.html":
            tables = self.guide["tables"]
            names = {"requests.html": ("flags", "requests"), "formats.html": ("formats",)}[page.file]
            own["tables"] = [table for name in names for table in tables[name]]
        return self.environment.get_template(page.template).render(**own)

    def href(self, id_: str) -> str:
        """Where a rule, or anything else that has an id, is described."""
        rule = self.rules.get(id_)
        return f"area-{rule['area']}.html#{id_}" if rule else self._anchors().get(id_, "rules.html")

    def linked(self, text: object) -> Markup:
        """A text, each rule, clause and so on that it names made a link."""
        shown, end = Markup(), 0
        for match in self._name.finditer(str(text)):
            shown += escape(str(text)[end : match.start()])
            shown += Markup('<a href="{}">{}</a>').format(self.href(match[0]), match[0])
            end = match.end()
        return shown + escape(str(text)[end:])

    def _anchors(self) -> dict[str, str]:
        anchors = {one["clause"]: f"clauses.html#{one['clause']}" for one in self.guide["clauses"]}
        anchors |= {one["id"]: f"ambiguities.html#{one['id']}" for one in self.guide["ambiguities"]}
        anchors |= {one["id"]: f"editions.html#{one['id']}" for one in self.guide["differences"]}
        return anchors

    def _picture(self, name: str) -> Markup:
        return Markup(picture_of(memory_from_row(self.layouts[name])))

    def _shared(self) -> dict[str, Any]:
        levels = Counter(rule["level"] for rule in self.rules.values())
        refusals = self.guide["must_refuse"]
        return {
            "guide": self.guide,
            "version": __version__,
            "nav": [{"file": file, "name": name} for file, name in NAVIGATION],
            "href": self.href,
            "rule": self.rules.__getitem__,
            "picture": self._picture,
            "count": {"rules": len(self.rules), "levels": levels},
            "levels": words.LEVELS,
            "fields": words.FIELDS,
            "flag_words": words.FLAG_WORDS,
            "class_words": words.CLASS_WORDS,
            "class_texts": words.CLASS_TEXTS,
            "owed_fields": ("shape", "strides", "suboffsets", "format", "readonly"),
            "owed_words": words.HOLDS,
            "about": {**dict.fromkeys(self._titles(), ""), **words.ABOUT},
            "must_refuse": [id_ for id_ in refusals if id_ in self.rules],
            "lifetime": [id_ for id_ in LIFETIME if id_ in self.rules],
            "near": {id_: self._near(rule) for id_, rule in self.rules.items()},
            "clause_sections": self._clause_sections(),
            "decisions": self.decisions,
            "glossary": [{"term": term, "text": text} for term, text in GLOSSARY],
        }

    def _titles(self) -> list[str]:
        return [section["title"] for sections in self.guide["tables"].values() for section in sections]

    def _near(self, rule: Values) -> list[str]:
        """Other rules that implement one of the same clauses."""
        own = set(rule["clauses"])
        return [
            id_
            for id_, other in self.rules.items()
            if id_ != rule["id"] and own.intersection(other["clauses"])
        ][:MOST_NEAR]

    def _clause_sections(self) -> list[dict[str, Any]]:
        texts: dict[str, dict[str, None]] = {}
        for rule in self.rules.values():
            for source in rule["sources"]:
                for clause in source["clauses"]:
                    texts.setdefault(clause, {})[source["text"]] = None
        return [
            {
                "id": f"section-{name}",
                "title": title,
                "clauses": [
                    {**one, "texts": list(texts.get(one["clause"], {}))}
                    for one in self.guide["clauses"]
                    if one["section"] == name
                ],
            }
            for name, title in CLAUSE_SECTIONS.items()
        ]


def _differs(rule: Values) -> bool:
    said = {(side["level"], side["statement"]) for side in rule["sides"]}
    return len(said) > 1


def _grouped(differences: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in differences:
        groups.setdefault(one["id"], []).append(one)
    return list(groups.items())


def _flow(value: Values) -> str:
    """What a case is given, on one line."""
    return ", ".join(
        f"{key} {one:#05x}" if key == "flags" and isinstance(one, int) else f"{key} {json.dumps(one)}"
        for key, one in value.items()
    )
