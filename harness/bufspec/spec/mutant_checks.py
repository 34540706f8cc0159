"""Whether the mutants are a proof: every rule that needs one has one, every name is known.

Checks mutants.yaml (exporters), consumer_mutants.yaml and runtime_mutants.yaml against the rules and the
layouts; what a behaviour may look like is the schema's to say.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import Any

from bufspec.files.problem import Problem
from bufspec.spec.positions import At, Document
from bufspec.spec.rows import Rule
from bufspec.spec.tables import Spec
from bufspec.words import DEATH

EXPORTER, CONSUMER, RUNTIME = "exporter", "consumer", "runtime"
MUTATED_LEVELS = ("required", "recommended")
MOST_OUT_OF_REACH = 0.15
"""Of the rows of the bug corpus that name such a subject, at most so many may have no mutant."""


def check_mutants(spec: Spec, document: Document, target: str = EXPORTER) -> Iterator[Problem]:
    """Every problem of a table of mutants of one target that its schema cannot see."""
    tree = document.value
    assert isinstance(tree, dict), "the schema says so"
    rules = {rule.id: rule for rule in spec.rules}
    yield from _check_names(spec, document, tree, target)
    mutated: set[str] = set()
    for index, row in enumerate(_rows(tree, "mutants")):
        at: At = ("mutants", index)
        mutated.add(row["rule"])
        yield from _check_rule(document, (*at, "rule"), row["rule"], rules, target)
        for position, id_ in enumerate(row.get("caught_by", [])):
            if id_ != DEATH:
                yield from _check_judged(document, (*at, "caught_by", position), id_, rules)
        if "caught_by" not in row:
            yield from _check_judged(document, (*at, "rule"), row["rule"], rules)
        yield from _check_globs(document, at, row, rules)
        if target != RUNTIME and not row.get("faults") and not row.get("python"):
            yield document.problem(
                (*at, "id"), f"{row['id']} has no fault", "give it one, or move it to conforming"
            )
    for index, row in enumerate(_rows(tree, "conforming")):
        at = ("conforming", index)
        yield from _check_globs(document, at, row, rules)
        for position, id_ in enumerate(row.get("also", [])):
            if id_ in rules and rules[id_].level != "recommended":
                message = f"{row['id']} cannot conform and break {id_}, which is {rules[id_].level}"
                yield document.problem(
                    (*at, "also", position), message, "only recommended rules may be broken"
                )
    yield from _check_coverage(spec, document, tree, mutated, target)
    yield from _check_bugs(document, tree)


def _rows(tree: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tree[key]
    return rows


def _check_names(spec: Spec, document: Document, tree: dict[str, Any], target: str) -> Iterator[Problem]:
    layouts = {layout.name for layout in spec.layouts}
    seen: set[str] = set()
    for key in ("mutants", "conforming"):
        for index, row in enumerate(_rows(tree, key)):
            at: At = (key, index)
            if row["id"] in seen or row["id"].endswith("_twin"):
                message = (
                    f'duplicate id "{row["id"]}"' if row["id"] in seen else f'"{row["id"]}" names a twin'
                )
                yield document.problem((*at, "id"), message, "ids differ, and only twins end with _twin")
            seen.add(row["id"])
            memory = row.get("memory")
            if isinstance(memory, str) and memory not in layouts:
                yield document.problem(
                    (*at, "memory"), f'unknown layout "{memory}"', "a name from layouts.yaml"
                )
            if memory is None and not row.get("python") and target == EXPORTER:
                yield document.problem(
                    (*at, "id"), f"{row['id']} has no memory", "name a layout, or say python: true"
                )


def _check_rule(
    document: Document, at: At, id_: str, rules: dict[str, Rule], target: str
) -> Iterator[Problem]:
    if id_ not in rules:
        yield document.problem(at, f'unknown rule "{id_}"', "bufspec spec show lists them")
    elif target not in rules[id_].binds:
        yield document.problem(at, f"{id_} does not bind {target}s", f"these mutants are {target}s")


def _check_judged(document: Document, at: At, id_: str, rules: dict[str, Rule]) -> Iterator[Problem]:
    if id_ not in rules:
        yield document.problem(at, f'unknown rule "{id_}"', "bufspec spec show lists them")
    elif not rules[id_].judged:
        yield document.problem(
            at, f"{id_} is not judged", "list in caught_by the judged rule that catches it"
        )


def _check_globs(
    document: Document, at: At, row: dict[str, Any], rules: dict[str, Rule]
) -> Iterator[Problem]:
    for position, glob in enumerate(row.get("also", [])):
        if glob != DEATH and not fnmatch.filter(rules, glob):
            yield document.problem((*at, "also", position), f'no rule matches "{glob}"', "bufspec spec show")


def _check_coverage(
    spec: Spec, document: Document, tree: dict[str, Any], mutated: set[str], target: str
) -> Iterator[Problem]:
    left_out: set[str] = set()
    for index, row in enumerate(_rows(tree, "unmutated")):
        at: At = ("unmutated", index, "rule")
        left_out.add(row["rule"])
        if row["rule"] in mutated:
            yield document.problem(at, f"{row['rule']} has a mutant", "remove one of the two")
    known = {rule.id for rule in spec.rules}
    for id_ in sorted(left_out - known):
        yield document.problem(("unmutated",), f'unknown rule "{id_}"', "bufspec spec show lists them")
    for rule in spec.rules:
        if not needs_mutant(rule, target) or rule.id in mutated | left_out:
            continue
        message = f"{rule.id} has no mutant"
        yield document.problem(
            ("mutants",), message, "add one that breaks it, or say why under unmutated", key=True
        )


def needs_mutant(rule: Rule, target: str = EXPORTER) -> bool:
    """Whether some subject of `target` must show that the suite sees a break of this rule.

    A rule that binds both is shown by exporters, if its area is not that of consumers; one of runtimes
    alone by a set of functions.
    """
    if target == RUNTIME:
        return rule.judged and [*rule.binds] == [RUNTIME] and rule.level in MUTATED_LEVELS
    if target != EXPORTER and not rule.judged:
        return False
    is_theirs = target == EXPORTER or rule.id.startswith(f"{target}.")
    return is_theirs and target in rule.binds and rule.level in MUTATED_LEVELS and rule.unobservable is None


def _check_bugs(document: Document, tree: dict[str, Any]) -> Iterator[Problem]:
    reached = {
        bug["row"]
        for key in ("mutants", "conforming")
        for row in _rows(tree, key)
        for bug in row.get("bugs", [])
    }
    lost = [row["row"] for row in _rows(tree, "out_of_reach")]
    for index, row in enumerate(lost):
        if row in reached or row in lost[:index]:
            message = f"bug {row} stands here and elsewhere"
            yield document.problem(("out_of_reach", index, "row"), message, "one place for each bug")
    share = len(lost) / max(len(reached) + len(lost), 1)
    if share > MOST_OUT_OF_REACH:
        message = f"{share:.0%} of the bugs are out of reach"
        yield document.problem(("out_of_reach",), message, f"at most {MOST_OUT_OF_REACH:.0%}", key=True)
