"""Records made up for tests: one with every way that a thing can end, and one of any size.

Every event follows the schema, which the tests that use them check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bufspec.run.record import EVENTS_FILE, SCHEMA_VERSION, line_from_json

Event = dict[str, Any]

RULE, ADVICE, KNOWN, UNSTEADY = (
    *("field.len.product", "field.strides.at_least_itemsize"),
    *("request.nd.shape_present", "field.buf.same_memory"),
)
PASSED, SKIPPED, AMBIGUOUS = "request.strides.strides_present", "format.text.parses", "field.obj.not_null"
AS_EXPECTED = {"verdict": "as_expected", "because": "known for long", "link": "https://example.org/1"}
DEATHS: tuple[Event, ...] = (
    {"outcome": "crash", "signal": "SIGSEGV"},
    {"outcome": "hang", "detail": "no result within 10 s"},
    {"outcome": "exit", "status": 7},
    {"outcome": "raised", "detail": "ValueError: no"},
    {"outcome": "death", "place": "end", "case": None, "status": 1},
    {"outcome": "corrupt", "detail": "a counter that runs backwards"},
    {"outcome": "flaky", "runs": {"pass": 2, "crash": 1}, "signal": "SIGABRT"},
)
FINDING: Event = {
    "aspect": "value",
    "fields": ["len"],
    "flags": 0,
    "name": "SIMPLE",
    "order": None,
    "index": None,
    "times": None,
    "owed": 12,
    "found": 0,
    "given": [3, 4],
}


def head(subjects: list[str], **more: Any) -> Event:
    """The first event of a record."""
    return {
        "event": "run-started",
        "schema": SCHEMA_VERSION,
        "tables": "0" * 64,
        "versions": {"bufspec": "0.1.0", "CPython": "3.11.2"},
        "platform": "Linux",
        "edition": "current",
        "seed": 3118,
        "subjects": subjects,
        "rules": 7,
        "started": "2026-11-28T12:00:00+00:00",
        **more,
    }


def failed(subject: str, rule: str, **more: Any) -> Event:
    """A broken rule in one case."""
    return {
        "event": "case-failed",
        "subject": subject,
        "rule": rule,
        "level": "required",
        "impact": "wrong_data",
        "case": "request.word_0x000",
        "step": 1,
        "outcome": "fail",
        "message": "expected 12, found 0",
        "expected": "12",
        "found": "0",
        "verdict": "news",
        "replay": f"bufspec replay '{subject}/request.word_0x000'",
        "finding": FINDING,
        "scenario": "request SIMPLE",
        "statement": "len is the product.",
        "hint": "Set len.",
        **more,
    }


def died(subject: str, **more: Any) -> Event:
    """An end of the process."""
    kept = failed(subject, RULE)
    for key in ("finding", "scenario", "statement", "hint"):
        del kept[key]
    found = {"expected": "the process survives", "found": "the process ended", "impact": "memory_safety"}
    return {**kept, **found, "rule": None, **more}


def rule(outcome: str, **more: Any) -> Event:
    """What one rule came to."""
    broken = outcome in ("fail", "flaky")
    return {
        "outcome": outcome,
        "cases": 9,
        "failed": 3 if broken else 0,
        "level": "required",
        **({"verdict": "news"} if broken else {}),
        **more,
    }


def finished(subject: str, rules: dict[str, Event] | None = None, **more: Any) -> Event:
    """What one subject came to."""
    return {
        "event": "subject-finished",
        "subject": subject,
        "target": "exporter",
        "conforms": True,
        "rules": rules or {PASSED: rule("pass")},
        "cases": 9,
        "cases_skipped": 0,
        "deaths": 0,
        "answers": 20,
        "seconds": 0.5,
        "granted": 12,
        **more,
    }


def foot(events: list[Event], **more: Any) -> Event:
    """The last event of a record with these."""
    ends = [one for one in events if one["event"] == "subject-finished"]
    return {
        "event": "run-finished",
        "complete": True,
        "subjects": len(ends),
        "undecided": 0,
        "cases": 9,
        "conforming": sum(one["conforms"] is True for one in ends),
        "breaking": sum(one["conforms"] is False for one in ends),
        "rules_broken": 1,
        "deaths": 0,
        "answers": 20,
        "seconds": 1.5,
        **more,
    }


def every_way(text: str = "x") -> list[Event]:
    """A record in which each thing ends in each way; names and sentences contain `text`."""
    broken, dying, open_, ours, bad = (f"{name}.{text}" for name in ("a", "b", "c", "d", "e"))
    outdated: Event = {
        "event": "expectation-outdated",
        "subject": broken,
        "rule": "field.*",
        "kind": "passes",
        "because": text,
        "link": text,
        "where": f"{text}.yaml:3",
        "fix": f"bufspec expect {text}",
    }
    body = [
        failed(broken, RULE, found=text, expected=text, hint=text, statement=text, scenario=text),
        failed(broken, RULE, case="request.word_0x001"),
        failed(broken, ADVICE, level="recommended"),
        failed(broken, KNOWN, **AS_EXPECTED),
        failed(broken, UNSTEADY, outcome="flaky", runs={"pass": 2, "fail": 1}),
        outdated,
        finished(
            broken,
            {
                RULE: rule("fail"),
                ADVICE: rule("fail", level="recommended"),
                KNOWN: rule("fail", **AS_EXPECTED),
                UNSTEADY: rule("flaky", runs={"pass": 2, "fail": 1}),
                PASSED: rule("pass"),
                SKIPPED: rule("skip", reason=text),
                AMBIGUOUS: rule("contested", reading=text, level="contested"),
            },
            conforms=False,
            where=f"{text} subjects.py:17",
            notes=[text],
        ),
        *(died(dying, found=text, **one) for one in DEATHS),
        died(dying, outcome="crash", signal="SIGBUS", **AS_EXPECTED),
        finished(dying, conforms=False, deaths=8, cases_skipped=2, reason=text),
        finished(
            open_, conforms=None, undecided={"reason": text, "by_declaration": False, "verdict": "news"}
        ),
        finished(ours, conforms=None, undecided={"reason": text, "by_declaration": True, **AS_EXPECTED}),
        finished(bad, conforms=None, error=text),
        finished("f.fine"),
        {**outdated, "subject": f"g.{text}*", "kind": "no_subject"},
    ]
    names = [one["subject"] for one in body if one["event"] == "subject-finished"]
    return [head(names), *body, foot(body, complete=False, reason=text, undecided=2)]


def many(number: int, *, failures: int = 5, rules: int = 40) -> Iterator[Event]:
    """A record of so many events: subjects that break each of so many rules in so many cases."""
    yield head([])
    written, subject = 2, 0
    shown: dict[str, Event] = {}
    while written < number:
        name = f"exporter package.thing_{subject}"
        subject += 1
        shown = {f"made.rule_{at}.holds": rule("pass") for at in range(rules)}
        for at, id_ in enumerate(shown):
            for case in range(failures):
                if written < number - 1:
                    yield failed(name, id_, case=f"made.case_{at}_{case}", step=case)
                    shown[id_] = rule("fail", failed=failures)
                    written += 1
        yield finished(name, shown, conforms=False)
        written += 1
    yield foot([], subjects=subject, breaking=subject)


def write_record(folder: Path, events: Iterator[Event] | list[Event]) -> Path:
    """Write a record into a folder that is there; the folder."""
    with (folder / EVENTS_FILE).open("w", encoding="utf-8") as file:
        for event in events:
            file.write(line_from_json(event))
    return folder


def plain(events: list[Event]) -> list[Event]:
    """The events as they come back from a file."""
    return [json.loads(line_from_json(event)) for event in events]
