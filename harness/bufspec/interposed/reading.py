"""What is in a file of recorded requests?  Only what its format allows; others are refused with the place.

The format is described in docs/reference/recordings.md.  A process that died leaves a file that ends in
zeros: what stands before them is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from attrs import field, frozen

from bufspec.files.opened import read_chunks
from bufspec.files.problem import Problem, Refused

MAGIC, VERSION, PAGE = b"bufspecR", 1, 4096
MOST = 1 << 40
LONGEST_EVENT = 16384
MOST_AFTER = 2 << 20
"""What may follow the last event of a process that died: the recorder reserves less."""
MOST_TEXT, MOST_FRAMES, MOST_DIMENSIONS = 1024, 256, 64
DAMAGED = "the file was damaged: record the application again"
HEAD = struct.Struct("<8sII11Q")
ANSWER = struct.Struct("<iiiiqqHHBBBx")
WORD = 1 << 64

(EXCEPTION, TYPE, PLACE, STACK, ANSWERED, REQUEST) = range(1, 7)
(RELEASE, RELEASE_WITH_EXCEPTION, THREAD, LATE, MISSED, EXIT_BEGAN) = range(10, 16)
BUF, FORMAT, SHAPE, STRIDES, SUBOFFSETS, EXCEPTION_BEFORE, FORMAT_CUT = (1 << n for n in range(7))
ASKED = {FORMAT: 0x4, SHAPE: 0x8, STRIDES: 0x18, SUBOFFSETS: 0x118}
"""The flags that ask for each pointer."""
OWNERS = ("NULL", "exporter", "other object", "untouched")
STATES = ("running", "exit began", "ended")


@frozen
class Head:
    """What stands at the beginning of a file."""

    file: Path
    has_stacks: bool
    process: int
    number: int
    """Of this file among those of its process."""
    parent: tuple[int, int, int]
    """Process, number and size of the file that was written to before the fork; zeros if there was none."""
    runtime: int
    requests: int
    releases: int
    unrecorded: int
    state: str
    functions: int
    is_closed: bool
    """The process came to its end; otherwise it died, was killed, or became another program."""
    command: list[str]


@frozen
class Type:
    """The type of an exporter."""

    name: str
    shows_release: bool
    """Whether it has bf_releasebuffer: of other types a release is not seen."""


@frozen
class Place:
    """A place in the code of the application."""

    file: str
    function: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} ({self.function})"


@frozen
class Answer:
    """What a request left in the struct."""

    word: int
    status: int
    readonly: int = 0
    ndim: int = 0
    len: int = 0
    itemsize: int = 0
    exception: tuple[str, str] | None = None
    """The name of its type, and the kind that it is of."""
    owner: str = "NULL"
    has_buf: bool = False
    had_exception: bool = False
    format: bytes | None = None
    is_format_cut: bool = False
    arrays: dict[int, list[int] | None] = field(factory=dict)
    """shape, strides and suboffsets by their bits: None for one that cannot be read."""
    is_format_unreadable: bool = False
    is_unreadable: bool = False
    """Something that was asked for is there, and cannot be read."""


@frozen
class Request:
    """A request for a view, and what came of it."""

    type: int
    place: int
    answer: int
    object: int
    view: int
    memory: int
    owner: int
    """The object that owns the view, 0 if none does."""
    is_inside: bool
    """Made while another one was being answered."""
    has_inside: bool
    thread: int
    at: int
    """Where the event ends in the file."""


@frozen
class Release:
    """The release of a view."""

    type: int
    place: int
    owner: int
    view: int
    memory: int
    exceptions: int
    """1: one was set before, 2: after, 4: another one."""
    thread: int
    at: int


@frozen
class Note:
    """What the recorder says of itself: a type that was found late, or missed; the begin of the end."""

    kind: int
    type: str
    at: int


Event = Request | Release | Note


class Recording:
    """A file of recorded requests: its definitions, as far as it was read, and its events."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.types: list[Type] = [Type("(unknown type)", False)]
        self.places: list[Place] = []
        self.stacks: list[list[int]] = []
        self.exceptions: list[tuple[str, str]] = []
        self.answers: list[Answer] = []
        self._chunks = read_chunks(file, MOST)
        self._data = b""
        self._start = 0  # in the file, of self._data
        self._at = 0
        self._thread = 0
        self._last = [0, 0, 0]  # object, view, memory
        self.head = self._read_head()

    def frames(self, number: int) -> list[Place]:
        """The places of an event, the innermost first."""
        if not number:
            return []
        numbers = self.stacks[number - 1] if self.head.has_stacks else [number]
        return [self.places[one - 1] for one in numbers]

    def __iter__(self) -> Iterator[Event]:
        while True:
            if len(self._data) - self._at < 2 * LONGEST_EVENT:
                self._fill()
            if self._at >= len(self._data) or not (kind := self._data[self._at]):
                return self._refuse_rest()
            begin = self._at
            self._at += 1
            try:
                event = self._event(kind)
            except (IndexError, struct.error):
                self._at = begin
                self._refuse("half an event")
            if self._at > len(self._data):
                self._at = begin
                self._refuse("half an event")
            if event is not None:
                yield event

    def _event(self, kind: int) -> Event | None:
        if REQUEST <= kind < REQUEST + 4:
            return self._request(kind - REQUEST)
        if kind in (RELEASE, RELEASE_WITH_EXCEPTION):
            return self._release(kind)
        if kind == THREAD:
            self._thread = self._number()
        elif kind == TYPE:
            name = self._text()
            self.types.append(Type(name or "(unnamed type)", bool(self._byte())))
        elif kind == PLACE:
            self.places.append(Place(self._text(), self._text(), self._number()))
        elif kind == STACK:
            count = self._number(MOST_FRAMES)
            self.stacks.append([self._number(len(self.places), least=1) for _ in range(count)])
        elif kind == EXCEPTION:
            self.exceptions.append((self._text(), self._text()))
        elif kind == ANSWERED:
            self.answers.append(self._answer())
        elif kind in (LATE, MISSED):
            return Note(kind, self._text(), self._start + self._at)
        elif kind == EXIT_BEGAN:
            return Note(kind, "", self._start + self._at)
        else:
            self._refuse(f"no event is of kind {kind}")
        return None

    def _request(self, nested: int) -> Request:
        type_ = self._number(len(self.types) - 1)
        place = self._number(len(self.stacks if self.head.has_stacks else self.places))
        answer = self._number(len(self.answers), least=1)
        object_ = self._address(0)
        view, memory = self._address(1), self._address(2)
        given = self.answers[answer - 1]
        owner = object_ if given.owner == "exporter" else 0
        if given.owner == "other object" and not given.status:
            owner = self._address(0)
        inside, outside = bool(nested & 1), bool(nested & 2)
        at = self._start + self._at
        return Request(type_, place, answer, object_, view, memory, owner, inside, outside, self._thread, at)

    def _release(self, kind: int) -> Release:
        type_ = self._number(len(self.types) - 1)
        place = self._number(len(self.stacks if self.head.has_stacks else self.places))
        owner, view, memory = (self._address(n) for n in range(3))
        exceptions = self._byte() if kind == RELEASE_WITH_EXCEPTION else 0
        return Release(type_, place, owner, view, memory, exceptions, self._thread, self._start + self._at)

    def _answer(self) -> Answer:
        size = self._number(LONGEST_EVENT, least=ANSWER.size)
        end = self._at + size
        if end > len(self._data):
            self._refuse("half an answer")
        fields = ANSWER.unpack_from(self._data, self._at)
        word, status, readonly, ndim, len_, itemsize, exception, format_size, set_, owner, read = fields
        self._at += ANSWER.size
        if owner >= len(OWNERS) or exception > len(self.exceptions) or read & ~set_:
            self._refuse("an answer that cannot be")
        dimensions = ndim if 0 <= ndim <= MOST_DIMENSIONS else 0
        arrays: dict[int, list[int] | None] = {}
        for bit in (SHAPE, STRIDES, SUBOFFSETS):
            if read & bit:
                arrays[bit] = self._integers(dimensions)
        format_ = self._bytes(format_size) if read & FORMAT else None
        if self._at != end:
            self._refuse("an answer of another size than it says")
        for bit in (SHAPE, STRIDES, SUBOFFSETS):
            if set_ & ~read & bit:
                arrays[bit] = self._integers(dimensions) if self._byte() else None
        is_format_unreadable = False
        if set_ & ~read & FORMAT:
            is_format_unreadable = not self._byte()
            format_ = None if is_format_unreadable else self._bytes(self._number(MOST_TEXT))
        return Answer(
            word,
            status,
            readonly,
            ndim,
            len_,
            itemsize,
            self.exceptions[exception - 1] if exception else None,
            OWNERS[owner],
            bool(set_ & BUF),
            bool(set_ & EXCEPTION_BEFORE),
            format_,
            bool(set_ & FORMAT_CUT),
            arrays,
            is_format_unreadable,
            0 <= ndim <= MOST_DIMENSIONS
            and any(set_ & ~read & bit and word & flags == flags for bit, flags in ASKED.items()),
        )

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

    def _address(self, which: int) -> int:
        coded = self._number()
        self._last[which] = (self._last[which] + ((coded >> 1) ^ -(coded & 1))) % WORD
        return self._last[which]

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

    def _read_head(self) -> Head:
        self._fill()
        if len(self._data) < PAGE or self._data[:8] != MAGIC:
            self._refuse("not a file of recorded requests")
        fields = HEAD.unpack_from(self._data)
        if fields[1] != VERSION:
            self._refuse(f"a recording of version {fields[1]}; this bufspec reads version {VERSION}")
        state = fields[11]
        if state >= len(STATES):
            self._refuse("a state that cannot be")
        self._at = PAGE
        text = self._data[HEAD.size : PAGE].rstrip(b"\0")
        number = self.file.name.split(".")[1] if self.file.name.count(".") >= 2 else ""
        return Head(
            file=self.file,
            has_stacks=bool(fields[2]),
            process=fields[3],
            number=int(number) if number.isdecimal() and len(number) < 10 else 0,
            parent=fields[4:7],
            runtime=fields[7],
            requests=fields[8],
            releases=fields[9],
            unrecorded=fields[10],
            state=STATES[state],
            functions=fields[12],
            is_closed=bool(fields[13]),
            command=[one.decode("utf-8", "replace") for one in text.split(b"\0")] if text else [],
        )

    def _fill(self) -> None:
        pieces = [self._data[self._at :]]
        self._start += self._at
        self._at = 0
        size = len(pieces[0])
        while size < 8 * LONGEST_EVENT and (chunk := next(self._chunks, b"")):
            pieces.append(chunk)
            size += len(chunk)
        self._data = b"".join(pieces)

    def _refuse_rest(self) -> None:
        """After the last event nothing but zeros follows, or what a process that died had begun to write."""
        if not self.head.is_closed:
            self._at += LONGEST_EVENT
        end = self._start + self._at + MOST_AFTER
        while self._at < len(self._data):
            if self._start + len(self._data) > end:
                self._refuse("zeros without end")
            if any(self._data[self._at :]):
                self._refuse("something follows the last event")
            self._at = len(self._data)
            self._fill()

    def _refuse(self, what: str) -> NoReturn:
        message = f"byte {self._start + self._at}: {what}"
        raise Refused(Problem(str(self.file), 1, self._start + self._at + 1, message, DAMAGED))
