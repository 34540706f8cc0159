"""The record of a run of pairs: its events, as values and as lines of pairs.jsonl.

The schema of a line is reports/schema/pairs.schema.json.  Nothing here decides anything; sentences are made
as for the record of a check.
"""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from bufspec.run.expectations.entry import UsedFile
from bufspec.run.record import EVENT_NAMES as EVENT_NAMES_OF_CHECK
from bufspec.run.record import SCHEMA_VERSION, ExpectationOutdated
from bufspec.values import Finding

PAIRS_FILE = "pairs.jsonl"


@frozen
class PairsStarted:
    """The head of a record: what is tried with what."""

    versions: dict[str, str]
    tables: str
    edition: str
    exporters: list[str]
    consumers: list[str]
    started: str
    expectations: list[UsedFile] | None = None
    schema: int = SCHEMA_VERSION


@frozen
class Symptom:
    """What is wrong with a pair, seen from outside; `kind` says where it was looked for."""

    kind: str
    expected: str
    found: str


@frozen
class BrokenRule:
    """A rule that one of the two breaks, and the case that shows it; `beyond` the words of the pair, or not.

    A death has no finding, but `found` in words.
    """

    rule: str
    case: str
    finding: Finding | None = None
    found: str | None = None
    beyond: bool | None = None


@frozen
class ReadingsDiffer:
    """A contested rule, as the exporter reads it and as our exporter does."""

    rule: str
    exporter: str
    ours: str


@frozen
class PairFailed:
    """One pair that fails: its symptoms, who is at fault (`says` in words), and what that rests on."""

    exporter: str
    consumer: str
    outcome: str
    symptoms: list[Symptom]
    fault: str
    says: str
    exporter_rules: list[BrokenRule]
    consumer_rules: list[BrokenRule]
    readings: list[ReadingsDiffer]
    words: list[str]
    replay: str
    verdict: str
    rule: str | None = None
    statement: str | None = None
    hint: str | None = None
    because: str | None = None
    link: str | None = None
    reason: str | None = None


@frozen
class ExporterPaired:
    """What one exporter came to with each consumer; why pairs were skipped, and what ended them all.

    `end` is how the process ended after the last pair.
    """

    exporter: str
    outcomes: dict[str, str]
    seconds: float
    skipped: dict[str, str] | None = None
    error: str | None = None
    end: str | None = None


@frozen
class PairsFinished:
    """The foot of a record: how many pairs came to what, and whose fault the failing ones are."""

    complete: bool
    pairs: int
    outcomes: dict[str, int]
    faults: dict[str, int]
    seconds: float
    reason: str | None = None


PairEvent = PairsStarted | PairFailed | ExporterPaired | ExpectationOutdated | PairsFinished

EVENT_NAMES: dict[type, str] = {
    PairsStarted: "pairs-started",
    PairFailed: "pair-failed",
    ExporterPaired: "exporter-paired",
    ExpectationOutdated: EVENT_NAMES_OF_CHECK[ExpectationOutdated],
    PairsFinished: "pairs-finished",
}


def json_from_pair_event(event: PairEvent) -> dict[str, Any]:
    """The event as one JSON object, its kind under `event`; keys without a value are left out,
    and so are sentences."""
    body = asdict(event, filter=lambda _attribute, value: value is not None)
    return {"event": EVENT_NAMES[type(event)], **body}
