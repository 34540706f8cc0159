"""Which broken rules follow from another one, by what was found?

A fault often breaks more than the rule that names it: strides that count items are not those of C order, so
every request for C order seems to be granted wrongly, too.  What follows is reported once, under its cause.
Knows the rules and the values that were found, nothing of counts and levels.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import frozen
from bufspec.values import is_interface_missing, of_kind


class Sign(NamedTuple):
    """What of a finding says whether something follows from it.  Of a million failures few differ in this."""

    fields: frozenset[str]
    has_no_size: bool
    is_raised: bool
    is_misreading: bool
    interface_raised: str | None
    """What another interface raised, where that is all that a check found; None else."""
    given_rule: str | None
    """What `owed` follows from, if that is a rule."""


class Failure(NamedTuple):
    """A recorded failure, as far as it says what it follows from."""

    case: str
    step: int
    sign: Sign


Failures = list[Failure]
"""The recorded failures of one rule on one subject, those of the earliest cases first."""


def sign_of(finding: Mapping[str, Any]) -> Sign:
    """What of a finding says whether something follows from it."""
    given, found = finding["given"], finding["found"]
    return Sign(
        fields=frozenset(finding["fields"]),
        has_no_size=found == 0,
        is_raised=finding["aspect"] == "raised",
        is_misreading=bool(of_kind(given, "misreading")),
        interface_raised=found if isinstance(found, str) and is_interface_missing(finding) else None,
        given_rule=given if isinstance(given, str) and RULE_ID.fullmatch(given) else None,
    )


RULE_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){1,2}")

OF_ORDER = (
    "request.simple.refused_if_not_contiguous",
    "request.strides.refused_without",
    "request.*_contiguous.refused_if_not",
    "request.contiguous.both_orders",
    "layout.contiguous.as_requested",
)
"""Rules about the order of the memory, which is known by shape, strides and itemsize alone."""
OF_ARRAYS = (
    *OF_ORDER,
    "field.shape.*",
    "field.strides.*",
    "field.suboffsets.*",
    "field.len.product",
    "field.buf.*",
    "layout.*",
    "request.refusal.needless",
)
OF_FORMAT = ("format.*", "request.format.without_nd")
OF_REFERENCES = ("lifetime.release.*", "lifetime.export.*_valid")
OF_FREED = (*OF_ARRAYS, "error.*", "format.*", "lifetime.*")
"""What an object may break that was freed under its views: whatever lies in its place answers."""
MISREAD = ("consumer.dimensions.up_to_64", "consumer.hardening.negative_suboffsets", "consumer.data.empty")


def always(cause: Failures, other: Failures) -> bool:
    """Whatever was found."""
    return True


def _changed(fields: set[str]) -> Callable[[Failures, Failures], bool]:
    """One of these fields was not what it had been."""
    return lambda cause, other: any(fields & one.sign.fields for one in cause)


def _has_no_size(cause: Failures, other: Failures) -> bool:
    return all(one.sign.has_no_size for one in cause)


def _in_the_same_cases(cause: Failures, other: Failures) -> bool:
    cases = {one.case for one in cause}
    return all(one.case in cases for one in other)


def _is_a_wrong_result(cause: Failures, other: Failures) -> bool:
    """Nothing was refused: the elements are wrong, as they are of plainer memory."""
    return not any(one.sign.is_raised for one in other)


def _in_no_known_way(cause: Failures, other: Failures) -> bool:
    return not any(one.sign.is_misreading for one in other)


def _interface_raised_alike(cause: Failures, other: Failures) -> bool:
    raised = {one.sign.interface_raised for one in (*cause, *other)}
    return len(raised) == 1 and None not in raised


@frozen
class Cause:
    """A rule, globs of those that may follow from it, and whether they do by what was found."""

    rule: str
    explains: tuple[str, ...]
    where: Callable[[Failures, Failures], bool] = always


CAUSES = (
    Cause("field.struct.all_filled", ("*",), _in_the_same_cases),
    Cause("lifetime.export.arrays_valid", OF_ARRAYS, _changed({"shape", "strides", "suboffsets"})),
    Cause("lifetime.export.arrays_valid", OF_FORMAT, _changed({"format"})),
    Cause("format.itemsize.agrees", (*OF_ORDER, "field.len.product"), _has_no_size),
    Cause("field.strides.at_least_itemsize", OF_ORDER),
    Cause("field.obj.owned_reference", OF_REFERENCES),
    Cause("field.obj.owned_reference", OF_FREED, _in_the_same_cases),
    Cause("lifetime.release.obj_kept", OF_REFERENCES),
    Cause("lifetime.release.obj_kept", OF_FREED, _in_the_same_cases),
    Cause("field.obj.not_null", ("lifetime.export.memory_valid", "lifetime.release.*")),
    Cause("request.nd.shape_present", ("request.refusal.needless",)),
    Cause("consumer.release.exactly_once", ("consumer.release.nothing_kept",)),
    Cause("consumer.data.linear_if_contiguous", ("consumer.data.elements_right",), _in_no_known_way),
    Cause("consumer.data.linear_if_contiguous", MISREAD, _is_a_wrong_result),
    Cause("consumer.data.elements_right", MISREAD, _is_a_wrong_result),
    *(
        Cause(f"bridge.{one}.same_memory", (f"bridge.{one}.*",), _interface_raised_alike)
        for one in ("array_interface", "array_struct", "dlpack", "arrow")
    ),
)
"""The first that holds is the cause."""

STRAY = "request.stray_bits.without_nd"


@lru_cache(maxsize=1 << 15)
def _explaining(rule: str, other_rule: str) -> tuple[Cause, ...]:
    """What is known of how `other_rule` follows from `rule`."""
    return tuple(
        one
        for one in CAUSES
        if one.rule == rule and any(fnmatch.fnmatchcase(other_rule, glob) for glob in one.explains)
    )


def may_be_cause(rule: str, other_rule: str) -> bool:
    """Whether `other_rule` may follow from `rule`: is_cause() says whether it does, which takes longer."""
    return rule != other_rule and (other_rule == STRAY or bool(_explaining(rule, other_rule)))


def is_cause(rule: str, cause: Failures, other_rule: str, other: Failures) -> bool:
    """Whether `other_rule` follows from `rule` on a subject that breaks both as recorded."""
    if not may_be_cause(rule, other_rule):
        return False
    if other_rule == STRAY and any(one.sign.given_rule == rule for one in other):
        return True  # the answer is that of a reading, but for what the same word breaks when it is whole
    return any(one.where(cause, other) for one in _explaining(rule, other_rule))
