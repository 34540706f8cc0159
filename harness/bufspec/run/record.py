"""The record of a run: its events, as values and as lines of events.jsonl.

The schema of a line is reports/schema/events.schema.json.  Nothing here decides anything; the sentences of
a line are made by bufspec.reports.wording.sentences, from the values that an event has.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import asdict, frozen

from bufspec.errors import BufspecError, OutputError, RecordError
from bufspec.files.written import Lines, new_folder, not_written
from bufspec.run.expectations.entry import UsedFile
from bufspec.run.signature import signed
from bufspec.values import Finding
from bufspec.visible import visible_json

SCHEMA_VERSION = 3
EVENTS_FILE = "events.jsonl"
OPTIONS_OF_CODE = ("--subjects", "--native", "--remote", "--python")
"""What a replay line has that runs a file of somebody's own, a program, or an interpreter."""

JSON = dict[str, Any]


@frozen
class Selection:
    """How much of what there is was to be judged: whether rules or cases were left out, the packages whose
    subjects are all in the run, and those subjects of them that are unavailable here."""

    filtered: bool
    packages: list[str]
    unavailable: list[str]


@frozen
class RunStarted:
    """The head of a record: what was judged by what, where and how.

    `interpreter` is the one in which subjects were judged: interpreters/facts.py.
    `plan` is a digest of all that was asked for; `shard` says which part of it is in this record, which then
    has in `asked` what decides how the parts are judged together.
    """

    versions: dict[str, str]
    tables: str
    platform: str
    edition: str
    seed: int
    subjects: list[str]
    rules: int
    started: str
    interpreter: JSON | None = None
    repeat: int | None = None
    expectations: list[UsedFile] | None = None
    selection: Selection | None = None
    plan: str | None = None
    shard: str | None = None
    asked: JSON | None = None
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
    known_as: str | None = None
    runs: dict[str, int] | None = None
    """Of what is flaky: in how many of the repeats it came to each outcome."""


@frozen
class CaseFailed:
    """One broken rule in one case, or the death of the process in one (then `rule` is None).

    A broken rule has its `finding`, and `scenario`, the case on one line; a death has `found` in words, and
    what it was: `signal` or `status`, `detail`, the `place` "end" after the last case, and
    the `stack` of a sanitizer's report.
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
    memory: JSON | None = None
    """What a picture of the memory is made from: run/case_memory.py."""
    found: str | None = None
    because: str | None = None
    link: str | None = None
    known_as: str | None = None
    runs: dict[str, int] | None = None
    signal: str | None = None
    status: int | None = None
    detail: str | None = None
    place: str | None = None
    stack: list[str] | None = None
    statement: str | None = None
    hint: str | None = None


@frozen
class CaseMinimised:
    """The simplest scenario that fails as the first case of a rule does, on one line, and what shows it.

    `reason` says why there is none; `rule` is None for a death.  `script` shows the break without bufspec, or
    `without_script` says why none does.
    """

    subject: str
    rule: str | None
    case: str
    replay: str
    scenario: str | None = None
    reason: str | None = None
    script: str | None = None
    without_script: str | None = None


@frozen
class ExpectationOutdated:
    """An expectation that no longer holds; `where` is its file and line, `entry` its number in the file.

    `kind` says what is wrong, `found` what was found instead: another `outcome`, more that `failed` than its
    at_most.  `fix` is the command that fixes the file.
    """

    subject: str
    rule: str
    because: str
    link: str
    where: str
    kind: str
    found: str | None = None
    outcome: str | None = None
    failed: int | None = None
    entry: int | None = None
    fix: str | None = None


@frozen
class UndecidedRecord:
    """Why nothing of a subject was really judged; `by_declaration` if no run of it could come to more."""

    reason: str
    by_declaration: bool
    verdict: str
    because: str | None = None
    link: str | None = None
    known_as: str | None = None


@frozen
class ProfileRecord:
    """What a subject does by class of request or of memory: reports/profile.py makes its profile from it.

    `tried` has for each compound request of an exporter how often it was made and granted, and for each
    class of memory how many a consumer was given and accepted, empty ones left out.  `broken` are the
    required rules that were broken in a case of each class.
    """

    tried: dict[str, list[int]]
    broken: dict[str, list[str]]


@frozen
class SubjectFinished:
    """What one subject came to.  `conforms` is None where nothing required was judged.

    `granted` of the `answers` were granted.  `memories` says how many memories a consumer was given and
    how many it accepted, in all and by each capability that they take.  `notes` say what could not be tried.
    `where` is the file and line that declares it, where that is a file of somebody's own.
    `part` is all that was seen in those blocks of its cases that are a shard's, where others have the rest.
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
    profile: ProfileRecord | None = None
    notes: list[str] | None = None
    undecided: UndecidedRecord | None = None
    reason: str | None = None
    error: str | None = None
    measured: JSON | None = None
    where: str | None = None
    part: JSON | None = None


