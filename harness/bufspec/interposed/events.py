"""What does a recording consist of?  Definitions, and events that refer to them by their numbers."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

(EXCEPTION, TYPE, PLACE, STACK, ANSWERED, REQUEST) = range(1, 7)
(RELEASE, RELEASE_WITH_EXCEPTION, THREAD, LATE, MISSED, EXIT_BEGAN, KEPT, AGAIN) = range(10, 18)
FIRST_OF_RUN = 128
"""This kind and each after it is a number of events that came as expected."""
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
