"""What is in a record that is read again to be shown?  Only what its schema allows; nothing of it is run.

A record is read line by line and never held as a whole, for it may be of a million events.
"""

from __future__ import annotations

import importlib.resources
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from bufspec.files.json_text import DAMAGED, line_of, objects_again, objects_of_lines, offset_of
from bufspec.files.problem import Problem, Refused
from bufspec.files.unchanged import Contents
from bufspec.run.record import (
    EVENT_NAMES,
    EVENTS_FILE,
    SCHEMA_VERSION,
    RunFinished,
    RunStarted,
    SubjectFinished,
)
from bufspec.spec import quick_schemas

if TYPE_CHECKING:
    import jsonschema

MOST_RECORD = 1 << 40
"""In bytes; a line is bounded by much less, and no more than one is held."""
STARTED, ENDED = EVENT_NAMES[RunStarted], EVENT_NAMES[RunFinished]
FINISHED = EVENT_NAMES[SubjectFinished]


@frozen
class Record:
    """A record that was read through once and found to be right; going through it reads it again.

    `events` counts them, the foot included.  A record that was cut short has a foot that says so.
    """

    file: Path
    head: dict[str, Any]
    foot: dict[str, Any]
    events: int
    is_whole: bool
    _contents: Contents
    _follow: bool

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The events, in order; Refused if the file has changed since."""
        yield from objects_again(
            self.file, self._contents, self.events - 1, follow=self._follow, most=MOST_RECORD
        )
        yield self.foot


def open_record(
    place: Path,
    *,
    partial: bool = False,
    follow: bool = True,
    seen: Callable[[int, dict[str, Any], str], None] | None = None,
) -> Record:
    """The record in a folder, or of that name; Refused, with the place, for one that is damaged.

    One that was cut short is refused, too, unless `partial`; a link unless `follow`.  `seen` gets each event
    as it is read and found right, with the number of its line and the name of the file.
    """
    file = place / EVENTS_FILE if place.is_dir() else place
    name = str(file)
    head: dict[str, Any] = {}
    last: dict[str, Any] = {}
    totals = _Totals()
    contents = Contents()
    number = 0
    try:
        for number, event in objects_of_lines(file, most=MOST_RECORD, follow=follow, contents=contents):
            if number == 1:
                _refuse_other_version(event, name)
                head = event
            refuse_misfit(event, name, number, file)
            if (number == 1) != (event["event"] == STARTED) or last.get("event") == ENDED:
                raise Refused(Problem(name, number, 1, f"{event['event']} is out of place", DAMAGED))
            totals.add(event)
            last = event
            if seen:
                seen(number, event, name)
    except FileNotFoundError as error:
        problem = Problem(name, 1, 1, "there is no record", "bufspec check --out DIR writes one")
        raise Refused(problem) from error
    except Refused:
        # A driver that was killed leaves half a line; a line break after it says that it was meant so.
        if not head or _ends_with_line(file):
            raise
        last = {}
    if last.get("event") == ENDED:
        return Record(file, head, last, number, True, contents, follow)
    if not partial or not head:
        hint = "bufspec check --resume continues its run; --partial takes what there is"
        raise Refused(Problem(name, max(number, 1), 1, "the record was cut short", hint))
    return Record(file, head, totals.foot(), totals.events + 1, False, contents, follow)


@define
class _Totals:
    """What the foot of a record would say that was cut short."""

    events: int = 0
    broken: set[str] = field(factory=set)
    verdicts: list[bool | None] = field(factory=list)
    counts: Counter[str] = field(factory=Counter)

    def add(self, event: dict[str, Any]) -> None:
        """Count one event."""
        self.events += 1
        if event["event"] == FINISHED:
            self.verdicts.append(event["conforms"])
            self.broken |= {id_ for id_, rule in event["rules"].items() if rule["failed"]}
            self.counts.update({key: event[key] for key in ("cases", "deaths", "answers", "seconds")})
            self.counts["undecided"] += "undecided" in event

    def foot(self) -> dict[str, Any]:
        """The foot."""
        counts = {key: self.counts[key] for key in ("cases", "deaths", "answers", "seconds", "undecided")}
        return {
            "event": ENDED,
            "complete": False,
            "subjects": len(self.verdicts),
            "conforming": self.verdicts.count(True),
            "breaking": self.verdicts.count(False),
            "rules_broken": len(self.broken),
            **counts,
            "reason": "the record was cut short",
        }


def _refuse_other_version(head: dict[str, Any], name: str) -> None:
    """Raise Refused for a record that another bufspec wrote, which this one would misread."""
    version = head.get("schema")
    if head.get("event") == STARTED and isinstance(version, int) and version != SCHEMA_VERSION:
        message = f"a record of schema version {version}; this bufspec reads version {SCHEMA_VERSION}"
        hint = "use the bufspec that wrote it" if version > SCHEMA_VERSION else "judge the subjects again"
        raise Refused(Problem(name, 1, 1, message, hint))


def _ends_with_line(file: Path) -> bool:
    with file.open("rb") as raw:
        raw.seek(0, 2)
        if not raw.tell():
            return False
        raw.seek(-1, 2)
        return raw.read(1) == b"\n"


def refuse_misfit(event: dict[str, Any], name: str, number: int, file: Path | None = None) -> None:
    """Raises Refused for an event that its schema does not allow; with the column of it where `file` is."""
    kind = event.get("event")
    if not isinstance(kind, str) or kind not in EVENT_NAMES.values():
        raise Refused(Problem(name, number, 1, "not an event of a record", DAMAGED))
    if _fits(event, str(kind)):
        return
    error = next(_validator(kind).iter_errors(event), None)
    if error is not None:
        from bufspec.spec.schema import reason_of

        message, hint = reason_of(error)
        line = line_of(file, number, most=MOST_RECORD) if file else ""
        column = offset_of(line, tuple(error.absolute_path)) + 1
        raise Refused(Problem(name, number, column, message, hint or DAMAGED))


def _fits(event: dict[str, Any], kind: str) -> bool:
    """Whether an event is right at first sight, which takes a thousandth of the time; if not, look again."""
    try:
        return _quick_validator(kind).is_valid(event)
    except ValueError:  # a lone surrogate, which a text of JSON may hold and one of Rust may not
        return False


@cache
def _quick_validator(kind: str) -> quick_schemas.Draft202012Validator:
    """What accepts one kind of event by the schema that is published, and says nothing of why."""
    schema, finding = _schema(kind)
    registry = quick_schemas.Registry([(finding["$id"], finding)])
    return quick_schemas.Draft202012Validator(schema, registry=registry)


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    """What says why an event is refused, by the same schema."""
    import jsonschema
    from referencing import Registry, Resource

    schema, finding = _schema(kind)
    registry: Registry[Any] = Resource.from_contents(finding) @ Registry()
    return jsonschema.Draft202012Validator(schema, registry=registry)


def _schema(kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of one kind of event, and that of a finding, which it refers to."""
    folder = importlib.resources.files("bufspec").joinpath("reports/schema")
    events, finding = (
        json.loads(folder.joinpath(f"{one}.schema.json").read_text(encoding="utf-8"))
        for one in ("events", "finding")
    )
    return {"$ref": f"#/$defs/{kind}", "$defs": events["$defs"]}, finding
