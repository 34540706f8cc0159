"""What is in a file of recorded requests?  Only what its format allows; others are refused with the place.

The format is described in docs/reference/recordings.md.  A process that died leaves a file that ends in
zeros: what stands before them is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from bufspec.interposed.cursor import LONGEST_EVENT, MOST_TEXT, WORD, Cursor
from bufspec.interposed.events import (
    AGAIN,
    ANSWERED,
    ASKED,
    BUF,
    EXCEPTION,
    EXCEPTION_BEFORE,
    EXIT_BEGAN,
    FIRST_OF_RUN,
    FORMAT,
    FORMAT_CUT,
    KEPT,
    LATE,
    MISSED,
    OWNERS,
    PLACE,
    RELEASE,
    RELEASE_WITH_EXCEPTION,
    REQUEST,
    SHAPE,
    STACK,
    STATES,
    STRIDES,
    SUBOFFSETS,
    THREAD,
    TYPE,
    Answer,
    Event,
    Head,
    Note,
    Place,
    Release,
    Request,
    Type,
)

MAGIC, VERSION, PAGE = b"bufspecR", 2, 4096
MOST_AFTER = 2 << 20
"""What may follow the last event of a process that died: the recorder reserves less."""
MOST_FRAMES, MOST_DIMENSIONS, MOST_SLOTS = 256, 64, 4096
HEAD = struct.Struct("<8sII11Q")
ANSWER = struct.Struct("<iiiiqqHHBBBx")
CALLS = (*range(REQUEST, REQUEST + 4), RELEASE, RELEASE_WITH_EXCEPTION)
"""The kinds of requests and releases."""


class Recording(Cursor):
    """A file of recorded requests: its definitions, as far as it was read, and its events."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.types: list[Type] = [Type("(unknown type)", False)]
        self.places: list[Place] = []
        self.stacks: list[list[int]] = []
        self.exceptions: list[tuple[str, str]] = []
        self.answers: list[Answer] = []
        self._thread = 0
        self._last = [0, 0, 0]  # object, view, memory
        self._slots: dict[int, Request | Release] = {}
        self._next: dict[int, int] = {}  # the slot whose event came last time after that of a slot
        self._repeated = 0
        self._slot: int | None = None  # of the last event that has one
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
            if kind >= FIRST_OF_RUN:
                yield from self._run(kind - FIRST_OF_RUN + 1)
                continue
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
        if kind in CALLS:
            return self._call(kind)
        if kind == KEPT:
            return self._keep()
        if kind == AGAIN:
            return self._come_to(self._number(MOST_SLOTS - 1))
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

    def _keep(self) -> Request | Release:
        """An event that is kept from now on, instead of the one that its slot had."""
        slot, kind = self._number(MOST_SLOTS - 1), self._byte()
        if kind not in CALLS:
            self._refuse(f"no event of kind {kind} is kept")
        self._slots[slot] = self._call(kind)
        self._next.pop(slot, None)
        return self._come_to(slot)

    def _come_to(self, slot: int) -> Request | Release:
        if slot not in self._slots:
            self._refuse(f"no event is in slot {slot}")
        if self._slot is not None:
            self._next[self._slot] = slot
        self._slot = slot
        return self._now(slot)

    def _run(self, count: int) -> Iterator[Request | Release]:
        """Events that came as expected, no more than were counted: a byte stands for up to 128."""
        self._repeated += count
        if self._repeated > self.head.requests + self.head.releases:
            self._refuse("more events than the head counts")
        for _ in range(count):
            yield self._expected()

    def _expected(self) -> Request | Release:
        """The event that came last time after the last one."""
        following = None if self._slot is None else self._next.get(self._slot)
        if following is None:
            self._refuse("an event as expected, where none is expected")
        self._slot = following
        return self._now(following)

    def _now(self, slot: int) -> Request | Release:
        """The event of a slot, as it comes here."""
        it, at = self._slots[slot], self._start + self._at
        if isinstance(it, Request):
            fields = (it.type, it.place, it.answer, it.object, it.view, it.memory, it.owner)
            return Request(*fields, it.is_inside, it.has_inside, self._thread, at)
        return Release(it.type, it.place, it.owner, it.view, it.memory, it.exceptions, self._thread, at)

    def _call(self, kind: int) -> Request | Release:
        return self._request(kind - REQUEST) if kind < RELEASE else self._release(kind)

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

    def _address(self, which: int) -> int:
        coded = self._number()
        self._last[which] = (self._last[which] + ((coded >> 1) ^ -(coded & 1))) % WORD
        return self._last[which]

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
