"""What did a consumer owe, and what was found?  Two sentences a rule."""

from __future__ import annotations

from bufspec.reports.wording.values import (
    MISREADINGS,
    Make,
    Sentences,
    fields_of,
    joined,
    more_or_fewer,
    number_in,
    text_in,
)
from bufspec.values import RULES_OF_READ_ELEMENTS, Difference, Finding, of_kind

IN_ORDER = "the elements in C order"
AS_FILLED = "the contents that the same call leaves in a bytearray"
AS_FILLED_ITEMS = "the contents that the same call leaves in the same items in C order"
TIMES = {1: "once", 2: "twice"}


def of_difference(one: Difference) -> Sentences:
    """In what a result, or a memory that was filled, is wrong."""
    owed, found = text_in(one["owed"]), text_in(one["found"])
    due = {
        "byte": f"byte {one['index']} of {IN_ORDER} is {owed}",
        "filled_byte": f"{AS_FILLED}, byte {one['index']} of which is {owed}",
        "length": f"{owed} bytes: {IN_ORDER}",
        "no_bytes": f"{owed} bytes: {IN_ORDER}",
        "filled_length": f"{AS_FILLED}, {owed} bytes",
        "filled_as_items": f"{AS_FILLED_ITEMS}, byte {one['index']} of which is {owed}",
        "result_as_of_bytes": f"{owed}, as for bytes with the same elements",
        "result_as_of_items": f"{owed}, as for a memoryview of the same items in C order",
    }
    seen = {
        "byte": f"byte {one['index']} is {found}",
        "filled_byte": f"byte {one['index']} is {found}",
        "filled_as_items": f"byte {one['index']} is {found}",
        "length": f"{found} bytes",
        "filled_length": f"{found} bytes",
        "no_bytes": f"{found}, which has no bytes to compare",
    }
    return Sentences(due.get(one["aspect"], owed), seen.get(one["aspect"], found))


def _result(one: Finding) -> Sentences:
    said = of_difference(one)
    way = MISREADINGS.get(of_kind(one["given"], "misreading") or "")
    return said._replace(found=f"{said.found}, as if {way}") if way else said


def _held(one: Finding) -> Sentences:
    if one["aspect"] == "not_held":
        return Sentences(
            "a view held as long as the result lives", "every view was released when the call returned"
        )
    said = _result(one)
    if of_kind(one["given"], "misreading") == "released":
        return said  # at the call itself, before which there was no result
    return said._replace(expected=f"the same result as before: {said.expected}")


def _accepted(one: Finding) -> Sentences:
    needed = of_kind(one["owed"], "capabilities")
    if needed is None:
        return _result(one)
    is_raised = one["aspect"] == "raised"
    found = text_in(one["found"]) if is_raised else "a result without a granted request"
    return Sentences(f"accepted, as declared: {joined(needed)}", found)


def _released(one: Finding) -> Sentences:
    view = f"the view granted for {one['name']}"
    if one["aspect"] == "released_again":
        times = number_in(one["found"])
        return Sentences(
            "each view released exactly once", f"{view} was released {TIMES.get(times, f'{times} times')}"
        )
    others = (one["times"] or 0) - 1
    also = f", nor were {others} others" if others > 0 else ""
    return Sentences("each view released exactly once", f"{view} was not released{also}")


def _never_granted(one: Finding) -> Sentences:
    stray = "a struct was released that no request had filled in"
    refused = f"the struct of the refused request for {one['name']} was released"
    found = stray if one["aspect"] == "released_stray" else refused
    return Sentences("only granted views released", found)


def _struct(fields: str) -> Make:
    def make(one: Finding) -> Sentences:
        found = f"{fields_of(one)} changed before the release of the view granted for {one['name']}"
        return Sentences(f"{fields} unchanged until the release", found)

    return make


def _always(expected: str, found: str) -> Make:
    return lambda one: Sentences(expected, found)


BY_RULE: dict[str, Make] = {
    **dict.fromkeys((*RULES_OF_READ_ELEMENTS, "consumer.fill.elements_right"), _result),
    "consumer.hold.while_used": _held,
    "consumer.dimensions.up_to_64": _accepted,
    "consumer.capability.accepted": _accepted,
    "consumer.release.exactly_once": _released,
    "consumer.release.never_granted": _never_granted,
    "consumer.release.nothing_kept": lambda one: Sentences(
        "no reference to the exporter kept", f"{more_or_fewer(one['found'])} references than before"
    ),
    "consumer.struct.arrays_unchanged": _struct("format, shape, strides, suboffsets"),
    "consumer.struct.internal_unchanged": _struct("internal"),
    "consumer.write.only_if_asked": _always(
        "the memory unchanged, since WRITABLE was not granted", "elements changed"
    ),
    "consumer.write.inside_elements": _always(
        "the bytes between and around the elements unchanged", "some of them changed"
    ),
    "consumer.request.no_needless_write": lambda one: Sentences(
        "requests without WRITABLE", f"a request for {one['name']}"
    ),
    "consumer.error.refusal_told": _always("an exception, since every request was refused", "a result"),
    "consumer.error.refusal_type": lambda one: Sentences(
        "BufferError, TypeError, ValueError or NotImplementedError", text_in(one["found"])
    ),
    "consumer.error.exception_set": _always("a result, or an exception", "both at once, or neither"),
    "consumer.hardening.readonly_answer": _always("no byte written, since readonly is 1", "elements changed"),
    "consumer.hardening.failed_obj": _always(
        "no release of what was refused", "the struct of a refused request was released"
    ),
}
