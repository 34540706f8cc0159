"""How is a value of a finding spelled in a sentence?

Also the type of what is said, and of what says it, for the tables of sentences beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bufspec.reports.counting import counted
from bufspec.values import Finding, Value, of_kind


class Sentences(NamedTuple):
    """What was expected and what was found, in words."""

    expected: str
    found: str


Make = Callable[[Finding], Sentences]

POINTERS = {
    "NULL": "NULL",
    "set": "not NULL",
    "untouched": "was not written",
    "unreadable": "points at memory that cannot be read",
}
MISREADINGS = {
    "linear": "len bytes were taken from buf on, whatever the strides",
    "without_suboffsets": "suboffsets were not followed",
    "absolute_strides": "strides were taken to be positive",
    "fortran_order": "the elements were taken in Fortran order",
    "of_itemsize": "sizes in items were taken for sizes in bytes",
    "byte_swapped": "the byte order of the format was ignored",
    "released": "the memory was read after its release",
    "empty": "elements were read of a memory that has none",
    "extent_one": "the stride of an extent of 1 was followed",
    "aligned": "addresses were rounded down to the alignment of the format",
    "other_format": "the bytes were read with another format",
    "counted_items": "items were counted in place of bytes",
}
"""How a wrong result may come about, for `as if ...`."""


def number_in(value: Value) -> int:
    """The number; 0 for any other value."""
    return value if isinstance(value, int) else 0


def text_in(value: Value) -> str:
    """A text, or the name of an exception, as it is; a number too."""
    exception = of_kind(value, "exception")
    return str(exception) if exception is not None else str(value) if isinstance(value, str | int) else ""


def quoted(value: Value) -> str:
    """A text in quotation marks."""
    return f'"{text_in(value)}"'


def tuple_of(value: Value) -> str:
    """Extents, strides or suboffsets: (2, 3), (4,)."""
    return str(tuple(value)) if isinstance(value, list) else "()"


def bytes_in(value: Value) -> str:
    """The bytes of an element, the first sixteen of many: "07 00 00 00"."""
    found = of_kind(value, "bytes") or []
    return " ".join(f"{byte:02x}" for byte in found[:16]) + (" ..." if found[16:] else "") or "no byte"


def joined(names: Sequence[object], last: str = ", ") -> str:
    """The names one after the other; `last` is before the last of them."""
    texts = [str(name) for name in names]
    return last.join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def fields_of(one: Finding) -> str:
    """The fields that a finding is about: "shape, strides"."""
    return joined(one["fields"])


def pointer_in(value: Value, field: str) -> str:
    """What the field holds: "shape NULL"; of an array or a text that it is there: "shape not NULL"."""
    return f"{field} {POINTERS.get(of_kind(value, 'pointer') or 'set', 'not NULL')}"


def requests_in(value: Value) -> list[str]:
    """The names of requests."""
    return [str(one["name"]) for one in of_kind(value, "requests") or ()]


def more_or_fewer(value: Value) -> str:
    """How a count differs: "3 fewer"."""
    number = number_in(value)
    return f"{abs(number)} {'fewer' if number < 0 else 'more'}"


def order_in(one: Finding) -> str:
    """The memory order; a character that is none is shown by its code."""
    order = one["order"] or ""
    return order if order.isprintable() else repr(order)


def requests_made(one: Finding) -> str:
    """How often what was requested: "256 requests for STRIDES"."""
    return f"{counted(one['times'] or 0, 'request')} for {one['name']}"


def plain(expected: str, found: str) -> Make:
    """The same for every break; `{fields}`, `{owed}` and `{found}` stand for the values."""

    def make(one: Finding) -> Sentences:
        values = {
            "fields": fields_of(one),
            "owed": text_in(one["owed"]),
            "found": text_in(one["found"]),
            "given": text_in(one["given"]),
        }
        return Sentences(expected.format(**values), found.format(**values))

    return make
