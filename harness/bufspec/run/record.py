"""The record of a run: its events, as values and as lines of events.jsonl.

The schema of a line is reports/schema/events.schema.json.  Nothing here decides anything; the sentences of
a line are made by bufspec.reports.sentences, from the values that an event has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

from attrs import asdict, frozen

from bufspec.errors import RecordError
from bufspec.values import Finding

SCHEMA_VERSION = 2
EVENTS_FILE = "events.jsonl"

JSON = dict[str, Any]


@frozen
class RunStarted:
    """The head of a record: what was judged by what, where and how."""

    versions: dict[str, str]
    tables: str
    platform: str
    edition: str
    seed: int
    subjects: list[str]
    rules: int
    started: str
    schema: int = SCHEMA_VERSION


@frozen
class RuleRecord:
    """One rule over all its cases on one subject."""

    outcome: str
    cases: int
    failed: int
    level: str
    reading: str | None = None
    readings: dict[str, int] | None = None
    reason: str | None = None
    verdict: str | None = None
    because: str | None = None
    link: str | None = None


@frozen
class CaseFailed:
    """One broken rule in one case, or the death of the process in one (then `rule` is None).

    A broken rule has its `finding`, and `scenario`, the case on one line; a death has `found` in words, and
    what it was: `signal` or `status`, `detail`, and the `place` "end" after the last case.
    """

    subject: str
    rule: str | None
    level: str
    impact: str
    case: str | None
    step: int
    outcome: str
    replay: str
    verdict: str
    scenario: str | None = None
    finding: Finding | None = None
    found: str | None = None
    because: str | None = None
    link: str | None = None
    signal: str | None = None
    status: int | None = None
    detail: str | None = None
    place: str | None = None
    statement: str | None = None
    hint: str | None = None


@frozen
class ExpectationOutdated:
    """An expectation of which nothing failed on a subject that it names; `where` is its file and line."""

    subject: str
    rule: str
    because: str
    link: str
    where: str


@frozen
class UndecidedRecord:
    """Why nothing of a subject was really judged; `by_declaration` if no run of it could come to more."""

    reason: str
    by_declaration: bool
    verdict: str
    because: str | None = None
    link: str | None = None


@frozen
class SubjectFinished:
    """What one subject came to.  `conforms` is None where nothing required was judged.

    `granted` of the `answers` were granted.  `memories` says how many memories a consumer was given and
    how many it accepted, in all and by each capability that they take.  `notes` say what could not be tried.
    """

    subject: str
    target: str
    conforms: bool | None
    rules: dict[str, RuleRecord]
    cases: int
    cases_skipped: int
    deaths: int
    answers: int
    seconds: float
    operations: list[str] | None = None
    granted: int | None = None
    memories: dict[str, list[int]] | None = None
    notes: list[str] | None = None
    undecided: UndecidedRecord | None = None
    reason: str | None = None
    error: str | None = None


@frozen
class RunFinished:
    """The foot of a record.  `complete` says that everything planned was run, or accounted for."""

    complete: bool
    subjects: int
    conforming: int
    breaking: int
    undecided: int
    cases: int
    rules_broken: int
    deaths: int
    answers: int
    seconds: float
    reason: str | None = None


Event = RunStarted | CaseFailed | ExpectationOutdated | SubjectFinished | RunFinished

EVENT_NAMES: dict[type, str] = {
    RunStarted: "run-started",
    CaseFailed: "case-failed",
    ExpectationOutdated: "expectation-outdated",
    SubjectFinished: "subject-finished",
    RunFinished: "run-finished",
}
_ALWAYS = {"conforms", "rule", "case"}
"""Keys whose null says something; any other key without a value is left out."""


def json_from_event(event: Event) -> JSON:
    """The event as one JSON object, its kind under `event`, without sentences."""
    body = asdict(event, filter=lambda attribute, value: value is not None or attribute.name in _ALWAYS)
    return {"event": EVENT_NAMES[type(event)], **body}


def line_from_json(event: JSON) -> str:
    """An event of a record as one line of it, with its line break."""
    return json.dumps(event, ensure_ascii=False) + "\n"


class Recorder:
    """Writes events to a record file, each as it happens; without a file it keeps nothing.

    A context manager.
    """

    def __init__(self, path: Path | None, file: TextIO | None) -> None:
        self.path = path
        self._file = file

    @staticmethod
    def open(directory: Path | None) -> Recorder:
        """A new record in `directory`, which is made if absent; raises RecordError if that cannot be."""
        if directory is None:
            return Recorder(None, None)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            path = directory / EVENTS_FILE
            return Recorder(path, path.open("w", encoding="utf-8", buffering=1))
        except OSError as error:
            raise RecordError(
                f"the record cannot be written: {error.strerror}",
                where=str(directory),
                hint="name another --out",
            ) from error

    @property
    def shown(self) -> str | None:
        """Where the record lies, as it was named."""
        return str(self.path) if self.path else None

    def write(self, event: JSON) -> None:
        """Append one event."""
        if self._file:
            self._file.write(line_from_json(event))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()
