"""How far has a recording been read?  Numbers, texts and bytes, each in the bounds that its format allows."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NoReturn

from bufspec.files.opened import read_chunks
from bufspec.files.problem import Problem, Refused

MOST = 1 << 40
LONGEST_EVENT = 16384
MOST_TEXT = 1024
WORD = 1 << 64
DAMAGED = "the file was damaged: record the application again"


class Cursor:
    """A file of recorded requests, read from its beginning."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._chunks = read_chunks(file, MOST)
        self._data = b""
        self._start = 0  # in the file, of self._data
        self._at = 0

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _number(self, most: int = WORD - 1, least: int = 0) -> int:
        data, at = self._data, self._at
        byte = data[at]
        at += 1
        number, shift = byte & 0x7F, 7
        while byte & 0x80:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if shift > 70:
                self._refuse("a number of more than 64 bits")
        self._at = at
        if not least <= number <= most:
            self._refuse(f"{number} where {least} to {most} was expected")
        return number

    def _bytes(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            self._refuse("half a text")
        self._at += size
        return found

    def _text(self) -> str:
        return self._bytes(self._number(MOST_TEXT)).decode("utf-8", "replace")

    def _integers(self, count: int) -> list[int]:
        return list(struct.unpack(f"<{count}q", self._bytes(8 * count)))

    def _fill(self) -> None:
        pieces = [self._data[self._at :]]
        self._start += self._at
        self._at = 0
        size = len(pieces[0])
        while size < 8 * LONGEST_EVENT and (chunk := next(self._chunks, b"")):
            pieces.append(chunk)
            size += len(chunk)
        self._data = b"".join(pieces)

    def _refuse(self, what: str) -> NoReturn:
        message = f"byte {self._start + self._at}: {what}"
        raise Refused(Problem(str(self.file), 1, self._start + self._at + 1, message, DAMAGED))
