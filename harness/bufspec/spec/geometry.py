"""What a layout's numbers mean: where its elements lie, which class it is of, whether it stays in its block.

Finds contiguity by enumerating element addresses, never by walking strides, so that tables and reference
state it independently.  Works on one layout; knows no file.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator

from bufspec.spec.rows import Layout, LayoutClass

MAX_ELEMENTS = 4_096
_PLATFORM_CODES = frozenset("lLnNPgZFDuw")


def contiguous_strides(shape: tuple[int, ...], itemsize: int, order: str) -> tuple[int, ...]:
    """The strides of a gap-free block in C or F order; an extent of 0 multiplies through."""
    axes = range(len(shape)) if order == "F" else range(len(shape) - 1, -1, -1)
    strides = [0] * len(shape)
    step = itemsize
    for axis in axes:
        strides[axis] = step
        step *= shape[axis]
    return tuple(strides)


def is_indirect(layout: Layout) -> bool:
    """Whether the layout needs suboffsets."""
    return any(one >= 0 for one in layout.suboffsets or ())


def element_offsets(layout: Layout, order: str = "C") -> list[int]:
    """The offset from buf of every element, in the order of its index.  Requires: no suboffsets."""
    strides = layout.strides or contiguous_strides(layout.shape, layout.itemsize, "C")
    axes = list(range(len(layout.shape)))
    if order == "F":
        axes.reverse()
    steps = [[index * strides[axis] for index in range(layout.shape[axis])] for axis in axes]
    return [sum(step) for step in itertools.product(*steps)]


def facts_of(layout: Layout) -> tuple[bool, bool, bool, bool, bool, bool]:
    """The six facts of a layout class, in the order of LayoutClass.

    Requires: at most MAX_ELEMENTS elements.
    """
    empty = 0 in layout.shape
    if is_indirect(layout):
        return False, False, True, False, empty, False
    if empty:
        return True, True, False, False, True, not _is_canonical(layout)
    contiguous = {
        order: all(offset == k * layout.itemsize for k, offset in enumerate(element_offsets(layout, order)))
        for order in "CF"
    }
    return contiguous["C"], contiguous["F"], False, not layout.shape, False, False


def _is_canonical(layout: Layout) -> bool:
    canonical = [contiguous_strides(layout.shape, layout.itemsize, order) for order in "CF"]
    return layout.strides is None or layout.strides in canonical


def class_of(layout: Layout, classes: tuple[LayoutClass, ...]) -> str | None:
    """The name of the class whose facts the layout has."""
    facts = facts_of(layout)
    for one in classes:
        if facts == (
            one.c_contiguous,
            one.f_contiguous,
            one.indirect,
            one.zero_dim,
            one.empty,
            one.ambiguous_empty,
        ):
            return one.name
    return None


def layout_faults(layout: Layout, classes: tuple[LayoutClass, ...]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a layout: (key to point at, reason, hint)."""
    for key in ("strides", "suboffsets"):
        steps = getattr(layout, key)
        if steps is not None and len(steps) != len(layout.shape):
            yield (
                key,
                f"{key} has {len(steps)} entries for {len(layout.shape)} dimensions",
                "one for each extent",
            )
            return
    if math.prod(layout.shape) > MAX_ELEMENTS:
        yield "shape", f"more than {MAX_ELEMENTS} elements", "a named layout is small"
        return
    yield from _item_faults(layout)
    yield from _block_faults(layout)
    found = class_of(layout, classes)
    if found != layout.class_name:
        yield (
            "class",
            f"class {layout.class_name} is wrong for this geometry",
            f"its addresses make it {found}",
        )


def _item_faults(layout: Layout) -> Iterator[tuple[str, str, str]]:
    if set(layout.format) & _PLATFORM_CODES:
        return
    try:
        size = struct.calcsize(layout.format)
    except (struct.error, UnicodeEncodeError):
        return
    if size != layout.itemsize:
        yield (
            "itemsize",
            f'itemsize {layout.itemsize} is not the size of "{layout.format}"',
            f"that is {size}",
        )


def _block_faults(layout: Layout) -> Iterator[tuple[str, str, str]]:
    if layout.suboffsets is not None:
        if not is_indirect(layout):
            yield "suboffsets", "suboffsets without an entry >= 0", "leave them out: absent says the same"
        if layout.strides is None:
            yield "suboffsets", "suboffsets without strides", "the steps over the pointers are needed"
        for key in ("offset", "block"):
            if getattr(layout, key):
                yield (
                    key,
                    f"{key} together with suboffsets",
                    "the builder allocates the blocks of a PIL layout",
                )
        return
    offsets = element_offsets(layout) or [0]
    low, high = layout.offset + min(offsets), layout.offset + max(offsets) + layout.itemsize
    if layout.block is None:
        if layout.offset or min(offsets) < 0 or offsets != [k * layout.itemsize for k in range(len(offsets))]:
            yield "name", "no block", "needed unless the memory is C-contiguous at offset 0"
        return
    if low < 0 or high > layout.block:
        yield "block", f"elements lie in {low}..{high} of a block of {layout.block} bytes", "widen the block"
