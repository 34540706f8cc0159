"""Which memory fits a consumer that takes only some: 24 floats, a key of 16 bytes, a structure of its own?

What is declared as `fits` is checked here and made into memories, or held against the memory of an
exporter; each is a row as in spec/layouts.yaml, under a name that case ids show.  What the declaration
leaves open is tried in several ways: the order, gaps between the elements, read-only memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bufspec.errors import LONGEST_TEXT, DeclarationError, near_names

KEYS = ("nbytes", "shape", "format", "align")
LARGEST = 1 << 24
"""Bytes of a memory that is handed to a consumer."""
LARGE = 1 << 16
"""Bytes from which on a memory is tried in fewer ways: each case looks at all of it."""
OF_LARGE = ("", "_readonly", "_strided", "_reversed", "_fortran")
OF_LARGE_ROWS = ("", "_fortran")

Row = dict[str, Any]
SizeOf = Callable[[str], int | None]
"""The size of an item of a format; None if it is not one."""


def check_fits(name: str, fits: object, where: str) -> None:
    """Raise DeclarationError for what is not a description of a memory."""
    if fits is None:
        return

    def wrong(what: str, hint: str) -> DeclarationError:
        return DeclarationError(f"{what}, in fits of {name}", where=where, hint=hint)

    if not isinstance(fits, Mapping) or not fits:
        raise wrong(
            f"{_shown(fits)} is not a memory", 'a dict: {"nbytes": 16}, {"shape": (24,), "format": "f"}'
        )
    for key in fits:
        if key not in KEYS:
            raise wrong(
                f"{_shown(key)} is not a key",
                near_names(_shown(key), KEYS, otherwise=f"they are {', '.join(KEYS)}"),
            )
    for key in ("nbytes", "align"):
        if key in fits and not _is_size(fits[key], least=0 if key == "nbytes" else 1):
            raise wrong(f"{key} is {_shown(fits[key])}", "a number of bytes")
    if "align" in fits and (fits["align"] & (fits["align"] - 1) or fits["align"] > 4096):
        raise wrong(f"align is {_shown(fits['align'])}", "a power of 2, at most 4096")
    shape = fits.get("shape", ())
    if not isinstance(shape, Sequence) or isinstance(shape, str) or not all(_is_size(one) for one in shape):
        raise wrong(f"shape is {_shown(shape)}", "the extents: (24,), or (2, 3)")
    if len(shape) > 64:
        raise wrong(f"shape has {len(shape)} dimensions", "at most 64")
    if "format" in fits and not _is_text(fits["format"]):
        raise wrong(f"format is {_shown(fits['format'])}", 'a text in the syntax of the struct module: "f"')
    if math.prod(shape) > LARGEST or fits.get("nbytes", 0) > LARGEST:
        raise wrong("the memory is too large", f"at most {LARGEST:,} bytes")
    if not {"nbytes", "shape", "format"} & set(fits):
        raise wrong("nothing says how large it is", "give nbytes, shape or format")


def misfit(fits: Mapping[str, Any], layout: Mapping[str, Any], address: int) -> str:
    """Why the memory of an exporter, whose first element is at `address`, does not fit; empty if it does."""
    shape, format, itemsize = layout["shape"], layout["format"] or "B", layout["itemsize"]
    size = math.prod(shape) * itemsize
    if "nbytes" in fits and size != fits["nbytes"]:
        return f"{size:,} bytes do not fit, only {fits['nbytes']:,} do"
    if "shape" in fits and list(shape) != list(fits["shape"]):
        return f"the shape {tuple(shape)} does not fit, only {tuple(fits['shape'])} does"
    if "format" in fits and format.removeprefix("@") != fits["format"].removeprefix("@"):
        return f"items of format {format!r} do not fit, only {fits['format']!r} do"
    steps = [stride for one, stride in zip(shape, layout["strides"] or (), strict=False) if one > 1]
    if any(at % fits.get("align", 1) for at in (address, *steps)):
        return f"the elements are not aligned to {fits['align']} bytes"
    return ""


def as_it_lies(elements: bytes, layout: Mapping[str, Any]) -> bytes:
    """Elements given in C order, in the order in which they lie, if they fill one segment; else as they are.

    What a consumer gives whose declared order is that of the memory.
    """
    shape, strides, size = layout["shape"], layout["strides"], layout["itemsize"]
    if not strides or layout.get("suboffsets") or any(stride < 0 for stride in strides) or not elements:
        return elements
    owed = _strides(shape, size)
    steps = sorted((stride, one, c) for stride, one, c in zip(strides, shape, owed, strict=True) if one > 1)
    ends = [size, *(stride * one for stride, one, _ in steps)]
    if any(stride != end for (stride, _, _), end in zip(steps, ends, strict=False)):
        return elements
    starts = [0]
    for _, one, c in steps:
        starts = [at + c * k for k in range(one) for at in starts]
    return b"".join(elements[at : at + size] for at in starts)


def _shown(value: object) -> str:
    """A value as it is spelt, as far as it can be: Python spells no number of 5,000 digits."""
    try:
        return repr(value)[:LONGEST_TEXT]
    except Exception:
        return f"an object of type {type(value).__name__}"


def _is_text(given: object) -> bool:
    """Whether a value is a text that a `char *` can hold, and not empty."""
    return (
        isinstance(given, str)
        and bool(given)
        and "\0" not in given
        and not re.search("[\ud800-\udfff]", given)
    )


def _is_size(given: object, least: int = 0) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= least


def fitted_memories(fits: Mapping[str, Any], size_of: SizeOf) -> list[Row]:
    """The memories that fit, each a dict of its name and its layout.

    Raises DeclarationError where nothing can fit: a format that is not one, sizes that contradict.
    """
    align = fits.get("align", 1)
    memories: dict[str, Row] = {}
    for format, shape in _shapes(fits, size_of):
        itemsize = size_of(format) or 1
        ways = OF_LARGE_ROWS if len(shape) > 1 and "shape" not in fits else OF_LARGE
        is_large = math.prod(shape) * itemsize >= LARGE
        for kind, layout in _placed(format, itemsize, shape, align):
            if is_large and kind not in ways:
                continue
            key = repr(layout)
            memories.setdefault(key, {"name": f"{_word(format)}{kind}", "layout": layout})
    return _with_names_of_their_own(list(memories.values()))


def _shapes(fits: Mapping[str, Any], size_of: SizeOf) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The formats and shapes that the sizes allow."""
    nbytes = fits.get("nbytes")
    formats = [fits["format"]] if "format" in fits else ["B", "b", "i", "d"]
    if len(formats) > 1 and (nbytes or 0) >= LARGE:
        formats = ["B", "i"] if (nbytes or 0) % 4 == 0 else ["B", "b"]
    found = False
    for format in formats:
        itemsize = size_of(format)
        if itemsize is None:
            raise _nothing(f"{format!r} is not a format", "as in the struct module, or PEP 3118")
        for shape in _shapes_of(fits, nbytes, max(itemsize, 1)):
            if math.prod(shape) * itemsize > LARGEST:
                raise _nothing("the memory is too large", f"at most {LARGEST:,} bytes")
            if nbytes is None or math.prod(shape) * itemsize == nbytes:
                found = True
                yield format, shape
    if not found:
        raise _nothing(f"no items fill {nbytes} bytes", "nbytes is the product of shape and itemsize")


