"""What do the tables say of each rule, for readers?  Plain values, for reports that know no tables.

Every rule of any edition is there, judged or not, with its sources as links, its readings and its mutants.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bufspec.tables.files import spec_directory, tree_from

MUTANTS = {"mutants.yaml": "", "consumer_mutants.yaml": "consumer_", "runtime_mutants.yaml": "runtime_"}
"""The tables of mutants, and how the names of theirs begin."""
READING = ("name", "statement", "evidence")
Texts = dict[str, Any]


def rule_texts(directory: Path | None = None) -> Texts:
    """The texts of the tables: `rules` by id in reading order, and the titles of `areas` and `editions`.

    Raises TablesError for tables that cannot be read.
    """
    directory = directory or spec_directory()
    sources = tree_from(directory / "sources.yaml")["texts"]
    mutants = _mutants(directory)
    areas: dict[str, str] = {}
    rules: dict[str, Any] = {}
    for file in sorted((directory / "tables").glob("*.yaml")):
        tree = tree_from(file)
        areas.setdefault(tree["area"], tree["title"])
        for row in tree.get("rules", ()):
            rules[row["id"]] = _rule(row, tree["area"], sources, mutants.get(row["id"], []))
    editions = {one["name"]: one["title"] for one in tree_from(directory / "editions.yaml")["editions"]}
    return {"rules": rules, "areas": areas, "editions": editions}


def _rule(
    row: Mapping[str, Any], area: str, sources: Mapping[str, Any], mutants: list[dict[str, str]]
) -> dict[str, Any]:
    editions = {name: {"level": row["level"], "statement": row["statement"]} for name in row["editions"]}
    for one in row.get("differences", ()):
        editions[one["edition"]] = {"level": one["level"], "statement": one["statement"], "id": one["id"]}
    return {
        "area": area,
        "impact": row["impact"],
        "binds": list(row["binds"]),
        "hint": row.get("hint", ""),
        "editions": editions,
        "sources": [_source(one, sources) for one in row["sources"]],
        "readings": [{key: one[key] for key in READING if key in one} for one in row.get("readings", ())],
        "mutants": mutants,
    }


def _source(source: Mapping[str, Any], sources: Mapping[str, Any]) -> dict[str, Any]:
    text = sources[source["text"]]
    return {
        "title": text["title"],
        "url": text["url"],
        "version": str(text["version"]),
        "part": source.get("part", ""),
        "clauses": list(source.get("clauses", ())),
    }


def _mutants(directory: Path) -> dict[str, list[dict[str, str]]]:
    """Of each rule the mutants that break it, by the name of the subject under which they are judged."""
    found: dict[str, list[dict[str, str]]] = {}
    for file, begin in MUTANTS.items():
        for row in tree_from(directory / file)["mutants"]:
            one = {"name": f"mutants.{begin}{row['id']}", "note": row["note"]}
            found.setdefault(row["rule"], []).append(one)
    return found
