"""Which value stands at which line and column of a YAML file.

Reads one file into plain values and a side map from path to position, and refuses what YAML lets pass:
duplicate keys, anchors, aliases, tags, merge keys, several documents, and plain words that YAML 1.1 turns
into something else (yes, 010, =). Files are treated as hostile: size, nesting, values and integers are
bounded. Knows nothing of the meaning of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from attrs import field, frozen

from bufspec.files.opened import read_present
from bufspec.files.problem import Problem, Refused, place_in

Step = str | int
At = tuple[Step, ...]
Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

MAX_BYTES = 500_000
MAX_DEPTH = 24
MAX_NODES = 50_000

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,40})|0x[0-9a-fA-F]{1,40}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_RESOLVER = yaml.resolver.Resolver()
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Place:
    """A line and a column, counted from 1."""

    line: int
    column: int


@frozen
class Document:
    """One file as plain values, with the place of every value and key and the set of unquoted scalars."""

    file: str
    value: Plain
    values: dict[At, Place] = field(factory=dict)
    keys: dict[At, Place] = field(factory=dict)
    unquoted: set[At] = field(factory=set)

    def place(self, at: At) -> Place:
        """The place of the value at `at`, or of the nearest enclosing value that has one."""
        while at not in self.values and at:
            at = at[:-1]
        return self.values.get(at, Place(1, 1))

    def problem(self, at: At, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem with the value at `at`, or with its key."""
        place = self.keys[at] if key and at in self.keys else self.place(at)
        return Problem(self.file, place.line, place.column, message, hint)


def document_from_text(text: str, file: str) -> Document:
    """The document that `text` holds, whose problems are reported under the name `file`.

    Raises Refused with the first problem.
    """
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad:
        line, column = place_in(text, bad.start())
        raise Refused(
            Problem(
                file,
                line,
                column,
                f"character U+{ord(bad.group()):04X} is not allowed in YAML",
                "remove it, or spell it as an escape in a quoted text",
            )
        )
    try:
        return _Reader(file, text).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"bad YAML: {error.problem or error.context}"
        raise Refused(
            Problem(file, line, column, message, "look at brackets, quotes and indentation")
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Refused(Problem(file, 1, 1, f"bad YAML: {error}"[:300])) from error


def read_table(path: Path, file: str) -> str:
    """The text of a table, which must be there, be a file of at most MAX_BYTES, and be UTF-8."""
    return read_present(path, MAX_BYTES, file)


def _place_of(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


class _Reader:
    """Builds a document from parser events, so that anchors are seen before anything is expanded."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_LOADER))
        self.document = Document(file, None)
        self.nodes = 0

    def read(self) -> Document:
        event = self.next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            raise Refused(Problem(self.file, 1, 1, "the file is empty", "write the table"))
        value = self.build(event, ())
        while not isinstance(event, yaml.StreamEndEvent):
            event = self.next()
            if isinstance(event, yaml.DocumentStartEvent):
                raise self.refuse(event, "a second document in one file", "one table a file")
        return Document(self.file, value, self.document.values, self.document.keys, self.document.unquoted)

    def next(self) -> yaml.Event:
        return next(self.events)

    def refuse(self, event: yaml.Event, message: str, hint: str = "") -> Refused:
        place = _place_of(event)
        return Refused(Problem(self.file, place.line, place.column, message, hint))

    def build(self, event: yaml.Event, at: At) -> Plain:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(at) > MAX_DEPTH:
            raise self.refuse(event, "nested too deeply or too many values", "split the file")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.refuse(event, "anchors and aliases are not allowed", "write the value out")
        if getattr(event, "tag", None):
            raise self.refuse(event, "tags are not allowed", "leave the !tag out")
        self.document.values[at] = _place_of(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(at)
        return self.mapping(at)

    def sequence(self, at: At) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            items.append(self.build(event, (*at, len(items))))
        return items

    def mapping(self, at: At) -> dict[str, Plain]:
        entries: dict[str, Plain] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.refuse(event, "a key must be a word", "quote it")
            key = event.value if event.style else self.plain(event)
            if not isinstance(key, str):
                raise self.refuse(event, f"key {event.value} is not a text", f'write "{event.value}"')
            if key in entries:
                first = self.document.keys[(*at, key)]
                raise self.refuse(event, f'duplicate key "{key}"', f"it stands first at line {first.line}")
            self.document.keys[(*at, key)] = _place_of(event)
            entries[key] = self.build(self.next(), (*at, key))
        return entries

    def scalar(self, event: yaml.ScalarEvent, at: At) -> Plain:
        if event.style:
            return str(event.value)
        self.document.unquoted.add(at)
        return self.plain(event)

    def plain(self, event: yaml.ScalarEvent) -> Plain:
        """The value of an unquoted scalar: only what looks the same to every reader."""
        text = str(event.value)
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            number = int(text, 16) if text.startswith("0x") else int(text)
            if not -(2**63) <= number < 2**64:
                raise self.refuse(event, f"integer {text} does not fit 64 bits", "quote it if it is a text")
            return number
        tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        if tag != "tag:yaml.org,2002:str":
            shown = text[:40] or "(nothing)"
            raise self.refuse(
                event, f"unquoted {shown} is not read as a text by YAML", f'write "{text[:40]}"'
            )
        return text