def _shapes_of(fits: Mapping[str, Any], nbytes: int | None, itemsize: int) -> Iterable[tuple[int, ...]]:
    if "shape" in fits:
        yield tuple(fits["shape"])
        return
    if nbytes is None:
        yield from ((), (1,), (5,), (2, 3), (0,))
        return
    count = nbytes // itemsize
    yield (count,)
    if count == 1:
        yield ()
    rows = next((k for k in (2, 3, 5, 7) if count > k and count % k == 0), 0)
    if rows:
        yield (rows, count // rows)


def _nothing(what: str, hint: str) -> DeclarationError:
    return DeclarationError(f"{what}, in fits", hint=hint)


def _placed(format: str, itemsize: int, shape: tuple[int, ...], align: int) -> Iterable[tuple[str, Row]]:
    """One memory in each way in which it can lie."""
    plain: Row = {"format": format, "itemsize": itemsize, "shape": list(shape)}
    size = math.prod(shape) * itemsize
    block = _rounded(max(size, itemsize), align)
    yield "", plain | {"block": block}
    yield "_readonly", plain | {"block": block, "readonly": True}
    if not shape or not size:
        return
    step = _rounded(itemsize, align)
    if step == itemsize and len(shape) > 1:
        strides = _strides(shape[::-1], itemsize)[::-1]
        yield "_fortran", plain | {"strides": strides, "block": block}
    gap = _rounded(2 * itemsize, align)
    strides = _strides(shape, gap)
    length = sum((one - 1) * stride for one, stride in zip(shape, strides, strict=True)) + itemsize
    yield "_strided", plain | {"strides": strides, "block": _rounded(length, align)}
    strides = _strides(shape, step)
    last = (shape[0] - 1) * strides[0]
    length = sum((one - 1) * stride for one, stride in zip(shape, strides, strict=True)) + itemsize
    if shape[0] > 1:
        yield (
            "_reversed",
            plain
            | {"strides": [-strides[0], *strides[1:]], "offset": last, "block": _rounded(length, align)},
        )
    if step == itemsize:
        offset = align if align > 1 else 1
        yield (
            "_inside_block",
            plain
            | {
                "strides": _strides(shape, itemsize),
                "offset": offset,
                "block": _rounded(size + 2 * offset, align),
            },
        )


def _strides(shape: Sequence[int], step: int) -> list[int]:
    """Of a memory in C order whose elements are `step` bytes apart."""
    return [math.prod(shape[k + 1 :]) * step for k in range(len(shape))]


def _rounded(size: int, align: int) -> int:
    return -(-size // align) * align


def _word(format: str) -> str:
    """What case ids call a format: its letters and digits, the lower case ones as they are."""
    letters = "".join(one if one.isalnum() else "_" for one in format).strip("_")
    return f"fitting_{letters[:24] or 'items'}"


def _with_names_of_their_own(memories: list[Row]) -> list[Row]:
    taken: dict[str, int] = {}
    for memory in memories:
        name = memory["name"].lower()
        taken[name] = taken.get(name, 0) + 1
        memory["name"] = name if taken[name] == 1 else f"{name}_{taken[name]}"
    return memories
