"""What is a broken rule about?  The values that the engine gives of it, as records keep them.

The engine gives a dict for each broken rule; its schema in a record is reports/schema/finding.schema.json.
Nothing here makes a sentence: bufspec.reports.wording.sentences does, once, from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from bufspec.words import INTERFACE_THERE

Value = None | int | str | list[int] | list[str] | dict[str, Any]
"""What is owed or found.  A dict has one entry, which names the kind of its value:

{"pointer": "NULL"}, {"owner": "exporter"}, {"exception": "BufferError"}, {"fields": ["shape"]},
{"bytes": [7, 0]},
{"requests": [{"flags": 24, "name": "STRIDES"}]}, {"capabilities": ["strided"]}, {"misreading": "linear"},
{"map": {"result": 1}}.
"""


class Difference(TypedDict):
    """In what a consumer's result, or the memory that it filled, is wrong."""

    aspect: str
    index: int | None
    """Of a byte."""
    owed: Value
    found: Value


class Finding(Difference):
    """What one failed check of a rule found; `aspect` names the check, None says nothing."""

    fields: list[str]
    """The fields of the struct that it is about."""
    flags: int | None
    """The request that it is about, and its name."""
    name: str | None
    order: str | None
    """The memory order that it is about: C, F or A."""
    times: int | None
    """How often it was done, or how many there were."""
    given: Value
    """What `owed` follows from, or how it came to `found`: a shape, a format, an operation, a misreading."""


class Violation(TypedDict):
    """A rule that a trace breaks, and the step at which it does."""

    rule: str
    step: int
    finding: Finding


class Failure(Violation):
    """A violation in a case of a run."""

    case: str
    case_index: int
    scenario: str
    """The case on one line."""
    memory: NotRequired[str]
    """As JSON: the layout, the struct, the index of the first wrong element; each where there is one."""


RULES_OF_READ_ELEMENTS = (
    "consumer.data.elements_right",
    "consumer.data.suboffsets_followed",
    "consumer.data.any_stride",
    "consumer.data.unaligned",
    "consumer.data.extent_one_stride",
    "consumer.data.empty",
    "consumer.data.missing_strides",
    "consumer.data.missing_format",
    "consumer.data.simple_is_bytes",
    "consumer.data.linear_if_contiguous",
    "consumer.data.memory_order",
    "consumer.data.byte_order",
    "consumer.hardening.negative_suboffsets",
)
"""What a consumer breaks by elements that it read wrong: what it returned differs from what was owed."""


def of_kind(value: Value, kind: str) -> Any:
    """What a value of that kind holds; None for any other value."""
    return value.get(kind) if isinstance(value, dict) else None


def is_interface_missing(finding: Mapping[str, Any]) -> bool:
    """Whether another interface to the memory, on which a check depends, raised what is no refusal."""
    return bool(finding["owed"] == INTERFACE_THERE)


UNSEEN_ANSWER: dict[str, Any] = {
    "unwritten": [],
    "error": "none",
    "exception_name": "",
    "canaries_intact": True,
    "references_gained": None,
    "elements": "not_compared",
    "memory_readable": None,
    "declared": "not_compared",
    "block": "unknown",
    "is_order_open": False,
    "wrong": None,
    "right_from": None,
    "unchanging": "no",
}
"""An answer of a trace of which nobody saw more than that the call went well."""


def takes_another(scenario: Mapping[str, Any]) -> bool:
    """Whether the first step is for another object, which nobody has asked (is_of_another in the engine)."""
    steps = scenario["steps"]
    is_ready_made = scenario["target"] == "exporter" and scenario["layout"] is None
    return is_ready_made and len(steps) > 1 and bool(steps[0]["kind"] == "drop")
