"""Which memory was a failed case about?  What the worker wrote of it, as a record keeps it for a picture.

A subject may have written there, too: what does not fit is left out, and nothing is judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bufspec.files.json_text import object_from_text
from bufspec.files.problem import Refused

MOST_DIMENSIONS = 64
LEAST, MOST = -(1 << 63), (1 << 63) - 1
ABSENT = ("NULL", "untouched", "unreadable")
"""What stands in the place of an array that is none."""
LONGEST_FORMAT = 1023
NUMBERS = ("len", "itemsize", "readonly", "ndim")
ARRAYS = ("shape", "strides", "suboffsets")


class _Misfit(ValueError):
    """A value that no memory has."""


def case_memory(text: str | None) -> dict[str, Any] | None:
    """The memory that a text of the engine describes; None if there is none, or it makes no sense."""
    with suppress(Refused):
        return None if text is None else memory_from_values(object_from_text(text, "journal"))
    return None


def memory_from_values(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same from values, without what differs from run to run.

    `layout` is what it was made from, `view` the struct that described it, `wrong` the index of the first
    wrong element, `right_from` how many bytes from buf all elements would be right.
    """
    with suppress(_Misfit, KeyError, TypeError):
        made: dict[str, Any] = {}
        if "layout" in said:
            made["layout"] = _layout(said["layout"])
        if "view" in said:
            made["view"] = _view(said["view"])
        if "wrong" in said:
            made["wrong"] = _numbers(said["wrong"])
        if "right_from" in said:
            made["right_from"] = _number(said["right_from"])
        return made or None
    return None


def _layout(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": _text(said["format"]),
        "itemsize": _number(said["itemsize"]),
        "shape": _numbers(said["shape"]),
        **{name: None if said[name] is None else _numbers(said[name]) for name in ARRAYS[1:]},
        "offset": _number(said["offset"]),
        "block": _number(said["block"]),
        "readonly": said["readonly"] is True,
    }


def _view(said: Mapping[str, Any]) -> dict[str, Any]:
    """The struct without its addresses; the format is None where it is no text."""
    known = said["format"] == "set" and said["format_terminated"] is True
    return {
        **{name: _number(said[name]) for name in NUMBERS},
        "format": _text(said["format_text"]) if known else None,
        **{name: _array(said[name]) for name in ARRAYS},
    }


def _array(value: object) -> list[int] | str:
    return value if isinstance(value, str) and value in ABSENT else _numbers(value)


def _number(value: object) -> int:
    if type(value) is not int or not LEAST <= value <= MOST:
        raise _Misfit
    return value


def _numbers(value: object) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_DIMENSIONS:
        raise _Misfit
    return [_number(one) for one in value]


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_FORMAT:
        raise _Misfit
    return value
