"""What does the memory of a broken rule look like?  From a case-failed event, with what is wrong marked.

Which memory it is: what the struct described, or for a consumer what it was given.  An exporter's own block
is known only where it was built from a layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve
from bufspec.reports.pictures.marks import Mark
from bufspec.reports.pictures.memory import Index, Memory, memory_from_row, memory_from_view, trouble_of
from bufspec.reports.pictures.picture import picture_of
from bufspec.values import of_kind

DRAWN_FIELDS = {"buf", "len", "itemsize", "ndim", "format", "shape", "strides", "suboffsets"}
"""The fields of the struct that a picture shows."""
DRAWN_AREAS = (
    *("consumer.data.", "consumer.fill.", "layout."),
    *("request.strides.", "request.c_contiguous.", "request.f_contiguous.", "request.any_contiguous."),
    *("request.contiguous.", "request.indirect.", "request.simple.", "request.nd."),
)
"""The rules that follow from where elements lie, whichever fields they name."""
LONGEST = 240


def picture_of_failure(event: Mapping[str, Any]) -> str | None:
    """The picture of a broken rule, None where its memory is not known or says nothing of the break."""
    known = drawn_memory(event)
    return picture_of(*known) if known else None


def drawn_memory(event: Mapping[str, Any], *, any_finding: bool = False) -> tuple[Memory, list[Mark]] | None:
    """What picture_of_failure() draws: the memory, and what is marked in it.

    With `any_finding` also where the picture does not show what the finding is about.
    """
    said, finding = event.get("memory"), event.get("finding")
    if said and finding is None and "layout" in said:  # the process died, and cannot say what it had seen
        return memory_from_row(said["layout"]), []
    if not said or not finding:
        return None
    shows = DRAWN_FIELDS.intersection(finding["fields"]) or finding["index"] is not None or "wrong" in said
    if not shows and not any_finding and not str(event["rule"]).startswith(DRAWN_AREAS):
        return None
    view = memory_from_view(said["view"]) if "view" in said else None
    memory = _placed(view, said) if view else None
    if memory is None and "layout" in said:
        memory = memory_from_row(said["layout"])
    if memory is None:
        return None
    return memory, list(_marks(event, said, finding, memory))


def _placed(view: Memory, said: Mapping[str, Any]) -> Memory:
    """The memory of a struct, in the block that it was built with where that is known."""
    layout = said.get("layout")
    if layout is None or layout["suboffsets"] is not None or view.is_indirect:
        return view
    return evolve(view, offset=layout["offset"] - said.get("right_from", 0), block=layout["block"])


def _marks(
    event: Mapping[str, Any], said: Mapping[str, Any], finding: Mapping[str, Any], memory: Memory
) -> Sequence[Mark]:
    why = [Mark(f"{key}: {str(event[key])[:LONGEST]}") for key in ("expected", "found") if event.get(key)]
    if trouble_of(memory):
        return why
    marks = []
    if "wrong" in said:
        marks.append(_wrong_element(tuple(said["wrong"]), memory))
    elif (index := _element_of_byte(memory, finding)) is not None:
        marks.append(Mark(f"byte {finding['index']} in C order lies here", index=index))
    if "right_from" in said and not memory.is_indirect:
        shift = said["right_from"]
        text = f"all elements would be right with buf here, {shift:+} bytes"
        marks.append(Mark(text, byte=memory.offset + shift))
    if finding["fields"] == ["len"] and not memory.is_indirect:
        marks += _length(finding, memory)
    return [*marks, *why]


def _wrong_element(index: Index, memory: Memory) -> Mark:
    text = "the first element that is wrong"
    if len(index) == len(memory.shape):
        return Mark(text, index=index)
    return Mark(f"{text}: {', '.join(map(str, index))}")  # of a richer answer than the one that is drawn


def _length(finding: Mapping[str, Any], memory: Memory) -> Sequence[Mark]:
    """Where a wrong `len` ends, of memory whose elements follow each other."""
    found = finding["found"]
    low, high = memory.reach
    if type(found) is not int or found < 1 or high - low != memory.count * memory.itemsize:
        return []
    if found > high - low:
        return [Mark(f"len {found} covers these bytes, too", byte=high, count=found - (high - low))]
    return [Mark(f"the last bytes that len {found} covers", byte=low + found - 1)]


def _element_of_byte(memory: Memory, finding: Mapping[str, Any]) -> Index | None:
    """The element that a byte of the result, or of what was filled, belongs to."""
    byte = finding["index"]
    if byte is None or memory.itemsize < 1 or of_kind(finding["given"], "misreading") == "released":
        return None
    number = byte // memory.itemsize
    if not 0 <= number < memory.count:
        return None
    index: list[int] = []
    for extent in reversed(memory.shape):
        index.append(number % extent)
        number //= extent
    return tuple(reversed(index))
