"""What does a script's exporter fill in where it grants a request?

In general each view has arrays, and what it was lent, of its own; a plain memory has them once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

AT_RELEASE = ("poisoned", "withdrawn", "raises_at_release", "collects", "slow")
NEW_FOR_EACH_VIEW = {*AT_RELEASE, "fresh_block", "own_arrays"}


def goes_at_release(behaviours: set[str]) -> bool:
    """Whether something has to be done when a view is released."""
    return any(one in behaviours for one in AT_RELEASE)


def strides_of(layout: Mapping[str, Any]) -> list[int]:
    """The strides, those of C order where there are none."""
    if layout["strides"] is not None:
        return list(layout["strides"])
    shape = layout["shape"]
    return [layout["itemsize"] * math.prod(shape[d + 1 :]) for d in range(len(shape))]


def arrays_of(layout: Mapping[str, Any], behaviours: set[str]) -> list[tuple[str, str, int]]:
    """The arrays of a view: field, values, the flags that ask for it."""
    ndim = len(layout["shape"])
    arrays = [("shape", "SHAPE", 0x008), ("strides", "STRIDES", 0x018)] if ndim else []
    if layout["suboffsets"] is not None:
        arrays.append(("suboffsets", "SUBOFFSETS", 0x118))
    elif "lie_suboffsets" in behaviours and ndim:
        arrays.append(("suboffsets", "[-1] * len(SHAPE)", 0x118))
    return arrays


def format_shown(behaviours: set[str]) -> str:
    """The format that views have."""
    return "b'%&!'" if "lie_format" in behaviours else "FORMAT"


def plain_grant(layout: Mapping[str, Any], behaviours: set[str], main: str) -> list[str]:
    """The lines that grant a request on a plain memory; `main` is what the script does with them."""
    arrays = {name: word for name, _, word in arrays_of(layout, behaviours)}
    lines = ["request.granted = True"]
    if ".start" in main:
        lines.append("request.start = ctypes.addressof(MEMORY)")
    lines += _numbers(layout, behaviours, "ctypes.addressof(MEMORY)")
    none = [f"view.{name}" for name in ("shape", "strides", "suboffsets") if name not in arrays]
    lines += [" = ".join([*none, "view.internal", "0"])]
    for name, word in {"format": 0x004, **arrays}.items():
        asked = f"flags & {word:#05x}" + (f" == {word:#05x}" if word & (word - 1) else "")
        lines.append(f'view.{name} = ctypes.addressof(ARRAYS["{name}"]) if {asked} else 0')
    if "self_referential" in behaviours and len(layout["shape"]) == 1:
        lines += _self_referential(layout, _length(layout, behaviours))
    return [*lines, "view.obj = id(self)", "incref(self)"]


def grant(layout: Mapping[str, Any], behaviours: set[str], *, watching: bool) -> list[str]:
    """The lines that grant a request."""
    ndim = len(layout["shape"])
    own = "fresh_block" in behaviours
    text = format_shown(behaviours)
    characters = _array("ctypes.c_char", f"*{text}, 0", f"len({text}) + 1", behaviours)
    lines = [
        "request.granted = True",
        f"request.blocks, request.start = {'new_memory()' if own else 'MEMORY'}",
        f'request.arrays = {{"format": {characters}}}',
    ]
    arrays = arrays_of(layout, behaviours)
    for name, values, _ in arrays:
        lines.append(
            f'request.arrays["{name}"] = {_array("ctypes.c_ssize_t", f"*{values}", str(ndim), behaviours)}'
        )
    lines += [
        *_numbers(layout, behaviours, "request.start"),
        "view.shape = view.strides = view.suboffsets = 0",
        "view.internal = id(request)",
        'view.format = ctypes.addressof(request.arrays["format"]) if flags & 0x004 else 0',
    ]
    for name, _, word in arrays:
        lines += [
            f"if flags & {word:#05x} == {word:#05x}:",
            f'    view.{name} = ctypes.addressof(request.arrays["{name}"])',
        ]
    if "self_referential" in behaviours and ndim == 1:
        lines += _self_referential(layout, _length(layout, behaviours))
    return [*lines, *_lending(behaviours, watching=watching)]


def _length(layout: Mapping[str, Any], behaviours: set[str]) -> int:
    return int(layout["itemsize"] * (math.prod(layout["shape"]) + ("lie_len" in behaviours)))


def _numbers(layout: Mapping[str, Any], behaviours: set[str], start: str) -> list[str]:
    ndim = len(layout["shape"])
    readonly = "flags & 1" if "lie_readonly" in behaviours else "READONLY"
    dimensions = str(ndim) if ndim == 1 else f"{ndim} if flags & 0x008 else 1"
    if "null_if_empty" in behaviours and 0 in layout["shape"] and layout["suboffsets"] is None:
        start = "0"
    return [
        f"view.buf, view.len, view.itemsize = {start}, {_length(layout, behaviours)}, ITEMSIZE",
        f"view.readonly, view.ndim = {readonly}, {dimensions}",
    ]


def _array(kind: str, values: str, count: str, behaviours: set[str]) -> str:
    """An expression for an array; in pages of its own where it is to be withdrawn."""
    if "own_arrays" in behaviours and "withdrawn" in behaviours:
        return f"in_pages(({kind} * ({count}))({values}))"
    return f"({kind} * ({count}))({values})"


def _self_referential(layout: Mapping[str, Any], length: int) -> list[str]:
    lines = []
    if layout["shape"][0] == length:
        lines.append("view.shape = view.shape and asked.start + Py_buffer.len.offset")
    if strides_of(layout)[0] == layout["itemsize"]:
        lines.append("view.strides = view.strides and asked.start + Py_buffer.itemsize.offset")
    return lines


def _lending(behaviours: set[str], *, watching: bool) -> list[str]:
    if goes_at_release(behaviours) and not watching:
        return ["request.releases, lent = 0, Lent(request)", "incref(lent)", "view.obj = id(lent)"]
    lines = []
    if watching:
        lines += [
            "request.changed = []",
            'request.handed = {name: getattr(view, name) for name in (*request.arrays, "internal")}',
            "request.before = {name: bytes(array) for name, array in request.arrays.items()}",
        ]
    lines.append("request.lent = Lent()")
    if watching:
        lines.append("request.lent.request = request")
    return [
        *lines,
        "for _ in range(9):  # one for the view, and some that a release too many may take",
        "    incref(request.lent)",
        "request.references = sys.getrefcount(request.lent)",
        "view.obj = id(request.lent)",
    ]
