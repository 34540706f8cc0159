"""Whether the known pairs name what there is: mutants, consumers and rules.

Checks pairs.yaml against the two tables of mutants and the rules; what a row may look like is the schema's
to say, and whether each culprit is named right `bufspec pairs --known`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bufspec.files.problem import Problem
from bufspec.spec.positions import At, Document
from bufspec.spec.tables import Spec
from bufspec.words import DEATH

TWIN = "_twin"
WORKS = "works"
TABLES = {"exporter": "mutants.yaml", "consumer": "consumer_mutants.yaml"}


def check_pairs(spec: Spec, documents: dict[str, Document]) -> Iterator[Problem]:
    """Every problem of pairs.yaml that its schema cannot see.

    A name with a point is a subject's, of which no table knows.
    """
    document = documents["pairs.yaml"]
    rules = {rule.id for rule in spec.rules}
    known = {side: _ids(documents[file]) for side, file in TABLES.items()}
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(_rows(document, "pairs")):
        at: At = ("pairs", index)
        for side, file in TABLES.items():
            if "." not in row[side] and row[side].removesuffix(TWIN) not in known[side]:
                yield document.problem((*at, side), f"no {side} is called {row[side]}", f"an id of {file}")
        for position, rule in enumerate(row.get("rules", [])):
            if rule != DEATH and rule not in rules:
                yield document.problem(
                    (*at, "rules", position), f"no rule is called {rule}", "an id of the tables"
                )
        if row["fault"] == WORKS and "rules" in row:
            yield document.problem(
                (*at, "fault"), "a pair that works breaks no rule", "leave the rules out, or say whose fault"
            )
        pair = (row["exporter"], row["consumer"])
        if pair in seen:
            yield document.problem((*at, "exporter"), "this pair stands twice", "remove one of the rows")
        seen.add(pair)


def _ids(document: Document) -> set[str]:
    return {row["id"] for row in _rows(document, "mutants", "conforming")}


def _rows(document: Document, *keys: str) -> list[dict[str, Any]]:
    tree: Any = document.value
    assert isinstance(tree, dict), "the schema says so"
    return [row for key in keys for row in tree[key]]
