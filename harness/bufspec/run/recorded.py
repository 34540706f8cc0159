"""What is in a record that is read again to be shown?  Only what its schema allows; nothing of it is run."""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

from bufspec.files.json_text import DAMAGED, object_from_line, offset_of
from bufspec.files.opened import MEGABYTE, read_bytes, text_from
from bufspec.files.problem import Problem, Refused
from bufspec.run.record import EVENT_NAMES, EVENTS_FILE, RunFinished, RunStarted
from bufspec.spec.schema import reason_of

MOST = 16 * MEGABYTE
STARTED, ENDED = EVENT_NAMES[RunStarted], EVENT_NAMES[RunFinished]


def whole_record(out: Path) -> list[dict[str, Any]] | None:
    """The events of a record in `out` that is whole, None if there is none or it was cut short.

    Raises Refused, with the place, for a record that was damaged.
    """
    file = out / EVENTS_FILE
    try:
        raw = read_bytes(file, MOST, follow=False)
    except FileNotFoundError:
        return None
    name = str(file)
    lines = raw.removesuffix(b"\n").split(b"\n")
    last = object_from_line(lines[-1], name, len(lines)) if raw else {}
    if last.get("event") != ENDED or last.get("complete") is not True:
        return None
    events = []
    for number, line in enumerate(lines, start=1):
        event = object_from_line(line, name, number)
        refuse_misfit(event, name, number, text_from(line, name))
        if (number == 1) != (event["event"] == STARTED) or (number == len(lines)) != (
            event["event"] == ENDED
        ):
            raise Refused(Problem(name, number, 1, f"{event['event']} is out of place", DAMAGED))
        events.append(event)
    return events


def refuse_misfit(event: dict[str, Any], name: str, number: int, line: str | None = None) -> None:
    """Raises Refused for an event that its schema does not allow; the column needs the text of the line."""
    kind = event.get("event")
    if kind not in EVENT_NAMES.values():
        raise Refused(Problem(name, number, 1, "not an event of a record", DAMAGED))
    error = next(_validator(kind).iter_errors(event), None)
    if error is not None:
        message, hint = reason_of(error)
        column = 1 if line is None else offset_of(line, tuple(error.absolute_path)) + 1
        raise Refused(Problem(name, number, column, message, hint or DAMAGED))


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    """What checks one kind of event, by the schema that is published."""
    folder = importlib.resources.files("bufspec").joinpath("reports/schema")
    events, finding = (
        json.loads(folder.joinpath(f"{one}.schema.json").read_text(encoding="utf-8"))
        for one in ("events", "finding")
    )
    registry: Registry[Any] = Resource.from_contents(finding) @ Registry()
    schema = {"$ref": f"#/$defs/{kind}", "$defs": events["$defs"]}
    return jsonschema.Draft202012Validator(schema, registry=registry)
