"""What memory is a declared exporter asked to build?"""

from __future__ import annotations

import math

from attrs import frozen


@frozen
class Layout:
    """The memory that `build` is asked for: it makes an object that exports exactly this, or NotImplemented.

    Sizes are bytes.  Element (i, j, ...) begins at `offset + i * strides[0] + j * strides[1] + ...`; where
    `strides` is None the elements lie in C order.  `memory` is the whole block, from its first byte on, with
    every element at its place and whatever lies between; an object built from a copy of it exports right.
    """

    format: str
    """In the syntax of the struct module, or what PEP 3118 adds to it."""
    itemsize: int
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    suboffsets: tuple[int, ...] | None
    """None unless pointers are followed.  Then there is no one block: `memory` is empty and `offset` 0, the
    strides of an indirect dimension step over pointers, and `elements` alone says what is to be seen."""
    offset: int
    """From the start of the block to the element with all indices 0."""
    readonly: bool
    memory: bytes
    elements: bytes
    """The elements in C order, `size * itemsize` bytes: what a consumer must see."""

    @property
    def ndim(self) -> int:
        """The number of dimensions; 0 is a single element."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def c_strides(self) -> tuple[int, ...]:
        """The strides that elements in C order have, whether or not this layout's are these."""
        return tuple(math.prod(self.shape[i + 1 :], start=self.itemsize) for i in range(len(self.shape)))

    @property
    def is_c_contiguous(self) -> bool:
        """Whether `elements` lie in one piece from `offset` on.

        The stride of an extent of 1 is never followed, and memory without elements is contiguous.
        """
        if self.suboffsets is not None:
            return False
        if self.strides is None or not self.size:
            return True
        pairs = zip(self.shape, self.strides, self.c_strides, strict=True)
        return all(extent == 1 or stride == wanted for extent, stride, wanted in pairs)
