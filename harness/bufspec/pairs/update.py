"""What does a record of pairs say that a file of expectations should be?

As run/expectations/update.py, of the entries about pairs; those about single subjects stay as they are.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.errors import RecordError
from bufspec.isolation.death import Outcome
from bufspec.pairs.outdated import name_of
from bufspec.pairs.recorded import PairsRecord
from bufspec.run.expectations.editing import Values
from bufspec.run.expectations.entry import Verdict
from bufspec.run.expectations.outdated import Kind
from bufspec.run.expectations.update import Change, Reason, Update, is_because_of, updated
from bufspec.words import DEATH

Event = dict[str, Any]


def update_from_pairs(record: PairsRecord, file: str, reason: Reason | None) -> Update:
    """What `file` should be by a record of pairs; RecordError or ExpectationError where it does not tell."""
    if not record.is_whole or not record.foot["complete"]:
        said = record.foot.get("reason", "an exporter could not be tried")
        raise RecordError(
            f"the run is incomplete: {said}", where=str(record.file), hint="finish the run first"
        )
    head: Event = {}
    failed, outdated = [], []
    for event in record:
        head = head or event
        if event["event"] == "pair-failed":
            failed.append(event)
        elif event["event"] == "expectation-outdated":
            outdated.append(event)

    def copies(row: Values, events: list[Event]) -> list[Values]:
        return list(_in_its_place(row, events[0], failed))

    new = list(_new_failures(failed))
    return updated(
        Change(head.get("expectations", ()), str(record.file), outdated, new, copies), file, reason
    )


def _in_its_place(row: Values, event: Event, failed: Iterable[Event]) -> Iterator[Values]:
    """What takes the place of an entry."""
    match Kind(event["kind"]):
        case Kind.OTHER_OUTCOME:
            yield {"outcome": event["outcome"]}
        case Kind.TOO_BROAD if "failed" in event:
            yield {"at_most": event["failed"]}
        case Kind.TOO_BROAD:
            yield from ({**one, **_narrow(row)} for one in _listed_by(row, failed))


def _narrow(row: Values) -> Values:
    return {"cases": "*"} if row["rule"] == DEATH else {}


def _listed_by(row: Values, failed: Iterable[Event]) -> Iterator[Values]:
    for one in failed:
        if is_because_of(row, one):
            yield {"subject": _subject(one), **({} if row["rule"] == DEATH else {"rule": _rule(one)})}


def _new_failures(failed: Iterable[Event]) -> Iterator[Values]:
    for one in failed:
        if one["verdict"] != Verdict.NEWS.value:
            continue
        if one["outcome"] == Outcome.FAIL.value:
            yield {"subject": _subject(one), "rule": _rule(one)}
        else:
            yield {"subject": _subject(one), "rule": DEATH, "cases": "*", "outcome": one["outcome"]}


def _subject(event: Event) -> str:
    return glob.escape(name_of(event["exporter"], event["consumer"]))


def _rule(event: Event) -> str:
    """The rule by which an entry lists a failing pair; any of one that nobody can explain, or
    that ends the process of one side alone."""
    broken = [*event["exporter_rules"], *event["consumer_rules"], *event["readings"]]
    return str(broken[0]["rule"]) if broken and broken[0]["rule"] != DEATH else "*"
