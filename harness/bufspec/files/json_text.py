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

import jiter
from attrs import define

from bufspec.files.opened import MEGABYTE, read_chunks, text_from, too_large
from bufspec.files.problem import Problem, Refused, place_in
from bufspec.files.unchanged import Contents, changed

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
    path: Path,
    name: str = "",
    *,
    follow: bool = True,
    most: int = MOST_RECORD,
    contents: Contents | None = None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a record, one a line, with the numbers of their lines; Refused at any other line.

    `contents` becomes what the file held, for objects_again().
    """
    name = name or str(path)
    pieces = read_chunks(path, most, name, follow=follow)
    for number, line in enumerate(_lines(contents.noted(pieces) if contents else pieces, name), start=1):
        if line:
            yield number, object_from_line(line, name, number)
        else:
            raise Refused(Problem(name, number, 1, "an empty line", DAMAGED))


def objects_again(
    path: Path, contents: Contents, count: int, *, follow: bool = True, most: int = MOST_RECORD
) -> Iterator[dict[str, Any]]:
    """The first `count` objects of a record that objects_of_lines() went through, in a third of the time.

    Raises Refused if the file is no longer what it was: so whatever was checked then still holds.
    """
    name = str(path)
    number = 0
    pieces = read_chunks(path, most, name, follow=follow)
    for number, line in enumerate(islice(_lines(contents.again(pieces, name), name), count), start=1):
        try:
            yield jiter.from_json(line)
        except ValueError:  # a lone surrogate, which Python's own reader takes
            yield object_from_line(line, name, number)
    if number < count:
        raise changed(name, number + 1)


def object_from_line(line: bytes, name: str, number: int) -> dict[str, Any]:
    """The object of one line of a record."""
    found = _at_first_sight(line)
    if found is not None:
        return found
    try:
        return object_from_text(text_from(line, name), name, line=number)
    except Refused as refused:
        if refused.problem.line == number:
            raise
        place = (number, refused.problem.column)
        raise Refused(Problem(name, *place, refused.problem.message, refused.problem.hint)) from refused


def _at_first_sight(line: bytes) -> dict[str, Any] | None:
    """The object of a line that is clearly right; None for any other line, which has to be looked at again.

    In a third of the time.  It may ask for a second look where none is needed, and never takes what
    json_from_text() would refuse.
    """
    if line.count(b"[") + line.count(b"{") > MOST_DEPTH or len(line) > MOST_VALUES:
        return None
    shape = line.translate(_DIGITS_ALIKE, b"+")
    if _LONG_INTEGER in shape or _LONG_EXPONENT in shape:
        return None
    try:
        value = jiter.from_json(line, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


_DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_INTEGER = b"0" * 19
"""Fewer digits always fit into 64 bits."""
_LONG_EXPONENT = b"0e000"
"""A number of few digits is infinite only with an exponent of three or more."""


def line_of(path: Path, number: int, *, most: int = MOST_RECORD) -> str:
    """The text of one line of a record; empty if there is none."""
    line = next(islice(_lines(read_chunks(path, most), str(path)), number - 1, None), b"")
    return text_from(line, str(path))


def _lines(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The lines of a file, split at line feeds only; what a killed run left unfinished is one, too."""
    waiting = b""
    for piece in pieces:
        *whole, last = piece.split(b"\n")
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
