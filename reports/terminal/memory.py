"""What memory was a subject given?  The layout of a scenario in words: its block, its pages, its elements.

Says where elements lie, not which were read: a process that died cannot tell.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping
from typing import Any

from bufspec.reports.counting import counted

PAGES = {
    "ends_at_page": "the block ends where an inaccessible page begins",
    "begins_at_page": "the block begins where an inaccessible page ends",
    "withdrawn": "what a view had to itself becomes inaccessible at its release",
    "poisoned": "what a view had to itself is overwritten at its release",
    "fresh_block": "each view has a block to itself",
    "null_if_empty": "buf is NULL, since there is no element",
    "no_zero_byte": "elements are digits that no zero ends, or numbers with the highest bit set",
}
"""What is said of each behaviour that concerns the place of the memory."""
MOST_SHOWN = 8
"""Of the elements, in C order; then the last."""


def memory_in_words(layout: Mapping[str, Any], behaviours: Collection[str]) -> list[tuple[str, str]]:
    """The lines about a memory, each with its label."""
    fields = [
        f"format {layout['format']}",
        f"itemsize {layout['itemsize']}",
        f"shape {_tuple(layout['shape'])}",
    ]
    fields += [f"{name} {_tuple(layout[name])}" for name in ("strides", "suboffsets") if layout[name]]
    fields += ["read-only"] if layout["readonly"] else []
    lines = [("memory", ", ".join(fields))]
    pages = [text for name, text in PAGES.items() if name in behaviours]
    if layout["suboffsets"] is None:
        pages.insert(0, f"a block of {counted(layout['block'], 'byte')}")
        elements = "none" if "null_if_empty" in behaviours else _places(layout)
        lines += [("pages", "; ".join(pages)), ("elements", elements)]
    elif pages:
        lines.append(("pages", "; ".join(pages)))
    return lines


def _tuple(values: Any) -> str:
    return str(tuple(values))


def _places(layout: Mapping[str, Any]) -> str:
    """Where in the block the elements lie."""
    shape, itemsize = layout["shape"], layout["itemsize"]
    strides = layout["strides"] or [itemsize * math.prod(shape[d + 1 :]) for d in range(len(shape))]
    total = math.prod(shape)
    if total == 0:
        return f"none; buf is at byte {layout['offset']} of the block"
    indices = itertools.islice(itertools.product(*map(range, shape)), MOST_SHOWN)
    last = tuple(extent - 1 for extent in shape)
    named = list(dict.fromkeys([*indices, last]))
    shown = [f"{index} at {_offset(layout['offset'], index, strides)}" for index in named]
    if total > len(named):
        shown.insert(-1, "...")
    return f"{', '.join(shown)}, {counted(itemsize, 'byte')} each"


def _offset(first: int, index: tuple[int, ...], strides: list[int]) -> int:
    return first + sum(i * stride for i, stride in zip(index, strides, strict=True))
