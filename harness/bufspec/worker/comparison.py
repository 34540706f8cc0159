"""What a consumer must make of a memory, and whether a result is that.

The elements are given as bytes in C order, as the engine read them or the exporter declares them; nothing
here looks at the exporter.  Used in workers: it calls the consumer on plain bytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from functools import partial
from typing import Any

from attrs import field, frozen

from bufspec import _engine
from bufspec.declare import FILLS, Subject
from bufspec.fits import as_it_lies
from bufspec.wire.text import without_addresses

LONGEST_SHOWN = 120

Memory = Mapping[str, Any]
"""What `_engine.memory_of` gives: word, layout and elements."""


@frozen
class Mismatch:
    """A result that is not what it had to be, in words."""

    expected: str
    found: str


@frozen
class Plain:
    """What a consumer made of plain bytes: its result, and for one that fills, the bytes afterwards."""

    raised: bool = False
    result: object = None
    after: bytes = b""
    given: object = None
    """What it was called on: kept, so that the next call gets memory at another address."""


@frozen
class Comparison:
    """Compares the results of one process; what consumers make of plain bytes is found out once."""

    _plain: dict[tuple[str, bytes], Plain] = field(factory=dict)
    _writers: dict[tuple[str, str], bool] = field(factory=dict)

    def of_result(
        self, consumer: Subject, result: object, elements: bytes, layout: Memory | None
    ) -> Mismatch | None:
        """What is wrong with a result; None where it is right, or there is nothing to compare it with."""
        if consumer.kind == FILLS and layout is not None and self._writes_values(consumer, layout):
            return None  # as of_memory()
        if consumer.order and layout is not None:
            elements = as_it_lies(elements, layout)
        match consumer.returns:
            case "none":
                return None
            case "":
                if _shows(result, elements, layout):
                    return None
                if isinstance(result, list) and layout is not None and values_of(elements, layout) is None:
                    return None  # of values that nobody reads here, such as structures
                return self._as_of_plain(consumer, result, elements)
            case "bytes":
                found = bytes_of(result)
                if found is None and is_unreadable(result):
                    return Mismatch(shown(elements), "memory that cannot be read")
                if found is None or found == elements:
                    return None
                return Mismatch(shown(elements), shown(found))
        values = values_of(elements, layout) if layout is not None else None
        if values is None or layout is None:
            return None
        return _of_values(consumer.returns, result, values, layout["shape"])

    def of_memory(
        self, consumer: Subject, elements: bytes, after: bytes, layout: Memory | None = None
    ) -> Mismatch | None:
        """What is wrong with the elements that a filling consumer left, compared with a plain
        bytearray's.

        One that refuses plain bytes, or writes values of the format that it was told, is compared with
        what it leaves in a memoryview of the same items, where memoryview has their format.
        """
        plain = self._of_plain(consumer, elements)
        call = partial(_call_on_plain, consumer, elements)
        is_other = not plain.raised and plain.after != after
        if layout is not None and (plain.raised or (is_other and self._writes_values(consumer, layout))):
            call = partial(_call_on_items, consumer, elements, layout)
            plain = call()
        if plain.raised or plain.after == after:
            return None
        again = call()
        if again.raised or again.after != plain.after:
            return None  # it fills with something else each time
        return Mismatch(shown(plain.after), shown(after))

    def _as_of_plain(self, consumer: Subject, result: object, elements: bytes) -> Mismatch | None:
        plain = self._of_plain(consumer, elements)
        if plain.raised or _alike(plain.result, result):
            return None
        again = _call_on_plain(consumer, elements)
        if again.raised or not _alike(plain.result, again.result):
            return None  # two results of it never agree, so this one says nothing
        return Mismatch(shown(plain.result), shown(result))

    def _writes_values(self, consumer: Subject, layout: Memory) -> bool:
        """Whether it leaves other elements in typed memory of ours than in plain bytes; found out once.

        Of the same shape, for it may take no other.
        """
        format_, itemsize, shape = layout["format"], layout["itemsize"], list(layout["shape"])
        if itemsize < 1 or (itemsize == 1 and format_ in ("", "B")):
            return False
        key = consumer.name, f"{format_} {shape}"
        if key not in self._writers:
            row = {"format": format_, "itemsize": itemsize, "shape": shape}
            self._writers[key] = any(_writes_values(consumer, row, one) for one in ((), ("no_zero_byte",)))
        return self._writers[key]

    def _of_plain(self, consumer: Subject, elements: bytes) -> Plain:
        key = consumer.name, elements
        if key not in self._plain:
            self._plain[key] = _call_on_plain(consumer, elements)
        return self._plain[key]


def _call_on_plain(consumer: Subject, elements: bytes) -> Plain:
    # A copy: a consumer that writes where it must not would change the elements that all is compared with.
    given = bytearray(elements) if consumer.kind == FILLS else bytes(bytearray(elements))
    return _called(consumer, given, lambda: given)


def _call_on_items(consumer: Subject, elements: bytes, layout: Memory) -> Plain:
    """What a filling consumer makes of a memoryview of the elements; where there is none, it raised."""
    given = bytearray(elements)
    return _called(consumer, given, lambda: memoryview(given).cast(layout["format"], list(layout["shape"])))


def _called(consumer: Subject, given: bytes | bytearray, made: Callable[[], object]) -> Plain:
    """What a consumer makes of an object that is made of `given`."""
    try:
        result = consumer.what(made())  # type: ignore[operator]
    except BaseException:  # a format that memoryview does not cast to, or whatever the consumer does not take
        return Plain(raised=True)
    return Plain(result=result, after=bytes(given) if isinstance(given, bytearray) else b"", given=given)


def _writes_values(consumer: Subject, row: dict[str, Any], behaviours: tuple[str, ...]) -> bool:
    try:
        exporter = _engine.InstrumentedExporter(row, behaviours=behaviours)
        consumer.what(exporter)  # type: ignore[operator]
    except BaseException:  # it does not take such memory
        return False
    before, after = exporter.elements_before(), exporter.elements_now()
    plain = _call_on_plain(consumer, before)
    if plain.raised or plain.after == after:
        return False
    if row["itemsize"] == 1:
        return True
    # Who stops early, or takes the number of items for that of bytes, leaves a part as it is: no other value.
    pairs = zip(after, plain.after, strict=False)
    same = next((number for number, (one, other) in enumerate(pairs) if one != other), len(plain.after))
    return after[same:] != before[same:]


def takes_alike(consumer: Subject, layout: Memory) -> bool:
    """Whether a consumer takes memory of ours of that layout: then what it refused was the elements."""
    try:
        consumer.what(_engine.InstrumentedExporter(layout))  # type: ignore[operator]
    except BaseException:
        return False
    return True


def _shows(result: object, elements: bytes, layout: Memory | None) -> bool:
    """Whether a result is the elements, as bytes or as values in one of the ways that are inferred."""
    if isinstance(result, bytes | bytearray | str) or not isinstance(result, Sized):
        return False
    values = values_of(elements, layout) if layout is not None else None
    if values is None or layout is None or _listed(result) is None:
        return False
    ways = ("list", "elements") if isinstance(result, list) else ("elements",)
    return any(_of_values(way, result, values, layout["shape"]) is None for way in ways)


def bytes_of(result: object) -> bytes | None:
    """The elements that a result shows in C order; None for one that exports none."""
    if isinstance(result, bytes | bytearray):
        return bytes(result)
    memory = _engine.memory_of(result)
    return memory["elements"] if memory else None


def is_unreadable(result: object) -> bool:
    """Whether a result exports memory that is not there."""
    memory = _engine.memory_of(result)
    return memory is not None and memory["readable"] is False


def _alike(one: object, other: object) -> bool:
    """Whether two results say the same; what they show of memory may not be there, and is looked at first."""
    if type(one) is type(other) and not isinstance(one, bytes | bytearray | str | int | float):
        left, right = bytes_of(one), bytes_of(other)
        if left is not None and right is not None:
            return left == right
    return _engine.are_alike(one, other)


def values_of(elements: bytes, layout: Memory) -> list[object] | None:
    """The values of the elements, None for a format that struct does not read, or of several values."""
    try:
        reader = struct.Struct(layout["format"])
        if reader.size != layout["itemsize"] or not reader.size:
            return None
        items = list(reader.iter_unpack(elements))
    except (struct.error, UnicodeError):
        return None
    return [item[0] for item in items] if all(len(item) == 1 for item in items) else None


def _of_values(returns: str, result: object, values: list[object], shape: Sequence[int]) -> Mismatch | None:
    expected: object = values
    if returns == "scalar":
        if len(values) != 1:
            return None
        expected = values[0]
    elif returns == "list":
        expected = _nested(values, shape)
    elif isinstance(result, Iterable):
        result = _listed(result)
        if result is None:
            return None  # it refuses what it comes to only now
    return None if _same(expected, result) else Mismatch(shown(expected), shown(result))


def _listed(result: object) -> list[object] | None:
    """The entries of a result; None where it does not come to their end."""
    try:
        return list(result)  # type: ignore[call-overload, no-any-return]
    except Exception:
        return None


def _nested(values: list[object], shape: Sequence[int]) -> object:
    if not shape:
        return values[0] if values else None
    if len(shape) == 1:
        return values
    step = math.prod(shape[1:])
    return [_nested(values[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _same(one: object, other: object) -> bool:
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_same(*pair) for pair in zip(one, other, strict=True))
        )
    try:
        return bool(one == other) or (one != one and other != other)
    except BaseException:
        return False


def shown(value: object) -> str:
    """A value as records show it, bounded."""
    if isinstance(value, bytes | bytearray | memoryview) or bytes_of(value) is not None:
        data = bytes_of(value) or b""
        text = f"{len(data)} bytes: {data[:24].hex(' ')}{' ...' if len(data) > 24 else ''}"
        return text if isinstance(value, bytes) else f"{type(value).__name__}, {text}"
    try:
        text = repr(value)
    except BaseException as error:
        text = f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return without_addresses(text)[:LONGEST_SHOWN]
