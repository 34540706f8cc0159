"""What has a run of pairs finished, kept so that it can go on after its driver was killed?

As run/kept.py, by exporter: the events of the record that it came to.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import cattrs

from bufspec import __version__
from bufspec.files.json_text import object_from_line
from bufspec.files.opened import MEGABYTE, read_bytes
from bufspec.pairs.plan import PairPlan
from bufspec.pairs.record import EVENT_NAMES, PAIRS_FILE, ExporterPaired, PairFailed, PairsFinished
from bufspec.run.kept import KeptState
from bufspec.run.resume import replaces
from bufspec.wire.shapes import check

Events = list[dict[str, Any]]
MOST = 32 * MEGABYTE
OF_EXPORTERS = (EVENT_NAMES[PairFailed], EVENT_NAMES[ExporterPaired])


class KeptPairs(KeptState[Events]):
    """The state of a run of bufspec pairs."""

    def __init__(self, work: Path, plan: PairPlan, *, trust: bool = False) -> None:
        super().__init__(work, _identity(plan), len(plan.blocks), trust=trust)
        self._exporters = [exporter.name for exporter, _ in plan.blocks]

    def plain(self, value: Events) -> Any:
        """What an exporter came to, as JSON."""
        return value

    def value_from(self, index: int, plain: Any) -> Events:
        """The events of exporter number `index`."""
        check(Events, plain, "run")
        names = [event.get("event") for event in plain]
        if not names or set(names) - set(OF_EXPORTERS) or names.count(OF_EXPORTERS[1]) != 1:
            raise ValueError("no events of one exporter")
        if names[-1] != OF_EXPORTERS[1] or {event.get("exporter") for event in plain} != {
            self._exporters[index]
        }:
            raise ValueError("events of another exporter")
        found: Events = plain
        return found


def finished_in(out: Path) -> Events | None:
    """The events of the record in `out` if it is whole: its driver may have been killed after it."""
    file = out / PAIRS_FILE
    if replaces(out, PAIRS_FILE):
        return None
    try:
        raw = read_bytes(file, MOST, follow=False)
    except FileNotFoundError:
        return None
    lines = raw.removesuffix(b"\n").split(b"\n") if raw else []
    events = [object_from_line(line, str(file), number) for number, line in enumerate(lines, start=1)]
    whole = events and events[-1].get("event") == EVENT_NAMES[PairsFinished] and events[-1].get("complete")
    return events if whole else None


def _identity(plan: PairPlan) -> dict[str, Any]:
    options = {**cattrs.unstructure(plan.options), "jobs": None}
    return {
        "tables": plan.rulebook.digest,
        "versions": {"bufspec": __version__, "Python": platform.python_version()},
        "exporters": [exporter.name for exporter, _ in plan.blocks],
        "consumers": [one.name for one in plan.consumers],
        "options": hashlib.sha256(json.dumps(options, sort_keys=True).encode("ascii")).hexdigest(),
    }
