"""What does a request, a release or a full read of a subject cost, in words, compared with a bytearray?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COSTS = ("request", "release", "read")
HEADING = "What it costs, and how many times as much as of a bytearray of the same size"
MICROSECOND = 1_000
MILLISECOND = 1_000_000


def cost_in_words(measured: Mapping[str, Any], name: str) -> str:
    """One cost with its ratio: "240 ns (3.1x)"; "-" where it was not measured."""
    key = f"{name}_ns"
    own, plain = measured["own"].get(key), measured["bytearray"].get(key)
    if own is None:
        return "-"
    ratio = f" ({ratio_of(measured, name):.1f}x)" if plain else ""
    return f"{_time(own)}{ratio}"


def ratio_of(measured: Mapping[str, Any], name: str) -> float:
    """How many times as much it costs as with a bytearray; 0 where that is not known."""
    own, plain = (measured[whose].get(f"{name}_ns") for whose in ("own", "bytearray"))
    return float(own / plain) if own and plain else 0.0


def _time(nanoseconds: int) -> str:
    if nanoseconds >= MILLISECOND:
        return f"{nanoseconds / MILLISECOND:.1f} ms"
    if nanoseconds >= 10 * MICROSECOND:
        return f"{nanoseconds / MICROSECOND:.1f} us"
    return f"{nanoseconds:,} ns"
