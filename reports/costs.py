"""What does a request, a release or a full read of a subject cost, in words, compared with a bytearray?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bufspec.reports.summary import SubjectRow

COSTS = ("request", "release", "read")
HEADING = "What it costs, and how many times as much as of a bytearray of the same size"
MICROSECOND = 1_000
MILLISECOND = 1_000_000


def dearest(rows: Sequence[SubjectRow], most: int) -> Sequence[SubjectRow]:
    """The rows, or where they are many, those whose requests cost most compared with a bytearray's."""
    if len(rows) <= most:
        return rows
    return sorted(rows, key=lambda one: -ratio_of(one.measured or {}, "request"))[:most]


def costs_in_words(measured: Mapping[str, Any]) -> list[str]:
    """The size of the memory, and each of COSTS with its ratio: "240 ns (3.1x)"."""
    return [f"{measured['bytes']:,}", *(_cost(measured, name) for name in COSTS)]


def ratio_of(measured: Mapping[str, Any], name: str) -> float:
    """How many times as much it costs as with a bytearray; 0 where that is not known."""
    own, plain = (measured[whose].get(f"{name}_ns") for whose in ("own", "bytearray"))
    return float(own / plain) if own and plain else 0.0


def _cost(measured: Mapping[str, Any], name: str) -> str:
    own = measured["own"].get(f"{name}_ns")
    if own is None:
        return "-"
    ratio = ratio_of(measured, name)
    return _time(own) + (f" ({ratio:.1f}x)" if ratio else "")


def _time(nanoseconds: int) -> str:
    if nanoseconds >= MILLISECOND:
        return f"{nanoseconds / MILLISECOND:.1f} ms"
    if nanoseconds >= 10 * MICROSECOND:
        return f"{nanoseconds / MICROSECOND:.1f} us"
    return f"{nanoseconds:,} ns"
