"""What is marked in a picture: an element, or some bytes, and the text that says why."""

from __future__ import annotations

from attrs import frozen
from bufspec.reports.pictures.memory import Index


@frozen
class Mark:
    """A text at one element, or at `count` bytes from `byte` on; the text says what colour alone must not.

    Bytes count as those of the memory do: from the first byte of the block, or from buf where the block is
    not known.  With neither, the text stands under the picture.
    """

    text: str
    index: Index | None = None
    byte: int | None = None
    count: int = 1
