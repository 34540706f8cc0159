"""Which page has a name?  All rules, what came of a clause, a difference or an ambiguity, or one of show.py.

A clause is a number for a sentence of a document; what it says is in spec/sources, in our own words.
"""

from __future__ import annotations

from attrs import frozen
from rich.console import Console
from rich.text import Text

from bufspec.errors import near_names
from bufspec.spec.problems import JSON
from bufspec.spec.rows import Rule
from bufspec.spec.show import PAGES, Page, Section, show
from bufspec.spec.tables import Spec

SECTIONS = {
    "A": "founding document, edition 2010",
    "B": "documents of today, edition current",
    "C": "documents of other interfaces",
}
"""What the clauses of each section of sources.yaml are of."""
MORE = (
    "bufspec spec show NAME: a rule or a glob (request.*), requests, flags, formats, layouts, "
    "a clause (C-REQ-12), an ambiguity (AMB-6), a difference of the editions (X-3)"
)


@frozen
class Listing:
    """Every rule, one a line."""

    rules: tuple[Rule, ...]

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not self.rules

    def to_json(self) -> JSON:
        """The listing as plain values."""
        return {
            "name": "rules",
            "data": [{"id": one.id, "level": one.level, "statement": one.statement} for one in self.rules],
        }

    def render(self, console: Console) -> None:
        """Print a line for each rule, with as much of its statement as has room; an id is never cut."""
        widths = [
            max(len(text) for text in column) for column in zip(*map(_id_and_level, self.rules), strict=True)
        ]
        for rule in self.rules:
            cells = [text.ljust(width) for text, width in zip(_id_and_level(rule), widths, strict=True)]
            line = "  ".join([*cells, rule.statement])
            room = max(console.width, len(cells[0]) + len(rule.level) + 2)
            shown = line if len(line) <= room else f"{line[: room - 3].rstrip()}..."
            console.print(Text(shown), soft_wrap=True)
        console.print()
        console.print(Text(f"{len(self.rules)} rules. {MORE}"))


def _id_and_level(rule: Rule) -> tuple[str, str]:
    return rule.id, rule.level


def page_named(spec: Spec, name: str) -> Page | Listing:
    """The page of that name; of no name, all rules."""
    if not name:
        return Listing(spec.rules)
    wanted = name.upper()
    for what, ids in kinds_of_ids(spec).items():
        if wanted in ids:
            return _of_the_sources(spec, wanted, what)
    return show(spec, name)


def nearest(spec: Spec, name: str) -> str:
    """What was meant by a name that nothing has."""
    ids = [one for known in kinds_of_ids(spec).values() for one in known]
    near = near_names(name.upper(), ids, otherwise="")
    return near or near_names(name, [*PAGES, *(rule.id for rule in spec.rules)], otherwise=MORE)


def kinds_of_ids(spec: Spec) -> dict[str, tuple[str, ...]]:
    """The ids of sources.yaml, by what they are, in words."""
    clauses = {f"clause of the {SECTIONS.get(key, key)}": ids for key, ids in spec.clauses.items()}
    return {
        **clauses,
        "difference between the editions, or between one and CPython": spec.differences,
        "ambiguity: the documents leave it open, or answer it in two ways": spec.ambiguities,
    }


def _of_the_sources(spec: Spec, name: str, what: str) -> Page:
    """The rules that come from a clause, a difference or an ambiguity, and where in the documents that is."""
    rules = [rule for rule in spec.rules if name in _ids_of(rule)]
    places = dict.fromkeys(
        (source.text, source.part)
        for rule in rules
        for source in rule.sources
        if name in (*source.clauses, *source.ambiguity)
    )
    clause = spec.clause_texts.get(name)
    rows = [("is", what)]
    if clause:
        rows.append(("says", clause.says))
    for text, part in places:
        known = spec.texts[text]
        rows.append(("stands in", f"{known.title}, {part}\n{known.url} ({known.version})"))
    if clause and clause.no_passage:
        rows.append(("no passage", clause.no_passage))
    if clause and clause.not_checked:
        rows.append(("not checked", clause.not_checked))
    for rule in rules:
        rows.append((rule.level, f"{rule.id}\n{rule.statement}"))
        rows += [
            ("", f"{one.id}, edition {one.edition}: {one.statement}")
            for one in rule.differences
            if one.id == name
        ]
        rows += [("reading", f"{one.name}: {one.statement}") for one in rule.readings]
    data = {
        "is": what,
        "says": clause.says if clause else None,
        "stands_in": [{"text": text, "part": part, "url": spec.texts[text].url} for text, part in places],
        "rules": [rule.id for rule in rules],
    }
    return Page(name, data, (Section(name, ("", ""), tuple(rows)),))


def _ids_of(rule: Rule) -> set[str]:
    return {
        *rule.clauses,
        *(one for source in rule.sources for one in source.ambiguity),
        *(one.id for one in rule.differences),
    }
