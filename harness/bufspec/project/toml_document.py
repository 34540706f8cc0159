"""Which value stands at which line and column of a TOML file?

tomllib reads the values, and refuses what is no TOML; it keeps no places, so a scanner of the same text,
which it has let pass, finds those.  Gives the Document that a YAML file has, so that one schema check serves
both.  Files are treated as hostile: size, nesting and the parts of a key are bounded.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from bufspec.files.problem import Problem, Refused, place_in
from bufspec.spec.positions import MAX_DEPTH, At, Document, Place

MOST_WORK = 4_000_000
"""Of the squares of the dots in each line, summed up: tomllib takes the square of the parts of a key."""

_NOTHING = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"\d{4}-\d\d-\d\d[ ]\d\d:[0-9:.+Zz-]*|[^\s,\]}#]+")


def document_from_toml(text: str, file: str, inside: At = ()) -> Document | None:
    """The table at `inside` of a TOML text, with the place of every value and key; None if there is none.

    Raises Refused, with the place, for what is no TOML.
    """
    _refuse_long_keys(text, file)
    try:
        tree: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(
            Problem(file, *_place_of(error, text), f"bad TOML: {_reason_of(error)}", _HINT)
        ) from error
    except RecursionError as error:
        raise Refused(Problem(file, 1, 1, "bad TOML: nested too deeply", _HINT)) from error
    except ValueError as error:  # a number of thousands of digits
        raise Refused(Problem(file, 1, 1, f"bad TOML: {error}", _HINT)) from error
    for step in inside:
        if not isinstance(tree, Mapping) or step not in tree:
            return None
        tree = tree[step]
    values, keys = _Scanner(text, file).places()
    return Document(file, tree, _within(values, inside), _within(keys, inside))


def _refuse_long_keys(text: str, file: str) -> None:
    dots = [line.count(".") for line in text.split("\n")]
    if sum(one * one for one in dots) > MOST_WORK:
        line = dots.index(max(dots)) + 1
        raise Refused(Problem(file, line, 1, "the keys have too many parts", "a key has a few dots at most"))


_HINT = "look at brackets, quotes and equals signs"
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _reason_of(error: tomllib.TOMLDecodeError) -> str:
    return _AT.sub("", str(error))


def _place_of(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, int]:
    found = _AT.search(str(error))
    if found is None:
        return 1, 1
    return (int(found[1]), int(found[2])) if found[1] else place_in(text, len(text))


def _within(places: dict[At, Place], inside: At) -> dict[At, Place]:
    return {at[len(inside) :]: place for at, place in places.items() if at[: len(inside)] == inside}


class _Scanner:
    """Goes through a text that is known to be TOML and notes where each key and each value begins."""

    def __init__(self, text: str, file: str) -> None:
        # tomllib reads \r\n as \n; the places stay those of the file, as \r stands at the end of a line.
        self.text = text
        self.file = file
        self.at = 0
        self.line, self.line_start, self.counted = 1, 0, 0
        self.values: dict[At, Place] = {}
        self.keys: dict[At, Place] = {}
        self.tables: dict[At, int] = {}

    def places(self) -> tuple[dict[At, Place], dict[At, Place]]:
        """The places of the values and of the keys, by path."""
        table: At = ()
        while self.skip(_NOTHING) < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
        return self.values, self.keys

    def header(self) -> At:
        """[name] or [[name]]: the path that what follows is in."""
        start, is_list = self.here(), self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        path: At = ()
        parts = self.dotted()
        for number, (key, place) in enumerate(parts, start=1):
            path = (*path, key)
            self.keys.setdefault(path, place)
            self.values.setdefault(path, start)
            if path in self.tables and not (is_list and number == len(parts)):
                path = (*path, self.tables[path])
        if is_list:
            self.tables[path] = self.tables.get(path, -1) + 1
            path = (*path, self.tables[path])
            self.values[path] = start
        self.at += 2 if is_list else 1
        return path

    def pair(self, table: At) -> None:
        """key = value"""
        path = table
        for key, place in self.dotted():
            path = (*path, key)
            self.keys.setdefault(path, place)
            self.values.setdefault(path, place)
        self.at += 1  # the equals sign
        self.skip(_BLANKS)
        self.value(path)

    def dotted(self) -> list[tuple[str, Place]]:
        """The parts of a key, up to what ends it."""
        parts: list[tuple[str, Place]] = []
        while True:
            self.skip(_BLANKS)
            place = self.here()
            if found := _BARE_KEY.match(self.text, self.at):
                key = found[0]
            else:
                found = self.match(_TEXT)
                key = tomllib.loads(f"key = {found[0]}")["key"]
            self.at = found.end()
            parts.append((key, place))
            self.skip(_BLANKS)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: At) -> None:
        """A value, with those inside it."""
        if len(path) > MAX_DEPTH:
            place = self.here()
            raise Refused(Problem(self.file, place.line, place.column, "nested too deeply", "fewer levels"))
        self.values[path] = self.here()
        if self.text.startswith("[", self.at):
            self.at += 1
            number = 0
            while self.next_inside("]"):
                self.value((*path, number))
                number += 1
        elif self.text.startswith("{", self.at):
            self.at += 1
            while self.next_inside("}"):
                self.pair(path)
        else:
            self.at = (_TEXT.match(self.text, self.at) or self.match(_BARE_VALUE)).end()

    def next_inside(self, end: str) -> bool:
        """Whether another value comes before `end`, which is passed if not."""
        self.skip(_NOTHING)
        if self.text.startswith(",", self.at):
            self.at += 1
            self.skip(_NOTHING)
        if not self.text.startswith(end, self.at):
            return True
        self.at += 1
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        assert found, f"tomllib let pass what stands at {self.at}"
        return found

    def skip(self, pattern: re.Pattern[str]) -> int:
        self.at = self.match(pattern).end()
        return self.at

    def here(self) -> Place:
        """The line and the column, counted on from where they were asked for last."""
        breaks = self.text.count("\n", self.counted, self.at)
        if breaks:
            self.line += breaks
            self.line_start = self.text.rfind("\n", 0, self.at) + 1
        self.counted = self.at
        return Place(self.line, self.at - self.line_start + 1)
