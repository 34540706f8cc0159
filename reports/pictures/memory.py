"""Where do the elements of a memory lie?  Arithmetic on shape, strides and suboffsets, for any numbers.

A memory comes from a table, from a scenario or from what a subject answered, so nothing in it need make
sense: trouble_of() says what cannot be drawn.  Knows nothing of pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

Index = tuple[int, ...]
MOST_DIMENSIONS = 64
POINTER = 8
"""Bytes of a pointer in the tables of a PIL memory."""


@frozen
class Level:
    """The dimensions first..end-1, whose indices lead to a pointer, or on the last level to the element."""

    first: int
    end: int
    suboffset: int
    """Added after the pointer; -1 on the last level."""
    lowest: int
    """How far below the place of the indices 0 these dimensions reach: 0 or less."""
    size: int
    """Bytes of one table or sub-block."""


@frozen
class Place:
    """Where an element begins: in which piece, and at which byte of it.

    The root piece is (); another is named by the places of the pointers that lead to it, from the root on.
    """

    piece: Index
    byte: int


@frozen(slots=False)
class Memory:
    """A memory in bytes.  `block` is None where its size is not known; then bytes count from buf.

    With suboffsets there is no one block: `offset` and `block` say nothing, and each piece is as large as the
    indices that reach it need.
    """

    shape: Index
    itemsize: int
    format: str | None = None
    strides: Index | None = None
    suboffsets: Index | None = None
    offset: int = 0
    """From the first byte of the block to the element with all indices 0: where buf points."""
    block: int | None = None
    readonly: bool = False

    @property
    def c_strides(self) -> Index:
        """The strides of C order."""
        steps, step = [], self.itemsize
        for extent in reversed(self.shape):
            steps.append(step)
            step *= extent
        return tuple(reversed(steps))

    @cached_property
    def steps(self) -> Index:
        """The strides, those of C order where there are none."""
        return self.strides if self.strides is not None else self.c_strides

    @property
    def count(self) -> int:
        """How many elements there are; 1 without dimensions."""
        return math.prod(self.shape)

    @property
    def is_indirect(self) -> bool:
        """Whether pointers are followed."""
        return self.suboffsets is not None and any(one >= 0 for one in self.suboffsets)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Of an indirect memory: the tables, from the root on, and last the pieces with the elements."""
        found, first = [], 0
        suboffsets = self.suboffsets or ()
        for end, suboffset in enumerate((*suboffsets, -1), start=1):
            is_last = end > len(self.shape)
            if suboffset < 0 and not is_last:
                continue
            dimensions = range(first, min(end, len(self.shape)))
            reaches = [self.steps[d] * (self.shape[d] - 1) for d in dimensions if self.shape[d] > 1]
            lowest = sum(min(one, 0) for one in reaches)
            highest = sum(max(one, 0) for one in reaches)
            unit = self.itemsize if is_last else POINTER
            found.append(Level(first, min(end, len(self.shape)), suboffset, lowest, highest - lowest + unit))
            first = end
        return tuple(found)

    @property
    def reach(self) -> tuple[int, int]:
        """The first byte of the lowest element and the byte after the highest, of a direct memory."""
        if not self.count:
            return self.offset, self.offset
        reaches = [step * (extent - 1) for step, extent in zip(self.steps, self.shape, strict=True)]
        low = self.offset + sum(min(one, 0) for one in reaches)
        return low, self.offset + sum(max(one, 0) for one in reaches) + self.itemsize

    def place_of(self, index: Index) -> Place:
        """Where the element of that index begins; the index need not be within the shape."""
        if not self.is_indirect:
            return Place((), self.offset + sum(i * step for i, step in zip(index, self.steps, strict=True)))
        return self.path_to(index)[-1]

    def path_to(self, index: Index) -> list[Place]:
        """Where the pointers lie that are followed to the element of that index, and last the element."""
        path: list[Place] = []
        piece: Index = ()
        for level in self.levels:
            byte = sum(index[d] * self.steps[d] for d in range(level.first, level.end)) - level.lowest
            path.append(Place(piece, byte))
            piece = (*piece, byte)
        return path


def memory_from_row(row: Mapping[str, Any]) -> Memory:
    """The memory of a row of layouts.yaml, or of the layout of a scenario."""
    shape, itemsize = tuple(row["shape"]), row["itemsize"]
    strides, suboffsets = row.get("strides"), row.get("suboffsets")
    block = row.get("block")
    if block is None:  # the tables leave it out where the memory is C-contiguous at offset 0
        block = max(math.prod(shape), 1) * itemsize
    return Memory(
        shape,
        itemsize,
        row["format"],
        None if strides is None else tuple(strides),
        None if suboffsets is None else tuple(suboffsets),
        row.get("offset", 0),
        None if suboffsets is not None else block,
        bool(row.get("readonly", False)),
    )


def memory_from_view(view: Mapping[str, Any]) -> Memory | None:
    """The memory that a struct describes, as a record has it (`view`); its bytes count from buf.

    Where the struct has no shape, and `len` is not that of one item, its memory is `len` bytes, or one
    dimension of items if it has a format.
    None if the struct has arrays that cannot be read.
    """
    ndim, length = view["ndim"], view["len"]
    arrays = {name: view[name] for name in ("shape", "strides", "suboffsets")}
    if any(one in ("untouched", "unreadable") for one in arrays.values()):
        return None
    known = {name: tuple(one) for name, one in arrays.items() if isinstance(one, list)}
    has_format = view["format"] is not None
    itemsize = view["itemsize"]
    if "shape" not in known and (ndim or length != itemsize):
        itemsize = itemsize if has_format and itemsize > 0 else 1
        known = {"shape": (length // itemsize,)}
    shape = known.get("shape", ())
    fits = {name: one for name, one in known.items() if len(one) == len(shape)}
    return Memory(
        shape,
        itemsize,
        view["format"],
        fits.get("strides"),
        fits.get("suboffsets"),
        readonly=bool(view["readonly"]),
    )


def trouble_of(memory: Memory) -> str | None:
    """Why a memory cannot be drawn; None if it can."""
    if len(memory.shape) > MOST_DIMENSIONS:
        return f"{len(memory.shape)} dimensions, more than {MOST_DIMENSIONS}"
    negative = [extent for extent in memory.shape if extent < 0]
    if negative:
        return f"an extent of {negative[0]}"
    if memory.itemsize < 0:
        return f"an itemsize of {memory.itemsize}"
    for name in ("strides", "suboffsets"):
        values = getattr(memory, name)
        if values is not None and len(values) != len(memory.shape):
            return f"{len(values)} {name} for {len(memory.shape)} dimensions"
    return None
