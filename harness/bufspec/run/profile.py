"""How rich are the requests, or the memories, that a subject does right?  What its record says of each class.

The engine counts by class (suites/engine/classes.hpp); which of the broken rules
weigh is said by their levels.  Which profile that makes is reports/profile.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bufspec.declare import CONSUMER, EXPORTER
from bufspec.isolation.job import SubjectRun
from bufspec.run.record import ProfileRecord
from bufspec.words import BINDING

COUNTED = {EXPORTER: "requests", CONSUMER: "memories"}
"""Of each target what the engine counts by class."""


def profile_record(
    target: str, run: SubjectRun, levels: Mapping[str, str], unjudged: Collection[str]
) -> ProfileRecord | None:
    """What was tried of each class, and which binding rules were broken in it; None without classes."""
    by_class = run.totals.get("by_class")
    if by_class is None or target not in COUNTED:
        return None
    broken = {
        name: [rule for rule in rules if levels.get(rule) in BINDING and rule not in unjudged]
        for name, rules in by_class["broken"].items()
    }
    return ProfileRecord(
        tried={name: list(numbers) for name, numbers in by_class[COUNTED[target]].items()},
        broken={name: rules for name, rules in broken.items() if rules},
    )
