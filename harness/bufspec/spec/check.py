"""Whether a spec directory can be trusted.

The front of `spec check`: reads every file, checks each against its schema, all against one another and
against the functions the engine has, and proves that every request has one answer.  Returns a report;
prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import astuple, field, frozen

from bufspec.files.problem import Problem
from bufspec.spec.clause_texts import check_clause_texts
from bufspec.spec.limited import Exhausted, within_limits
from bufspec.spec.mutant_checks import CONSUMER, RUNTIME, check_mutants
from bufspec.spec.pair_checks import check_pairs
from bufspec.spec.positions import At, Document
from bufspec.spec.problems import Report
from bufspec.spec.rule_checks import Named, check_rules
from bufspec.spec.table_checks import (
    check_editions,
    check_flags,
    check_formats,
    check_layouts,
    check_request_rows,
    check_sources,
)
from bufspec.spec.tables import (
    FLAGS_FILE,
    FORMATS_FILE,
    REQUESTS_FILE,
    Spec,
    read_directory,
    spec_from_documents,
    unknown_form,
)
from bufspec.spec.totality import totality


def _set_of_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _set_or_none(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


@frozen
class Registry:
    """What the engine has functions for: the rules its judge checks, and the calls its cases can make.

    Where `calls` is None, calls are not looked at.
    """

    judged: frozenset[str] = field(factory=frozenset, converter=_set_of_names)
    calls: frozenset[str] | None = field(default=None, converter=_set_or_none)


def check_directory(path: Path, registry: Registry | None = None) -> Report:
    """The report on the spec directory `path`; without a registry, functions are not looked at.

    Never raises for what a file holds.  A second or two.
    """
    documents, problems = read_directory(path)
    counts = {"files": len(documents)}
    if problems:
        return Report(str(path), problems, counts)

    def checked() -> list[Any]:
        found, more = _check_documents(path, documents, registry)
        return [list(map(astuple, found)), more]

    try:
        found, more = within_limits(checked)
    except Exhausted:
        return Report(str(path), [Problem("tables", 1, 1, EXHAUSTED, EXHAUSTED_HINT)], counts)
    return Report(str(path), [Problem(*one) for one in found], counts | more)


EXHAUSTED = "to check these tables takes too long, or too much memory"
EXHAUSTED_HINT = "smaller extents, fewer rows"


def _check_documents(
    path: Path, documents: dict[str, Document], registry: Registry | None
) -> tuple[list[Problem], dict[str, int]]:
    """The problems of documents that fit their schemas, and the counts of what was looked at."""
    try:
        spec = spec_from_documents(path, documents)
        problems = sorted(set(_cross_checks(spec, documents, registry)))
        counts = _counts(spec, documents, canonical=not problems)
        if not problems:
            problems, proven = _proof(spec, documents)
            counts |= proven
    except Exception as error:  # a schema of its own may allow what nobody can read
        return [unknown_form(error)], {}
    return problems, counts


def _counts(spec: Spec, documents: dict[str, Document], *, canonical: bool) -> dict[str, int]:
    return {
        "rules": len(spec.rules),
        "cases": sum(len(rule.cases) for rule in spec.rules),
        "clauses": sum(len(ids) for ids in spec.clauses.values()),
        "differences": len(spec.differences),
        "ambiguities": len(spec.ambiguities),
        "layouts": len(spec.layouts),
        "layout_classes": len(spec.classes),
        "format_codes": len(spec.formats.codes),
        **_sizes(documents["mutants.yaml"], "mutants", "conforming"),
        "consumer_mutants": _sizes(documents["consumer_mutants.yaml"], "mutants")["mutants"],
        "runtime_mutants": _sizes(documents["runtime_mutants.yaml"], "mutants")["mutants"],
        "deep_mutants": _sizes(documents["deep_mutants.yaml"], "deep_mutants")["deep_mutants"],
        "pairs": _sizes(documents["pairs.yaml"], "pairs")["pairs"],
        "canonical_words": len(spec.canonical_words()) if canonical else 0,
    }


def _proof(spec: Spec, documents: dict[str, Document]) -> tuple[list[Problem], dict[str, int]]:
    """That every request has one answer: the gaps, and how many were looked at."""
    proof = totality(spec)
    requests = _with_key(documents, REQUESTS_FILE)
    problems = sorted(
        requests.problem((gap.rows, gap.index), " ".join(filter(None, (gap.message, gap.example))), GAP_HINT)
        for gap in proof.gaps
    )
    counts = {"requests_checked": proof.checked}
    for edition, answers in proof.answers.items():
        counts |= {f"{kind}_in_{edition}": count for kind, count in answers.items()}
    return problems, counts


GAP_HINT = "every request has exactly one answer; see the head of the request table for how rows are read"


def _sizes(document: Document, *keys: str) -> dict[str, int]:
    assert isinstance(document.value, dict), "the schema says so"
    return {key: len(rows) for key, rows in document.value.items() if key in keys and isinstance(rows, list)}


def _with_key(documents: dict[str, Document], key: str) -> Document:
    return next(one for one in documents.values() if isinstance(one.value, dict) and key in one.value)


def _cross_checks(spec: Spec, documents: dict[str, Document], registry: Registry | None) -> Iterator[Problem]:
    named = Named()
    yield from check_rules(spec, documents, named)
    yield from check_flags(spec, _with_key(documents, FLAGS_FILE))
    yield from check_request_rows(spec, _with_key(documents, REQUESTS_FILE), named)
    yield from check_formats(spec, _with_key(documents, FORMATS_FILE))
    yield from check_layouts(spec, documents["layouts.yaml"])
    yield from check_sources(spec, documents["sources.yaml"], named)
    yield from check_clause_texts(spec, documents, documents["sources.yaml"])
    yield from check_editions(spec, documents["editions.yaml"])
    yield from check_mutants(spec, documents["mutants.yaml"])
    yield from check_mutants(spec, documents["consumer_mutants.yaml"], CONSUMER)
    yield from check_mutants(spec, documents["runtime_mutants.yaml"], RUNTIME)
    yield from check_pairs(spec, documents)
    if registry is not None:
        yield from _check_registry(spec, documents, registry, named)


def _check_registry(
    spec: Spec, documents: dict[str, Document], registry: Registry, named: Named
) -> Iterator[Problem]:
    """Names without a function and functions without a row."""
    for table in spec.tables:
        document = documents[table.file]
        for index, rule in enumerate(table.rules):
            at: At = ("rules", index)
            if rule.judged and rule.id not in registry.judged:
                message = f"{rule.id} is judged but the judge has no function for it"
                yield document.problem(
                    (*at, "judged"), message, "add the function, or leave judged out", key=True
                )
            if not rule.judged and rule.id in registry.judged:
                message = f"the judge has a function for {rule.id}, which is not marked as judged"
                yield document.problem((*at, "id"), message, "add judged: true")
            for position, case in enumerate(rule.cases):
                if registry.calls is not None and case.call not in registry.calls:
                    message = f"case {case.id} makes the call {case.call}, which has no function"
                    yield document.problem((*at, "cases", position, "call"), message, "add the function")
    for name in sorted(registry.judged - set(named.rules)):
        message = f"the judge has a function for {name}, but no table has a row for it"
        yield Problem("tables", 1, 1, message, "add the row, or remove the function")
    for name in sorted((registry.calls or frozenset()) - named.calls):
        message = f"the call {name} has a function, but no case makes it"
        yield Problem("tables", 1, 1, message, "add a case, or remove the function")
