"""Records of shards that no run has made, of any size and the same for a seed: for tests of speed and memory.

Each event is right by the schema; the texts are of the length that those of real runs have.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from bufspec.run.record import EVENTS_FILE, SCHEMA_VERSION

RULES = [f"area{number % 7}.topic{number % 11}.statement{number}" for number in range(110)]
FAILURES_OF_A_RULE = 5


def made_shards(folder: Path, *, shards: int = 100, events: int = 10_000, seed: int = 0) -> list[Path]:
    """Folders with the records of so many shards of one plan, each of so many events."""
    drawn = random.Random(seed)
    names = _names(shards, events, drawn)
    every = [name for one in names for name, _ in one]
    found = []
    for number, subjects in enumerate(names, start=1):
        place = folder / f"shard{number}"
        place.mkdir(parents=True)
        head = _head(sorted(every), f"{number}/{shards}")
        with (place / EVENTS_FILE).open("w", encoding="utf-8") as lines:
            for event in (head, *_events(subjects, drawn)):
                lines.write(json.dumps(event, ensure_ascii=False) + "\n")
        found.append(place)
    return found


def _names(shards: int, events: int, drawn: random.Random) -> list[list[tuple[str, int]]]:
    """The subjects of each shard with how many failures each has, so that the events are as many as asked."""
    found, made = [], 0
    for _ in range(shards):
        left, subjects = events - 2, []
        while left > 0:
            failures = min(left - 1, drawn.randrange(0, 4 * len(RULES)))
            made += 1
            subjects.append((f"package{made % 9}.subject{made:05}", failures))
            left -= failures + 1
        found.append(sorted(subjects))
    return found


def _head(subjects: list[str], shard: str) -> dict[str, Any]:
    return {
        "event": "run-started",
        "versions": {"bufspec": "0.1.0", "CPython": "3.11.2"},
        "tables": "a" * 64,
        "platform": "Linux",
        "edition": "current",
        "seed": 3118,
        "subjects": subjects,
        "rules": len(RULES),
        "started": "2026-01-01T00:00:00+00:00",
        "plan": "b" * 64,
        "shard": shard,
        "schema": SCHEMA_VERSION,
    }


def _events(subjects: list[tuple[str, int]], drawn: random.Random) -> list[dict[str, Any]]:
    found = []
    for name, failures in subjects:
        broken = [RULES[number // FAILURES_OF_A_RULE] for number in range(failures)]
        found += [_failure(name, rule, drawn) for rule in broken]
        found.append(_finished(name, broken, drawn))
    ended = [one for one in found if one["event"] == "subject-finished"]
    found.append(
        {
            "event": "run-finished",
            "complete": True,
            "subjects": len(ended),
            "conforming": sum(one["conforms"] for one in ended),
            "breaking": sum(not one["conforms"] for one in ended),
            "undecided": 0,
            "cases": sum(one["cases"] for one in ended),
            "rules_broken": len(
                {id_ for one in ended for id_, rule in one["rules"].items() if rule["failed"]}
            ),
            "deaths": 0,
            "answers": sum(one["answers"] for one in ended),
            "seconds": 1.5,
        }
    )
    return found


def _failure(subject: str, rule: str, drawn: random.Random) -> dict[str, Any]:
    word = drawn.randrange(1024)
    case = f"request.word_0x{word:03x}"
    return {
        "event": "case-failed",
        "subject": subject,
        "rule": rule,
        "level": "required",
        "impact": "wrong_data",
        "case": case,
        "step": drawn.randrange(4),
        "outcome": "fail",
        "replay": f"bufspec replay {subject} {case} --rule {rule}",
        "verdict": "news",
        "scenario": f"request flags=0x{word:03x} (CONTIG_RO|FORMAT), release",
        "finding": {
            "aspect": "value",
            "fields": ["len"],
            "flags": word,
            "name": "CONTIG_RO|FORMAT",
            "order": None,
            "index": None,
            "times": None,
            "owed": word,
            "found": drawn.randrange(1 << 16),
            "given": [2, 3],
        },
        "statement": "The field holds the product of the shape and the size of an item, and nothing else.",
        "hint": "Set the field from the memory that the object really has. " * 2,
        "message": f"request flags=0x{word:03x}: expected {word} bytes, found {word + 1}",
        "expected": f"{word} bytes",
        "found": f"{word + 1} bytes",
    }


def _finished(subject: str, broken: list[str], drawn: random.Random) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for rule in RULES:
        failed = broken.count(rule)
        counts = {"cases": 100, "failed": failed, "level": "required"}
        rules[rule] = (
            {"outcome": "fail", **counts, "verdict": "news"} if failed else {"outcome": "pass", **counts}
        )
    return {
        "event": "subject-finished",
        "subject": subject,
        "target": "exporter",
        "conforms": not broken,
        "rules": rules,
        "cases": 1800,
        "cases_skipped": 0,
        "deaths": 0,
        "answers": drawn.randrange(3000, 4000),
        "seconds": 0.25,
        "granted": 1200,
    }
