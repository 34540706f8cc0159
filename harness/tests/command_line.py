"""The command line as the driver's tests use it: run as a user does, its record read and checked."""

from __future__ import annotations

import importlib.resources
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
from attrs import frozen
from preloaded import Preloaded

FAKES = Path(__file__).resolve().parent / "fakes"
COMMAND = [sys.executable, "-P", "-m", "bufspec.cli"]

REQUESTS = ["--case", "request.*"]
"""What narrows a run to cases that take a moment."""

Event = dict[str, Any]


@frozen
class Record:
    """The record of one run, every event of it checked against the published schema."""

    code: int
    events: list[Event]
    errors: str

    def named(self, name: str) -> list[Event]:
        """The events of that name."""
        return [event for event in self.events if event["event"] == name]

    @property
    def foot(self) -> Event:
        """The last event, which must be the footer."""
        assert self.events[-1]["event"] == "run-finished"
        return self.events[-1]

    @property
    def subjects(self) -> dict[str, Event]:
        """What each subject came to, by name."""
        return {event["subject"]: event for event in self.named("subject-finished")}

    @property
    def deaths(self) -> list[Event]:
        """The failures that are no broken rule."""
        return [event for event in self.named("case-failed") if event["rule"] is None]

    def without_times(self) -> list[Event]:
        """The events without what differs from run to run."""
        timed = {"seconds", "started"}
        return [{key: value for key, value in event.items() if key not in timed} for event in self.events]


def schema(name: str) -> dict[str, Any]:
    """A published schema: events, pairs or finding."""
    file = importlib.resources.files("bufspec").joinpath(f"reports/schema/{name}.schema.json")
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(read)
    return read


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """What checks by a published schema, and by that of findings where it refers to it."""
    finding = schema("finding")
    registry = jsonschema_rs.Registry([(finding["$id"], finding)])
    return jsonschema_rs.Draft202012Validator(schema(name), registry=registry)


VALIDATOR = validator("events")
PRELOADED = Preloaded()
READ_AT_THE_START = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_")
"""How the variables begin that a process reads when it starts, and not again."""


def run(
    *arguments: str, cwd: Path = FAKES, environment: dict[str, str] | None = None, seconds: float = 400
) -> subprocess.CompletedProcess[str]:
    """Run bufspec as a user does, in the folder of the fakes: in a process forked from one that imported it.

    With variables that change how Python starts, in a process that is started anew.
    """
    if any(name.startswith(READ_AT_THE_START) for name in environment or ()):
        return run_anew(*arguments, cwd=cwd, environment=environment, seconds=seconds)
    return PRELOADED.run(arguments, cwd, environment or {}, seconds)


def run_anew(
    *arguments: str, cwd: Path = FAKES, environment: dict[str, str] | None = None, seconds: float = 400
) -> subprocess.CompletedProcess[str]:
    """As run(), in a process that is started anew and is a child of this one."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def events_from_lines(text: str) -> list[Event]:
    """The events of a record, each valid by the schema."""
    events = [json.loads(line) for line in text.splitlines()]
    for event in events:
        VALIDATOR.validate(event)
    return events


def record(*arguments: str) -> Record:
    """The record of `bufspec check` with these arguments."""
    done = run("check", *arguments, "--format", "json")
    assert done.returncode in (0, 1, 3), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


def exporters(expressions: Sequence[str]) -> list[str]:
    """The arguments that name these expressions of fakes/bad_exporters.py."""
    return [word for one in expressions for word in ("--exporter", f"bad_exporters:{one}")]
