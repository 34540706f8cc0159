"""Configurations that mean harm: bufspec.toml of a folder that was checked out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bufspec.project.configuration import load_configuration
from bufspec.run.news import FAIL_ON
from hostile_files.rows import Input, Row, cut, not_files, texts, with_other_byte, writes

GOOD = """subjects = ["own.*"]
timeout = 5.0
fail-on = "required"

[pairs]
only-touching = "own"
"""


def configured(path: Path) -> None:
    """A good configuration."""
    path.write_text(GOOD, encoding="utf-8")


def loaded(path: Path) -> str | None:
    """Read a configuration, which must be refused or say what fits the schema."""
    said = load_configuration(path).values
    known = {"subjects", "timeout", "fail-on", "pairs"}
    return None if set(said) <= known and said.get("fail-on", "none") in FAIL_ON else f"was taken: {said}"


def configurations(draw: random.Random) -> Iterator[Input]:
    """Values of the wrong kind, keys without end, and good files cut short or with another byte."""
    yield from not_files()
    yield from texts()
    for label, text in {
        "unknown key": "surprise = 1",
        "a list of numbers": "subjects = [1]",
        "no subject": "subjects = []",
        "an empty name": 'subjects = [""]',
        "100,000 names": 'subjects = ["' + '", "'.join("a" * 100_000) + '"]',
        "an endless time": "timeout = inf",
        "a time that is no number": "timeout = nan",
        "a negative time": "timeout = -1",
        "true as a number": "jobs = true",
        "a date": "jobs = 1979-05-27 07:32:00",
        "a number of many digits": "seed = " + "9" * 10_000,
        "a key twice": "seed = 1\nseed = 2",
        "a table twice": "[pairs]\n[pairs]",
        "a list of tables": '[[pairs]]\nonly-touching = "a"',
        "deep lists": "subjects = " + "[" * 20_000 + "]" * 20_000,
        "deep tables": "pairs = " + "{a=" * 5_000 + "1" + "}" * 5_000,
        "a key of many parts": ".".join("a" * 100_000) + " = 1",
        "many keys of many parts": "\n".join(f"a{n}" + ".a" * 199 + " = 1" for n in range(1000)),
        "a header of many parts": "[" + ".".join("a" * 100_000) + "]",
        "a key that is an escape sequence": '"\\u001b[31m" = 1',
        "a key that turns the text around": '"\u202e" = 1',
        "a file name with a NUL": 'files = ["a\\u0000.py"]\nseed = -1',
        "an expression that is none": 'exporters = ["-c:1"]',
        "a report that is a number": "[reports]\nmarkdown = 1",
    }.items():
        yield Input(label, writes(text))
    for _ in range(100):
        yield Input("cut", writes(cut(draw, GOOD.encode())))
        yield Input("another byte", writes(with_other_byte(draw, GOOD.encode())))


ROWS = [lambda: Row("configurations", configured, configurations, loaded)]
