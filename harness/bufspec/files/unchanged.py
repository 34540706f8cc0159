"""Is a file that is read a second time still what it was, so that nothing in it need be checked again?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from attrs import define, field

from bufspec.files.problem import Problem, Refused


@define
class Contents:
    """What a file held when it was read: the length and the digest of each piece.  32 bytes for 256 KiB."""

    _pieces: list[tuple[int, bytes]] = field(factory=list)

    def noted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """These pieces of the file, each noted on its way."""
        for piece in pieces:
            self._pieces.append((len(piece), _digest(piece)))
            yield piece

    def again(self, pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
        """The pieces of a second reading; raises Refused, with the line, where one is not as it was noted.

        What was appended since is left out; a file that has become shorter ends early.
        """
        line = 1
        for (length, digest), piece in zip(self._pieces, pieces, strict=False):
            same = piece[:length]
            if _digest(same) != digest:
                raise changed(name, line)
            yield same
            line += same.count(b"\n")


def changed(name: str, line: int) -> Refused:
    """What a file is refused with that is no longer what it was."""
    return Refused(Problem(name, line, 1, "the record changed while it was read", "read it when it is whole"))


def _digest(piece: bytes) -> bytes:
    return hashlib.blake2b(piece, digest_size=16).digest()
