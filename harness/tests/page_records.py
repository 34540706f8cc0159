"""Made records of checks for the tests of the page: ordinary ones, and one that is hostile in every text."""

from __future__ import annotations

from typing import Any

RULE = "field.len.product"
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><!--",
    "\"'><img src=x onerror=alert(1)>",
    "a\u202eb\u2066c",
    "nul\x00 and \x1b[31mred",
    "lone \ud800 surrogate",
    "{{ 7 * 7 }} {% raw %}",
    "x" * (1 << 20),
)


def head(subjects: list[str]) -> dict[str, Any]:
    return {
        "event": "run-started",
        "schema": 3,
        "tables": "0" * 64,
        "versions": {"bufspec": "0.1.0", "CPython": "3.11.2"},
        "platform": "Linux",
        "edition": "current",
        "seed": 1,
        "subjects": subjects,
        "rules": 1,
        "started": "2026-01-01T00:00:00+00:00",
    }


def failed(subject: str, text: str, case: str = "request.word_0x000") -> dict[str, Any]:
    nothing = dict.fromkeys(("flags", "name", "order", "index", "times", "given"))
    finding = {"aspect": "value", "fields": ["len"], "owed": 6, "found": 7, **nothing}
    return {
        "event": "case-failed",
        "subject": subject,
        "rule": RULE,
        "level": "required",
        "impact": "wrong_data",
        "case": case,
        "step": 0,
        "outcome": "fail",
        "scenario": f"acquire 0x000 (SIMPLE); release {text}",
        "finding": finding,
        "message": text,
        "expected": text,
        "found": text,
        "replay": f"bufspec replay {subject}/{case} {text}",
        "verdict": "news",
        "statement": text,
        "hint": text,
    }


def finished(subject: str, text: str = "", breaks: int = 1) -> dict[str, Any]:
    rule = {"outcome": "fail" if breaks else "pass", "cases": 10, "failed": breaks, "level": "required"}
    return {
        "event": "subject-finished",
        "subject": subject,
        "target": "exporter",
        "conforms": not breaks,
        "rules": {RULE: rule | ({"verdict": "news"} if breaks else {})},
        "cases": 10,
        "cases_skipped": 0,
        "deaths": 0,
        "answers": 10,
        "seconds": 0.1,
        **({"notes": [text]} if text else {}),
    }


def foot(subjects: int, breaking: int) -> dict[str, Any]:
    return {
        "event": "run-finished",
        "complete": True,
        "subjects": subjects,
        "conforming": subjects - breaking,
        "breaking": breaking,
        "undecided": 0,
        "cases": 10 * subjects,
        "rules_broken": 1 if breaking else 0,
        "deaths": 0,
        "answers": 10 * subjects,
        "seconds": 1.0,
    }


def hostile_record() -> list[dict[str, Any]]:
    names = [f"bad.{number} {text}" for number, text in enumerate(HOSTILE)]
    events = [head(names)]
    for name, text in zip(names, HOSTILE, strict=True):
        events += [failed(name, text), finished(name, text)]
    return [*events, foot(len(names), len(names))]
