"""The rules as a run needs them: what each demands in one edition, and the trees that the engine is given.

Reads the tables quickly and trusts them; `bufspec spec check` (bufspec.spec) is what refuses a bad table.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from bufspec.errors import SelectionError, near_names
from bufspec.tables.files import spec_directory, tree_from
from bufspec.words import CURRENT, EDITIONS, FIRST_VERSION

BOUND_AS = {"exporter": "exporter", "consumer": "consumer", "function": "runtime"}
"""How the tables name who a rule binds, for each target."""


@frozen
class RuleText:
    """One rule as one edition states it."""

    id: str
    level: str
    impact: str
    statement: str
    hint: str = ""
    hint_if: Mapping[str, str] = field(factory=dict)
    binds: tuple[str, ...] = ()
    observes: tuple[str, ...] = ()
    reading_names: tuple[str, ...] = ()
    since: str = FIRST_VERSION
    """The version of bufspec that brought it."""
    source: str = ""
    """Where it is said first: the text, its part, and the clauses."""

    def is_newer_than(self, version: str) -> bool:
        """Whether a later version of bufspec than that, X.Y, brought the rule; of no version it is not."""
        return bool(version) and numbers_of(self.since) > numbers_of(version)

    def binds_target(self, target: str) -> bool:
        """Whether the rule binds subjects of that target."""
        return BOUND_AS[target] in self.binds


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, X.Y."""
    return tuple(map(int, version.split(".")))


@frozen
class Rulebook:
    """Every rule that holds in one edition, in reading order, with the trees of all tables."""

    edition: str
    rules: dict[str, RuleText]
    trees: dict[str, Any] = field(repr=False)
    digest: str

    def matching(self, include: Iterable[str], exclude: Iterable[str]) -> Rulebook:
        """The rulebook with only the rules that match a glob of `include` (none: all) and none of `exclude`.

        Raises SelectionError for a glob that matches no rule.
        """
        include, exclude = list(include), list(exclude)
        for glob in include + exclude:
            if not fnmatch.filter(self.rules, glob):
                raise SelectionError(
                    f"no judged rule matches {glob!r}",
                    where=f"edition {self.edition}",
                    hint=near_names(glob, self.rules, otherwise="bufspec check --list lists the rules"),
                )
        kept = {
            id_: rule
            for id_, rule in self.rules.items()
            if (not include or any(fnmatch.fnmatchcase(id_, glob) for glob in include))
            and not any(fnmatch.fnmatchcase(id_, glob) for glob in exclude)
        }
        if not kept:
            raise SelectionError("no rule is left to judge", hint="exclude fewer rules")
        return evolve(self, rules=kept)

    @property
    def every_id(self) -> list[str]:
        """The id of every rule of the tables, judged or not, of any edition."""
        trees = [tree for tree in self.trees.values() if isinstance(tree, dict)]
        return [row["id"] for tree in trees for row in tree.get("rules", ())]

    @property
    def ids_of_edition(self) -> list[str]:
        """The id of every rule that this edition has, judged or not; none of an edition that is not the
        current one, for which expectations are written."""
        if self.edition != CURRENT:
            return []
        trees = [tree for tree in self.trees.values() if isinstance(tree, dict)]
        return [
            row["id"] for tree in trees for row in tree.get("rules", ()) if self.edition in row["editions"]
        ]

    def for_target(self, target: str) -> list[RuleText]:
        """The rules that bind subjects of that target."""
        return [rule for rule in self.rules.values() if rule.binds_target(target)]


def load_rulebook(edition: str, judged: Iterable[str], directory: Path | None = None) -> Rulebook:
    """The rules of `edition` among `judged` (those the engine checks), the informative ones left out.

    Raises SelectionError for an edition that is none, TablesError for tables that cannot be read.
    """
    if edition not in EDITIONS:
        raise SelectionError(f"{edition!r} is not an edition", hint=f"one of {', '.join(EDITIONS)}")
    directory = directory or spec_directory()
    tables = sorted((directory / "tables").glob("*.yaml"))
    files = [*tables, directory / "layouts.yaml", directory / "editions.yaml"]
    digest = hashlib.sha256()
    trees: dict[str, Any] = {}
    for file in files:
        trees[file.name] = tree_from(file, digest)
    known = set(judged)
    rules: dict[str, RuleText] = {}
    for tree in trees.values():
        for row in tree.get("rules", ()) if isinstance(tree, dict) else ():
            rule = _rule_text(row, edition)
            if rule is not None and rule.id in known and rule.level != "informative":
                rules[rule.id] = rule
    return Rulebook(edition, rules, trees, digest.hexdigest())


def _rule_text(row: Mapping[str, Any], edition: str) -> RuleText | None:
    """The rule as `edition` has it, None where it does not hold there."""
    if edition not in row["editions"]:
        return None
    level, statement = row["level"], row["statement"]
    for difference in row.get("differences", ()):
        if difference["edition"] == edition:
            level, statement = difference["level"], difference["statement"]
    return RuleText(
        id=row["id"],
        level=level,
        impact=row["impact"],
        statement=statement,
        hint=row.get("hint", ""),
        hint_if=row.get("hint_if", {}),
        binds=tuple(row["binds"]),
        observes=tuple(row.get("observes", ())),
        reading_names=tuple(one["name"] for one in row.get("readings", ())),
        since=row.get("since", FIRST_VERSION),
        source=_source_text(row["sources"][0]),
    )


def _source_text(source: Mapping[str, Any]) -> str:
    part = f", {source['part']}" if source.get("part") else ""
    clauses = ", ".join(source.get("clauses", ()))
    return f"{source['text']}{part}" + (f" ({clauses})" if clauses else "")
