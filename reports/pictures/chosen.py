"""Which elements of a memory are drawn, and under which names?

A bounded number: in each dimension the first ones and the last, the very first and the very last element, and
those that are marked.
"""

from __future__ import annotations

import itertools
import math

from bufspec.reports.pictures.memory import Index, Memory

MOST_ELEMENTS = 64
MOST_POINTERS = 24
"""As MOST_ELEMENTS, where pointers are followed: each may lead to a piece of its own."""
MOST_ROWS, MOST_IN_A_ROW = 5, 9
"""So many indices of a dimension are drawn where not all elements are; more of the last one."""
MOST_OF_A_LABEL = 3
"""So many indices are written into an element; with more dimensions its number in C order is."""


def chosen_indices(memory: Memory, wanted: tuple[Index, ...] = ()) -> list[Index]:
    """The indices of the elements that are drawn, in C order; `wanted` ones come in any case."""
    if not memory.count:
        return []
    most = MOST_POINTERS if memory.is_indirect else MOST_ELEMENTS
    picks = _picks(memory.shape, most)
    sides = [
        [*range(pick - 1), extent - 1] if pick < extent else list(range(extent))
        for pick, extent in zip(picks, memory.shape, strict=True)
    ]
    last = tuple(extent - 1 for extent in memory.shape)
    within = [one for one in wanted if is_within(memory, one)]
    return sorted({*itertools.islice(itertools.product(*sides), most), last, *within[:most]})


def _picks(shape: Index, most: int) -> list[int]:
    """How many indices of each dimension are drawn; their product is at most `most` where that can be."""
    if math.prod(shape) <= most:
        return list(shape)
    picks = [min(extent, MOST_ROWS) for extent in shape[:-1]] + [
        min(extent, MOST_IN_A_ROW) for extent in shape[-1:]
    ]
    product = math.prod(picks)
    while product > most:
        largest = max(picks)
        if largest == 1:
            break
        # The outermost of the largest first, so that whole rows stay to be seen.
        at = picks.index(largest)
        product = product // largest * (largest - 1)
        picks[at] = largest - 1
    return picks


def hidden_neighbours(memory: Memory, chosen: list[Index]) -> list[Index]:
    """The indices of elements that are not drawn, though one beside them in their row is."""
    known = set(chosen)
    beside = {(*index[:-1], index[-1] + step) for index in chosen if index for step in (-1, 1)}
    return sorted(index for index in beside - known if 0 <= index[-1] < memory.shape[-1])


def is_within(memory: Memory, index: Index) -> bool:
    """Whether there is an element of that index."""
    shape = memory.shape
    return len(index) == len(shape) and all(0 <= i < extent for i, extent in zip(index, shape, strict=True))


def label_of(memory: Memory, index: Index) -> str:
    """What is written into an element: its index, or its number where it has many dimensions."""
    if not index:
        return "()"
    if len(index) <= MOST_OF_A_LABEL:
        return ",".join(map(str, index))
    number = 0
    for i, extent in zip(index, memory.shape, strict=True):
        number = number * extent + i
    return f"#{number}"


def index_in_words(index: Index) -> str:
    """An index as people write it: (0, 1); of many dimensions the ends alone."""
    if len(index) == 1:
        return f"({index[0]})"
    if len(index) > 8:
        return f"({', '.join(map(str, index[:3]))}, …, {', '.join(map(str, index[-3:]))})"
    return str(index)
