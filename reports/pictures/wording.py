"""What does a picture of memory say in words?  A title and a description, for who cannot see the picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from bufspec.reports.counting import counted
from bufspec.reports.pictures.chosen import index_in_words
from bufspec.reports.pictures.marks import Mark
from bufspec.reports.pictures.memory import Index, Memory
from bufspec.reports.pictures.svg import shortened

MOST_NAMED = 12
"""So many elements are named with their bytes."""
MOST_MARKS = 12
LONGEST_FORMAT = 60
LONGEST_MARK = 400


def caption_of(memory: Memory) -> str:
    """The fields of a memory on one line."""
    return ", ".join(_fields(memory))


def description_of(memory: Memory, chosen: Sequence[Index], marks: Sequence[Mark]) -> str:
    """All that the picture shows, in sentences."""
    return " ".join([*_block(memory), *_elements(memory, chosen), *marks_in_words(marks)])


def marks_in_words(marks: Sequence[Mark]) -> list[str]:
    """What is marked, where and why."""
    return [f"{_where(mark)}{shortened(mark.text, LONGEST_MARK)}." for mark in marks[:MOST_MARKS]]


def _fields(memory: Memory) -> list[str]:
    fields = [] if memory.format is None else [f"format “{shortened(memory.format, LONGEST_FORMAT)}”"]
    fields += [f"itemsize {memory.itemsize}", f"shape {_numbers(memory.shape)}"]
    for name in ("strides", "suboffsets"):
        if (values := getattr(memory, name)) is not None:
            fields.append(f"{name} {_numbers(values)}")
    return [*fields, "read-only"] if memory.readonly else fields


def _numbers(values: Index) -> str:
    return index_in_words(values) if values else "()"


def _block(memory: Memory) -> list[str]:
    if memory.is_indirect:
        tables = len(memory.levels) - 1
        return [f"Memory with pointers: {counted(tables, 'table')} deep, buf points into the first."]
    if memory.block is None:
        return ["Memory around buf; how large its block is is not known. Bytes count from buf."]
    return [f"A block of {counted(memory.block, 'byte')}; buf points at byte {memory.offset}."]


def _elements(memory: Memory, chosen: Sequence[Index]) -> list[str]:
    count = memory.count
    if not count:
        none = f"No elements: shape {_numbers(memory.shape)}."
        return [none + (" No pointer may be followed." if memory.is_indirect else "")]
    size = f" of {counted(memory.itemsize, 'byte')}"
    said = [f"{counted(count, 'element')}{size}: {caption_of(memory)}."]
    named = list(chosen) if len(chosen) <= MOST_NAMED else [*chosen[: MOST_NAMED - 1], chosen[-1]]
    places = [f"{index_in_words(index)} {_place(memory, index)}" for index in named]
    if count > len(named):
        places.insert(-1, "…")
    said.append(f"Elements begin: {', '.join(places)}.")
    if not memory.is_indirect:
        said += _relations(memory, chosen)
    return said


def _relations(memory: Memory, chosen: Sequence[Index]) -> list[str]:
    said = []
    places = sorted(memory.place_of(index).byte for index in chosen)
    near = [later - one for one, later in itertools.pairwise(places)]
    if any(0 < gap < memory.itemsize for gap in near):
        said.append("Some elements overlap.")
    if 0 in near and memory.itemsize:
        said.append("Some elements are the same bytes.")
    low, high = memory.reach
    if memory.block is not None and (low < 0 or high > memory.block):
        said.append(f"Elements lie at bytes {low} to {high - 1}, outside the block.")
    return said


def _place(memory: Memory, index: Index) -> str:
    if not memory.is_indirect:
        return f"at byte {memory.place_of(index).byte}"
    steps = memory.path_to(index)
    through = ", ".join(f"byte {one.byte} of the table" for one in steps[:-1])
    return f"by the pointer at {through}, at byte {steps[-1].byte} of the piece"


def _where(mark: Mark) -> str:
    if mark.index is not None:
        return f"Marked element {index_in_words(mark.index)}: "
    if mark.byte is None:
        return ""
    last = mark.byte + mark.count - 1
    return f"Marked byte {mark.byte}: " if mark.count <= 1 else f"Marked bytes {mark.byte} to {last}: "
