"""What one rule must have so that it can be held against somebody.

Checks rules against the other rows of a spec: references, levels, ids.  Yields problems; stops at none.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from bufspec.files.problem import Problem
from bufspec.spec.positions import At, Document
from bufspec.spec.rows import Compound, Constant, Flag, Rule
from bufspec.spec.tables import Spec, Table

MAX_CLAUSES = 4
MEMORY_KEYS = ("strides", "suboffsets")


@define
class Named:
    """What the rules of a spec name, gathered while they are checked."""

    rules: dict[str, tuple[Document, At]] = field(factory=dict)
    clauses: set[str] = field(factory=set)
    differences: set[str] = field(factory=set)
    ambiguities: set[str] = field(factory=set)
    calls: set[str] = field(factory=set)


def check_rules(spec: Spec, documents: dict[str, Document], named: Named) -> Iterator[Problem]:
    """Every problem of a rule on its own; fills `named`."""
    for table in spec.tables:
        document = documents[table.file]
        for index, rule in enumerate(table.rules):
            at: At = ("rules", index)
            if rule.id in named.rules:
                first, first_at = named.rules[rule.id]
                line = first.place((*first_at, "id")).line
                yield document.problem(
                    (*at, "id"), f'duplicate id "{rule.id}"', f"it is first used at {first.file}:{line}"
                )
            named.rules.setdefault(rule.id, (document, at))
            yield from _check_area(table, document, rule, at)
            yield from _check_sources(spec, document, rule, at, named)
            yield from _check_level(document, rule, at)
            yield from _check_readings(document, rule, at)
            yield from _check_editions(spec, document, rule, at, named)
            yield from _check_cases(spec, document, rule, at, named)


def _check_area(table: Table, document: Document, rule: Rule, at: At) -> Iterator[Problem]:
    if not rule.id.startswith(table.area + "."):
        yield document.problem(
            (*at, "id"), f"{rule.id} is not of area {table.area}", "move it, or fix the id"
        )


def _check_sources(spec: Spec, document: Document, rule: Rule, at: At, named: Named) -> Iterator[Problem]:
    known = {clause for ids in spec.clauses.values() for clause in ids}
    if len(rule.clauses) > MAX_CLAUSES:
        message = f"{rule.id} names more than four clauses: {len(rule.clauses)}"
        yield document.problem((*at, "sources"), message, "split the rule", key=True)
    seen: set[str] = set()
    for index, source in enumerate(rule.sources):
        here: At = (*at, "sources", index)
        if source.text not in spec.texts:
            hint = f"known: {', '.join(spec.texts)}"
            yield document.problem((*here, "text"), f'unknown text "{source.text}"', hint)
        for position, clause in enumerate(source.clauses):
            if clause not in known:
                message = f'unknown clause "{clause}"'
                yield document.problem(
                    (*here, "clauses", position), message, "clauses are listed in sources.yaml"
                )
            seen.add(clause)
        for position, ambiguity in enumerate(source.ambiguity):
            if ambiguity not in spec.ambiguities:
                message = f'unknown ambiguity "{ambiguity}"'
                yield document.problem(
                    (*here, "ambiguity", position), message, "they are listed in sources.yaml"
                )
    named.clauses |= seen
    named.ambiguities |= set(rule.ambiguities)


def _check_level(document: Document, rule: Rule, at: At) -> Iterator[Problem]:
    if rule.level == "informative":
        for key in ("observes", "judged"):
            if getattr(rule, key):
                message = f"{rule.id} is informative but has {key}"
                yield document.problem((*at, key), message, "an informative rule is never judged", key=True)
        return
    if rule.observes and rule.unobservable:
        yield document.problem(
            (*at, "unobservable"), f"{rule.id} is observed and unobservable", "keep one of the two", key=True
        )
    if not (rule.observes or rule.unobservable or rule.cases):
        message = f"{rule.id} is {rule.level} but nothing says how it is seen"
        yield document.problem(
            (*at, "level"), message, "add observes, cases, or unobservable with the reason"
        )
    if rule.judged and not rule.observes:
        yield document.problem(
            (*at, "judged"), f"{rule.id} is judged but observes nothing", "add observes", key=True
        )
    if rule.judged and not rule.hint:
        yield document.problem(
            (*at, "judged"), f"{rule.id} is judged but has no hint", "say how to fix it", key=True
        )


def _check_readings(document: Document, rule: Rule, at: At) -> Iterator[Problem]:
    if rule.level != "contested":
        if rule.readings:
            message = f"{rule.id} has readings but is {rule.level}"
            yield document.problem((*at, "readings"), message, "only contested rules have readings", key=True)
        return
    names = [reading.name for reading in rule.readings]
    if len(names) < 2:
        message = f"{rule.id} is contested but has fewer than two readings"
        yield document.problem((*at, "level"), message, "add readings with evidence, or choose another level")
    for index, name in enumerate(names):
        if name in names[:index]:
            yield document.problem((*at, "readings", index, "name"), f'duplicate reading "{name}"')
    if not rule.ambiguities:
        message = f"{rule.id} is contested but names no ambiguity"
        yield document.problem((*at, "level"), message, "name it: sources, ambiguity: [AMB-n]")


def _check_editions(spec: Spec, document: Document, rule: Rule, at: At, named: Named) -> Iterator[Problem]:
    known = {edition.name for edition in spec.editions}
    for index, edition in enumerate(rule.editions):
        if edition not in known:
            yield document.problem(
                (*at, "editions", index), f'unknown edition "{edition}"', f"known: {sorted(known)}"
            )
    for index, difference in enumerate(rule.differences):
        here: At = (*at, "differences", index)
        if difference.id not in spec.differences:
            message = f'unknown difference "{difference.id}"'
            yield document.problem((*here, "id"), message, "differences are listed in sources.yaml")
        if difference.edition not in known:
            yield document.problem((*here, "edition"), f'unknown edition "{difference.edition}"')
        named.differences.add(difference.id)


def _check_cases(spec: Spec, document: Document, rule: Rule, at: At, named: Named) -> Iterator[Problem]:
    rows: tuple[Flag | Compound | Constant, ...] = (*spec.flags, *spec.compounds, *spec.constants)
    flags = {one.name for one in rows}
    seen: set[str] = set()
    for index, case in enumerate(rule.cases):
        here: At = (*at, "cases", index)
        if case.id in seen:
            yield document.problem((*here, "id"), f'duplicate case "{case.id}" in {rule.id}')
        seen.add(case.id)
        named.calls.add(case.call)
        for key in ("flag", "name"):
            if key in case.given and case.given[key] not in flags:
                message = f'unknown flag "{case.given[key]}"'
                yield document.problem((*here, "given", key), message, f"known: {', '.join(sorted(flags))}")
        for path in ((), ("source",), ("destination",), ("left",), ("right",), ("object",)):
            yield from _check_memory(document, case.given, (*here, "given"), path)


def _check_memory(
    document: Document, given: dict[str, object], at: At, path: tuple[str, ...]
) -> Iterator[Problem]:
    memory: object = given
    for step in path:
        memory = memory.get(step) if isinstance(memory, dict) else None
    if not isinstance(memory, dict) or not isinstance(memory.get("shape"), list):
        return
    ndim = len(memory["shape"])
    for key in MEMORY_KEYS:
        steps = memory.get(key)
        if isinstance(steps, list) and len(steps) != ndim:
            message = f"{key} has {len(steps)} entries for {ndim} dimensions"
            yield document.problem((*at, *path, key), message, "one for each extent")
