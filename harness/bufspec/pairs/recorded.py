"""What is in a record of pairs that is read again to be shown?  What its schema allows; nothing of it is run.

As run/recorded.py, for pairs.jsonl.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.files.json_text import DAMAGED, objects_again, objects_of_lines
from bufspec.files.problem import Problem, Refused
from bufspec.files.unchanged import Contents
from bufspec.pairs.record import EVENT_NAMES, PAIRS_FILE, ExporterPaired, PairsFinished, PairsStarted
from bufspec.run.record import SCHEMA_VERSION
from bufspec.spec import quick_schemas

STARTED, ENDED = EVENT_NAMES[PairsStarted], EVENT_NAMES[PairsFinished]
PAIRED = EVENT_NAMES[ExporterPaired]


@frozen
class PairsRecord:
    """A record of pairs that was read through once and found to be right; going through it reads it again."""

    file: Path
    foot: dict[str, Any]
    events: int
    is_whole: bool
    _contents: Contents

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The events, in order; Refused if the file has changed since."""
        yield from objects_again(self.file, self._contents, self.events - 1)
        yield self.foot


def has_pairs(place: Path) -> bool:
    """Whether there is a record of pairs in a folder, or of that name."""
    return (place / PAIRS_FILE).is_file() if place.is_dir() else place.name == PAIRS_FILE


def open_pairs(place: Path, *, partial: bool = False) -> PairsRecord:
    """The record of pairs in a folder, or of that name; Refused, with the place, for one that is damaged.

    One that was cut short is refused, too, unless `partial`.
    """
    file = place / PAIRS_FILE if place.is_dir() else place
    name = str(file)
    last: dict[str, Any] = {}
    outcomes: dict[str, int] = {}
    contents = Contents()
    number = 0
    try:
        for number, event in objects_of_lines(file, contents=contents):
            _refuse_misfit(event, name, number)
            if number == 1 and event.get("schema") != SCHEMA_VERSION:
                message = (
                    f"a record of schema version {event.get('schema')}; this bufspec reads {SCHEMA_VERSION}"
                )
                raise Refused(Problem(name, 1, 1, message, "run the pairs again"))
            if (number == 1) != (event["event"] == STARTED) or last.get("event") == ENDED:
                raise Refused(Problem(name, number, 1, f"{event['event']} is out of place", DAMAGED))
            for one in event.get("outcomes", {}).values() if event["event"] == PAIRED else ():
                outcomes[one] = outcomes.get(one, 0) + 1
            last = event
    except FileNotFoundError as error:
        problem = Problem(name, 1, 1, "there is no record of pairs", "bufspec pairs --out DIR writes one")
        raise Refused(problem) from error
    if last.get("event") == ENDED:
        return PairsRecord(file, last, number, True, contents)
    if not partial or not number:
        hint = "bufspec pairs --resume continues its run; --partial takes what there is"
        raise Refused(Problem(name, max(number, 1), 1, "the record was cut short", hint))
    foot = {
        "event": ENDED,
        "complete": False,
        "pairs": sum(outcomes.values()),
        "outcomes": outcomes,
        "faults": {},
        "seconds": 0,
        "reason": "the record was cut short",
    }
    return PairsRecord(file, foot, number + 1, False, contents)


def _refuse_misfit(event: dict[str, Any], name: str, number: int) -> None:
    kind = event.get("event")
    if kind not in EVENT_NAMES.values():
        raise Refused(Problem(name, number, 1, "not an event of a record of pairs", DAMAGED))
    if kind == STARTED and event.get("schema") != SCHEMA_VERSION:
        return  # said in better words
    try:
        fits = _validator(kind).is_valid(event)
    except ValueError:  # a lone surrogate: no text of a schema forbids it
        fits = True
    if not fits:
        raise Refused(Problem(name, number, 1, f"{kind} does not fit its schema", DAMAGED))


@cache
def _validator(kind: str) -> quick_schemas.Draft202012Validator:
    folder = importlib.resources.files("bufspec").joinpath("reports/schema")
    pairs, finding = (
        json.loads(folder.joinpath(f"{one}.schema.json").read_text(encoding="utf-8"))
        for one in ("pairs", "finding")
    )
    schema = {"$ref": f"#/$defs/{kind}", "$defs": pairs["$defs"]}
    registry = quick_schemas.Registry([(finding["$id"], finding)])
    return quick_schemas.Draft202012Validator(schema, registry=registry)
