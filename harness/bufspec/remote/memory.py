"""Where do the elements of a view lie that a peer described, and which of them are not what they must be?

The same questions as suites/engine/exporter/answered.cpp asks of memory that can be read from here; a peer
sends the bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attrs import frozen

View = dict[str, Any]
SHOWN_BYTES = 64
"""So many bytes of a wrong element are kept."""


@frozen
class Seen:
    """An answer's memory: its view, the number of its first byte and its elements, None if not seen."""

    view: View
    address: int | None
    data: bytes | None

    @property
    def shape(self) -> list[int] | None:
        """The extents, where they are there and make sense."""
        shape = self.view["shape"]
        fits = isinstance(shape, list) and len(shape) == self.view["ndim"] and min(shape, default=0) >= 0
        return shape if fits else None

    @property
    def itemsize(self) -> int:
        """Bytes of an element; 1 where the view has no use of it."""
        return int(self.view["itemsize"]) if self.view["itemsize"] > 0 else 1

    @property
    def is_c_contiguous(self) -> bool:
        """Whether the elements lie in C order, as far as the view says."""
        strides, shape = self.view["strides"], self.shape
        if isinstance(self.view["suboffsets"], list) and max(self.view["suboffsets"], default=-1) >= 0:
            return False
        if not isinstance(strides, list) or shape is None or len(strides) != len(shape) or 0 in shape:
            return True
        step = self.itemsize
        for extent, stride in zip(reversed(shape), reversed(strides), strict=True):
            if extent != 1 and stride != step:
                return False
            step *= extent
        return True

    @property
    def stretch(self) -> tuple[int, int] | None:
        """The numbers of the first byte of an element and of the one after the last; None where unknown."""
        shape = self.shape
        if self.address is None or isinstance(self.view["suboffsets"], list):
            return None
        if shape is None or not isinstance(self.view["strides"], list):
            return (self.address, self.address + self.view["len"]) if self.view["len"] > 0 else None
        strides = self.view["strides"]
        if len(strides) != len(shape) or math.prod(shape) == 0:
            return None
        reach = [(extent - 1) * stride for extent, stride in zip(shape, strides, strict=True)]
        low, high = sum(min(one, 0) for one in reach), sum(max(one, 0) for one in reach)
        return self.address + low, self.address + high + self.itemsize

    def shows_in_order(self, richest: Seen | None) -> bool:
        """Whether `data` is in the order of the indices: without a shape it is, where the memory is."""
        has_order = isinstance(self.view["shape"], list) or self.view["ndim"] == 0
        return has_order or richest is None or richest.is_c_contiguous


def block_of(seen: Seen, richest: Seen) -> str:
    """Whether the memory is that of the richest answer, even in part."""
    one, other = seen.stretch, richest.stretch
    if one is None or other is None:
        return "unknown"
    return "same" if one[0] < other[1] and other[0] < one[1] else "other"


def is_of_one_element(seen: Seen) -> bool:
    """Whether all elements, of which there is more than one, are alike."""
    data, size = seen.data or b"", seen.itemsize
    return len(data) > size and data[size:] == data[:-size]


def compared(found: bytes | None, owed: bytes | None) -> str:
    """What a trace says of elements that are compared."""
    if found is None or owed is None:
        return "not_compared"
    return "same" if found == owed else "different"


def first_wrong(seen: Seen, richest: Seen | None, owed: bytes) -> dict[str, Any]:
    """The first element that is not the one in `owed`."""
    found = seen.data or b""
    shorter = min(len(found), len(owed))
    at = next((i for i in range(shorter) if found[i] != owed[i]), shorter)
    shown = richest if richest and seen.shape is None and richest.shape is not None else seen
    size = shown.itemsize if shown.shape is not None else 1
    number = at // size
    piece = slice(number * size, number * size + min(size, SHOWN_BYTES))
    return {
        "index": index_of(number, shown.shape),
        "owed": text_of_bytes(owed[piece]),
        "found": text_of_bytes(found[piece]),
    }


def index_of(number: int, shape: Sequence[int] | None) -> list[int]:
    """The index of an element by its number in C order."""
    if shape is None:
        return [number]
    index = []
    for extent in reversed(shape):
        index.append(number % max(extent, 1))
        number //= max(extent, 1)
    return index[::-1]


def text_of_bytes(data: bytes) -> str:
    """Bytes as the neutral encoding spells them."""
    return data.decode("utf-8", "surrogateescape")
