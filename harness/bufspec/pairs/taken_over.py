"""What does an earlier record say of the pairs that are to be tried, seen with the known failures of now?

Which pairs fail, and by which rules, does not depend on what is known; whether it is news does, and who is at
fault where no rule says so.  So after a change of expectations nothing has to be tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.errors import RecordError
from bufspec.pairs.failure import with_verdict
from bufspec.pairs.plan import PairPlan
from bufspec.pairs.record import EVENT_NAMES, ExporterPaired, PairFailed, PairsStarted
from bufspec.pairs.recorded import PairsRecord
from bufspec.run.versions import versions_of

JSON = dict[str, Any]


def taken_over(record: PairsRecord, plan: PairPlan) -> dict[int, list[JSON]]:
    """The events of each exporter of the plan that the record has whole, by the exporter's number.

    An exporter that met other consumers, or could not be tried, is left out.  Raises RecordError for a record
    of other rules or versions.
    """
    planned = {
        exporter.name: (number, [one.name for one in met])
        for number, (exporter, met) in enumerate(plan.blocks)
    }
    found: dict[int, list[JSON]] = {}
    failed: list[JSON] = []
    for event in record:
        match event["event"]:
            case kind if kind == EVENT_NAMES[PairsStarted]:
                _refuse_others(record, event, plan)
            case kind if kind == EVENT_NAMES[PairFailed]:
                failed.append(event)
            case kind if kind == EVENT_NAMES[ExporterPaired]:
                number, consumers = planned.get(event["exporter"], (0, None))
                if "error" not in event and consumers == list(event["outcomes"]):
                    found[number] = [*(with_verdict(plan, one) for one in failed), event]
                failed = []
    return found


def _refuse_others(record: PairsRecord, head: Mapping[str, Any], plan: PairPlan) -> None:
    ours = {
        "rules": (head["tables"], plan.rulebook.digest),
        "edition": (head["edition"], plan.rulebook.edition),
    }
    names = [one.name for one in (*plan.exporters, *plan.consumers)]
    ours |= {
        f"version of {package}": (head["versions"].get(package), version)
        for package, version in versions_of(names).items()
    }
    for what, (theirs, now) in ours.items():
        if theirs != now:
            raise RecordError(
                f"the record is of other {what}: {theirs}, now {now}",
                where=str(record.file),
                hint="try the pairs anew, without --reuse",
            )
