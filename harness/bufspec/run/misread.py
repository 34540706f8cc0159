"""Which rules say nothing of a consumer that reads most memory wrong?

Rules about rare memory (64 dimensions, suboffsets without pointers) are broken by it, too, but not for what
is rare about that memory.  They are then skipped, as where no case applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.isolation.job import SubjectRun

PLAIN = ("consumer.data.elements_right", "consumer.data.linear_if_contiguous")
RARE = ("consumer.dimensions.up_to_64", "consumer.hardening.negative_suboffsets")
REASON = "plainer memory is read wrong, too"
MOST = 0.25
"""The share of the cases of a plain rule from which on it is the memory in general that is read wrong."""


def overshadowed(run: SubjectRun) -> tuple[str, ...]:
    """The rules of rare memory that are broken only as those of plain memory are."""
    counted: Mapping[str, Any] = run.totals.get("rules", {})
    if not any(_is_mostly_broken(counted.get(rule)) for rule in PLAIN):
        return ()
    refused = {one["rule"] for one in run.failures if one["finding"]["aspect"] == "raised"}
    return tuple(rule for rule in RARE if counted.get(rule, {}).get("failed") and rule not in refused)


def _is_mostly_broken(counts: Mapping[str, Any] | None) -> bool:
    return counts is not None and counts["failed"] > 0 and counts["failed"] >= MOST * counts["cases"]
