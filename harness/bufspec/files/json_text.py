"""Which values does a JSON text hold, and where does it stop to be JSON?

Stricter than the standard library: no key twice, no NaN, no integer beyond 64 bits, bounded depth; and a
line of a record ends at a line feed and at nothing else.  Whatever is refused is refused with its place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import define

from bufspec.files.opened import MEGABYTE, read_chunks, text_from, too_large
from bufspec.files.problem import Problem, Refused, place_in

MOST_DEPTH = 64
MOST_LINE = 8 * MEGABYTE
MOST_RECORD = 64 * MEGABYTE
MOST_VALUES = 300_000
"""In one text: an empty list takes some thirty times the memory that it takes in JSON."""
LEAST, MOST = -(1 << 63), (1 << 64) - 1
DAMAGED = "the file was damaged, or changed by hand"


class _Odd(ValueError):
    """A value that JSON, or this reader, does not have; where it stands is found afterwards."""


def json_from_text(text: str, name: str, *, line: int = 1) -> Any:
    """The value of a text that begins on that line of the file `name`; raises Refused for any other text."""
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MOST_VALUES:
        raise Refused(Problem(name, line, 1, f"more than {MOST_VALUES:,} values", DAMAGED))
    try:
        if text.startswith("\ufeff"):
            raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
        value = _DECODER.decode(text)
        if opened > MOST_DEPTH:
            _refuse_deep(value)
    except json.JSONDecodeError as error:
        place = (error.lineno + line - 1, error.colno)
        raise Refused(Problem(name, *place, f"bad JSON: {error.msg}", DAMAGED)) from error
    except (_Odd, RecursionError) as error:
        reason = str(error) if isinstance(error, _Odd) else "nested too deeply"
        at_line, column = place_in(text, _where(text))
        raise Refused(Problem(name, at_line + line - 1, column, f"bad JSON: {reason}", DAMAGED)) from error
    return value


def object_from_text(text: str, name: str, *, line: int = 1) -> dict[str, Any]:
    """The same for a text that has to hold an object."""
    value = json_from_text(text, name, line=line)
    if not isinstance(value, dict):
        raise Refused(Problem(name, line, 1, "an object was expected here", DAMAGED))
    return value


def objects_of_lines(
    path: Path, name: str = "", *, follow: bool = True, most: int = MOST_RECORD
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a record, one a line, with the numbers of their lines; Refused at any other line."""
    name = name or str(path)
    for number, line in enumerate(_lines(path, name, follow, most), start=1):
        if line:
            yield number, object_from_line(line, name, number)
        else:
            raise Refused(Problem(name, number, 1, "an empty line", DAMAGED))


def object_from_line(line: bytes, name: str, number: int) -> dict[str, Any]:
    """The object of one line of a record."""
    try:
        return object_from_text(text_from(line, name), name, line=number)
    except Refused as refused:
        if refused.problem.line == number:
            raise
        place = (number, refused.problem.column)
        raise Refused(Problem(name, *place, refused.problem.message, refused.problem.hint)) from refused


def line_of(path: Path, number: int, *, most: int = MOST_RECORD) -> str:
    """The text of one line of a record; empty if there is none."""
    line = next(islice(_lines(path, str(path), follow=True, most=most), number - 1, None), b"")
    return text_from(line, str(path))


def _lines(path: Path, name: str, follow: bool, most: int) -> Iterator[bytes]:
    """The lines of a file, split at line feeds only; what a killed run left unfinished is one, too."""
    waiting = b""
    for chunk in read_chunks(path, most, name, follow=follow):
        *whole, last = chunk.split(b"\n")
        if whole:
            yield waiting + whole[0]
            yield from whole[1:]
            waiting = b""
        waiting += last
        if len(waiting) > MOST_LINE:
            raise too_large(name, MOST_LINE)
    if waiting:
        yield waiting


def _refuse_constant(text: str) -> Any:
    raise _Odd(f"{text} is not a number")


def _integer(text: str) -> int:
    if len(text) > 21 or not LEAST <= (number := int(text)) <= MOST:
        raise _Odd("an integer of more than 64 bits")
    return number


def _number(text: str) -> float:
    if math.isinf(number := float(text)):
        raise _Odd(f"{text[:40]} is not a number")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Odd("a key stands twice in an object")
    return found


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number, object_pairs_hook=_object
)


def _refuse_deep(value: Any) -> None:
    level = [value] if type(value) in (dict, list) else []
    for _ in range(MOST_DEPTH - 1):
        if not level:
            return
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) is dict or type(inner) is list
        ]
    if any(level):
        raise _Odd("nested too deeply")


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|[-+.\w]+|[{}\[\],]', re.DOTALL)
Where = tuple[str | int, ...]


def offset_of(text: str, where: Where) -> int:
    """The offset of the value at `where` in a JSON text, or of the nearest around it."""
    best, found = -1, 0
    for at, offset, _ in _values(text):
        if at == where:
            return offset
        if len(at) > best and at == where[: len(at)]:
            best, found = len(at), offset
    return found


def _where(text: str) -> int:
    """The offset of the first thing that json_from_text() refuses in a text that json.loads() would take."""
    for at, offset, token in _values(text):
        digits = token.removeprefix("-")
        is_large = digits.isdigit() and (len(token) > 21 or not LEAST <= int(token) <= MOST)
        is_odd = token in ("NaN", "Infinity", "-Infinity", TWICE) or _is_infinite(token)
        if len(at) > MOST_DEPTH or is_odd or is_large:
            return offset
    return 0


def _is_infinite(token: str) -> bool:
    with suppress(ValueError):
        return token[0] in "-0123456789" and math.isinf(float(token))
    return False


TWICE = "twice"
"""Stands for a key that its object has already; no token of JSON is spelt so."""


def _values(text: str) -> Iterator[tuple[Where, int, str]]:
    """Each value of a JSON text as a token, with its path and its offset, and each second key."""
    inside: list[_Inside] = []
    for match in _TOKEN.finditer(text):
        token, top = match[0], inside[-1] if inside else None
        if token in "}]":
            del inside[-1:]
        elif token == "," and top:
            top.step = None if top.keys is not None else int(top.step or 0) + 1
        elif top and top.keys is not None and top.step is None and token[0] == '"':
            top.step = json.loads(token, strict=False)
            if top.step in top.keys:
                yield tuple(one.step or 0 for one in inside), match.start(), TWICE
            top.keys.add(top.step)
        elif token != ",":
            yield tuple(one.step or 0 for one in inside), match.start(), token
            if token in "{[":
                inside.append(_Inside(None, set()) if token == "{" else _Inside(0))


@define
class _Inside:
    """An object or a list that is being read: the key or the number of the value that comes next."""

    step: str | int | None
    keys: set[Any] | None = None
