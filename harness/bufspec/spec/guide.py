"""What is there to read in the tables?  All of them as plain values, for the guide of `bufspec spec site`.

Nothing here is a page: which page has what is bufspec.reports.site.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict

from bufspec.files.opened import MEGABYTE, read_present
from bufspec.spec.coverage import coverage
from bufspec.spec.diff import diff
from bufspec.spec.requests import RequestTable
from bufspec.spec.rows import Rule
from bufspec.spec.show import show
from bufspec.spec.tables import Spec

TABLES = ("flags", "requests", "formats", "layouts")
OWED = ("shape", "strides", "suboffsets", "format", "readonly")
DECISIONS = "decisions"
Values = dict[str, Any]


def guide(spec: Spec) -> Values:
    """Everything that the guide shows, in the order of the tables."""
    return {
        "editions": [asdict(one) for one in spec.editions],
        "texts": {name: asdict(text) for name, text in spec.texts.items()},
        "areas": _areas(spec),
        "tables": {name: [asdict(one) for one in show(spec, name).sections] for name in TABLES},
        "flags": [asdict(one) for one in spec.flags],
        "compounds": [asdict(one) for one in spec.compounds],
        "owed": list(_owed(spec)),
        "granted": list(_granted(spec)),
        "must_refuse": _must_refuse(spec),
        "classes": [asdict(one) for one in spec.classes],
        "layouts": [asdict(one) for one in spec.layouts],
        "clauses": [asdict(one) for one in coverage(spec).clauses],
        "ambiguities": _ambiguities(spec),
        "differences": list(_differences(spec)),
        "only": _only(spec),
        "decisions": decisions(spec.directory),
    }


def _areas(spec: Spec) -> list[Values]:
    """The rules by area, in reading order; an area may have several tables."""
    areas: dict[str, Values] = {}
    for table in spec.tables:
        one = areas.setdefault(table.area, {"area": table.area, "title": table.title, "parts": []})
        one["parts"].append({"title": table.title, "rules": [_rule(spec, rule) for rule in table.rules]})
    return [one for one in areas.values() if any(part["rules"] for part in one["parts"])]


def _rule(spec: Spec, rule: Rule) -> Values:
    row = asdict(rule)
    other = {one.edition: one for one in rule.differences}
    editions: list[Values] = []
    for edition in spec.editions:
        different = other.get(edition.name)
        if different is not None:
            said: Values = {"level": different.level, "statement": different.statement, "id": different.id}
        elif edition.name in rule.editions:
            said = {"level": rule.level, "statement": rule.statement, "id": None}
        else:
            said = {"level": None, "statement": None, "id": None}
        editions.append({"name": edition.name, "title": edition.title, **said})
    return {**row, "sides": editions, "clauses": list(rule.clauses), "ambiguities": list(rule.ambiguities)}


def _words(spec: Spec) -> Iterator[tuple[str, int]]:
    """The requests that people name: SIMPLE, and the compounds, each value once."""
    seen = set()
    for name, value in [("SIMPLE", 0), *((one.name, one.value) for one in spec.compounds)]:
        if value not in seen:
            seen.add(value)
            yield name, value


def _owed(spec: Spec) -> Iterator[Values]:
    """What a granted answer to each named request owes, for memory that it can be granted for."""
    table = RequestTable(spec)
    edition = spec.editions[-1].name
    classes = {one.name: one for one in spec.classes}
    for name, word in _words(spec):
        for memory in ("c_only", "indirect"):
            answer = table.answer(word, table.rows(classes[memory].facts(readonly=False), edition))
            if not answer.fields:
                continue
            fields = {one: answer.fields[one] for one in OWED if one in answer.fields}
            owed = {field: {"holds": one.holds, "rule": one.rule} for field, one in fields.items()}
            yield {"name": name, "word": word, "memory": memory, "fields": owed}


def _granted(spec: Spec) -> Iterator[Values]:
    """Which named request may be granted for which class of memory, and by which rules it is not."""
    table = RequestTable(spec)
    edition = spec.editions[-1].name
    for name, word in _words(spec):
        answers = [table.answer(word, table.rows(one.facts(readonly=False), edition)) for one in spec.classes]
        cells = [{"kind": one.kind, "rules": list(one.rules)} for one in answers]
        yield {"name": name, "word": word, "cells": cells}


def _must_refuse(spec: Spec) -> list[str]:
    """The rules by which a request must be refused today, each once."""
    edition = spec.editions[-1].name
    rows = [row for row in spec.requests.refusals if not row.editions or edition in row.editions]
    return list(dict.fromkeys(row.rule for row in rows))


def _ambiguities(spec: Spec) -> list[Values]:
    by_id = {id_: [rule.id for rule in spec.rules if id_ in rule.ambiguities] for id_ in spec.ambiguities}
    return [{"id": id_, "rules": rules} for id_, rules in by_id.items()]


def _differences(spec: Spec) -> Iterator[Values]:
    """What an edition says otherwise, by the number of the difference."""
    found = [(one, rule) for rule in spec.rules for one in rule.differences]
    order = {id_: number for number, id_ in enumerate(spec.differences)}
    for one, rule in sorted(found, key=lambda pair: order.get(pair[0].id, len(order))):
        sides = {one.edition: {"level": one.level, "statement": one.statement}}
        for edition in rule.editions:
            sides.setdefault(edition, {"level": rule.level, "statement": rule.statement})
        yield {"id": one.id, "rule": rule.id, "sides": sides}


def _only(spec: Spec) -> Values:
    """The rules that one edition alone has, and how many answers to requests differ."""
    left, right = spec.editions[0].name, spec.editions[-1].name
    found = diff(spec, left, right)
    return {
        "left": {"edition": left, "rules": list(found.only_left)},
        "right": {"edition": right, "rules": list(found.only_right)},
        "compared": found.compared,
        "differing": found.answers_differing,
    }


def decisions(directory: Path) -> list[Values]:
    """The pages of decisions: the name and the Markdown of each; none where they were not brought along."""
    files = sorted((directory / DECISIONS).glob("*.md"))
    return [
        {"name": file.stem, "text": read_present(file, MEGABYTE)}
        for file in files
        if file.name != "README.md"
    ]
