"""What does a consumer return that takes some memory only, and of which nobody said it?

The engine finds out with typed memory of its own, which such a consumer refuses; here it gets what fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from bufspec import _engine
from bufspec.declare import CONSUMER, FILLS, Subject
from bufspec.fits import fitted_memories

MOST_TRIED = 6
UNTYPED = (bytes, bytearray, str)
_found: dict[str, tuple[object, str]] = {}


def inferred_returns(subject: Subject) -> str:
    """`returns` of a consumer as a call on typed memory that fits shows it.

    Empty where it was declared, or where the result is compared with that of plain bytes.
    """
    if subject.target != CONSUMER or subject.fits is None or subject.returns or subject.kind == FILLS:
        return ""
    assert not isinstance(subject.what, str)
    known = _found.get(subject.name)
    if known is None or known[0] is not subject.what:
        known = _found[subject.name] = (subject.what, _returns_of(subject.what, subject.fits))
    return known[1]


def _returns_of(consume: Callable[..., object], fits: Mapping[str, Any]) -> str:
    """Looked for in two dimensions first, where a list of rows differs from one of values."""
    rows = [one["layout"] for one in fitted_memories(fits, _engine.format_size)]
    plain = [row for row in rows if "strides" not in row and row["shape"] and math.prod(row["shape"])]
    plain = [row for row in plain if not row.get("readonly")]
    plain.sort(key=lambda row: (-len(row["shape"]), row["itemsize"] == 1))
    for row in plain[:MOST_TRIED]:
        exporter = _engine.InstrumentedExporter(row)
        with suppress(Exception):
            result = consume(exporter)
            return "" if isinstance(result, UNTYPED) else _kind_of(result, exporter, consume)
    return ""


def _kind_of(result: Any, exporter: _engine.InstrumentedExporter, consume: Callable[..., object]) -> str:
    with suppress(TypeError, ValueError, BufferError):
        return "bytes" if memoryview(result).tobytes() == exporter.elements_before() else ""
    try:
        rows = memoryview(exporter).tolist()
    except NotImplementedError:  # values that memoryview cannot spell
        return ""
    is_list = isinstance(result, list)
    with suppress(Exception):  # what the same bytes without a type give, too, was made of bytes
        result = list(result)
        if result == list(consume(exporter.elements_before())):  # type: ignore[call-overload]
            return ""
    if is_list and result == rows:
        return "list"
    flat = rows
    while flat and isinstance(flat[0], list):
        flat = [one for row in flat for one in row]
    with suppress(Exception):  # whatever somebody's iterable may raise
        return "elements" if list(result) == flat else ""
    return ""