@frozen
class RunFinished:
    """The foot of a record.  `complete` says that everything planned was run, or accounted for.

    A shard has what it has seen of expectations that only a whole run shows to be of no use: `uses`.
    """

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
    uses: list[JSON] | None = None


Event = RunStarted | CaseFailed | CaseMinimised | ExpectationOutdated | SubjectFinished | RunFinished

EVENT_NAMES: dict[type, str] = {
    RunStarted: "run-started",
    CaseFailed: "case-failed",
    CaseMinimised: "case-minimised",
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
    """An event of a record as one line of it, with its line break; every text in it is kept."""
    return visible_json(json.dumps(event, ensure_ascii=False)) + "\n"


def signed_event(event: JSON) -> JSON:
    """The event with a signature if to replay it runs code that it names: an expression, a file."""
    return signed(EVENT_NAMES[CaseFailed], event) if names_code(event) else event


def names_code(event: JSON) -> bool:
    """Whether to replay the event runs code that it names."""
    return event["event"] == EVENT_NAMES[CaseFailed] and (
        ":" in event["subject"] or any(one in event["replay"] for one in OPTIONS_OF_CODE)
    )


class Recorder:
    """Writes events to a record file, each as it happens; without a file it keeps nothing.

    A context manager.
    """

    def __init__(self, lines: Lines | None) -> None:
        self._lines = lines

    @staticmethod
    def open(directory: Path | None, name: str = EVENTS_FILE, *, work: Path | None = None) -> Recorder:
        """A new record in `directory`, which is made if absent; raises RecordError if that cannot be.

        If it is to replace an earlier one it grows in `work`, the folder of the run, until it is over.
        """
        if directory is None:
            return Recorder(None)
        record_folder(directory)
        half = work / name if work and os.path.lexists(work / name) else None
        try:
            return Recorder(Lines(directory / name, half))
        except OSError as error:
            raise cannot_begin(directory, error) from error

    @property
    def shown(self) -> str | None:
        """Where the record lies, as it was named."""
        return str(self._lines.path) if self._lines else None

    def write(self, event: JSON) -> None:
        """Append one event; raises OutputError if that cannot be."""
        if self._lines:
            self._lines.write(line_from_json(event))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lines is None:
            return
        try:
            if error is None:
                self._lines.refuse_if_gone()
        except OutputError as gone:
            self._lines.close(gone)
            raise
        self._lines.close(error)


def record_folder(directory: Path) -> None:
    """Make the folder of a record, unless it is there; raises RecordError if that cannot be."""
    try:
        new_folder(directory)
    except OSError as error:
        raise cannot_begin(directory, error) from error


def cannot_begin(directory: Path, error: OSError) -> BufspecError:
    """What is said of a folder in which no record can be begun: a wrong --out, or a disk that is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return not_written(directory, error)
    return RecordError(
        f"the record cannot be written: {error.strerror}", where=str(directory), hint="use another --out"
    )
