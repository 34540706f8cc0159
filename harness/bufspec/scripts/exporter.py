"""An exporter in plain Python and ctypes: what a stand-alone script hands to a consumer.

The text is made for one scenario, and has only what that needs: the memory of its layout, the requests that
are refused, what happens at a release.  Nothing here knows rules; consumer_checks.py does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bufspec.scripts.memory_pieces import (
    BAIT,
    BLOCK,
    ELEMENTS,
    FILL,
    GAPS,
    IN_PAGES,
    INDIRECT_MEMORY,
    INDIRECT_PLACES,
    LENT,
    LENT_COUNTING,
    LENT_ONCE,
    LENT_WATCHING,
    MEMORY,
    PAGED_BLOCK,
    PLACES,
    READONLY_MEMORY,
    TYPE,
)

WORDS = {
    "refuses_writable": "flags & 0x001",
    "refuses_flat": "flags & 0x008 == 0",
    "refuses_strideless": "flags & 0x018 != 0x018",
    "refuses_formatless": "flags & 0x004 == 0",
    "refuses_format": "flags & 0x004",
    "refuses_contiguity": "flags & 0x0E0",
    "refuses_all": "True",
}
"""The requests that each behaviour refuses."""

AT_RELEASE = ("poisoned", "withdrawn", "raises_at_release", "collects", "slow")


def pieces_of(
    parts: Mapping[str, Any], *, watching: bool = False, strays: bool = False, counting: bool = False
) -> dict[str, str]:
    """The pieces of a script that make `Exporter`, by the name that calls for each; `parts` as in Break.

    `watching` looks at the struct when a view is released; `strays` counts releases of what was never
    granted, `counting` those of a view by the calls, not by the references.
    """
    layout, behaviours = parts["layout"], set(parts["behaviours"])
    indirect = layout["suboffsets"] is not None
    paged = behaviours & {"ends_at_page", "begins_at_page", "withdrawn"}
    return {
        "SHAPE": _constants(layout),
        "class_with": TYPE,
        "new_block": _paged_block(behaviours) if paged else BLOCK,
        "in_pages": IN_PAGES,
        "new_memory": INDIRECT_MEMORY
        if indirect
        else READONLY_MEMORY
        if paged and layout["readonly"]
        else MEMORY,
        "places": INDIRECT_PLACES if indirect else PLACES,
        "fill": FILL,
        "elements": ELEMENTS,
        "gaps": GAPS,
        "Lent": LENT_WATCHING if watching else LENT_COUNTING if counting else _lent(behaviours),
        "Bait": BAIT,
        "Exporter": _exporter(parts, behaviours, watching=watching or counting, strays=strays),
    }


def goes_at_release(behaviours: set[str]) -> bool:
    """Whether something has to be done when a view is released."""
    return any(one in behaviours for one in AT_RELEASE)


def _constants(layout: Mapping[str, Any]) -> str:
    lines = [
        f"FORMAT, ITEMSIZE = {layout['format'].encode()!r}, {layout['itemsize']}",
        f"READONLY = {layout['readonly']}",
        f"SHAPE, STRIDES = {list(layout['shape'])}, {_strides(layout)}",
    ]
    if layout["suboffsets"] is not None:
        lines.append(f"SUBOFFSETS = {list(layout['suboffsets'])}")
    else:
        lines.append(f"OFFSET, BLOCK = {layout['offset']}, {layout['block']}")
    return "\n" + "\n".join(lines) + "\n"


def _strides(layout: Mapping[str, Any]) -> list[int]:
    """The strides, those of C order where there are none."""
    if layout["strides"] is not None:
        return list(layout["strides"])
    shape = layout["shape"]
    return [layout["itemsize"] * math.prod(shape[d + 1 :]) for d in range(len(shape))]


def _paged_block(behaviours: set[str]) -> str:
    ends = "ends_at_page" in behaviours
    text = PAGED_BLOCK.replace("{edge}", "end at" if ends else "begin at")
    return text.replace("{address}", "first + inside - size" if ends else "first")


def _lent(behaviours: set[str]) -> str:
    if not goes_at_release(behaviours):
        return LENT
    lines = []
    own = "self.request.blocks" if "fresh_block" in behaviours else "[]"
    if "own_arrays" in behaviours:
        own = f"[*{own}, *self.request.arrays.values()]"
    if "withdrawn" in behaviours:
        lines += [f"for block in {own}:", "    protect(ctypes.addressof(block), ctypes.sizeof(block), 0)"]
    elif "poisoned" in behaviours:
        lines += [f"for block in {own}:", "    ctypes.memset(block, 0xDB, ctypes.sizeof(block))"]
    lines += _meanwhile(behaviours)
    if "raises_at_release" in behaviours:
        lines.append('raise RuntimeError("raised inside the release of a view")')
    return LENT_ONCE.replace("{taking_back}", "".join(f"        {line}\n" for line in lines))


def _meanwhile(behaviours: set[str]) -> list[str]:
    """What else happens inside requests and releases."""
    lines = []
    if "collects" in behaviours:
        lines.append("gc.collect()")
    if "slow" in behaviours:
        lines.append("time.sleep(0.00005)")
    return lines


def _exporter(parts: Mapping[str, Any], behaviours: set[str], *, watching: bool, strays: bool) -> str:
    also = ", releasebuffer=python_api.PySequence_DelItem" if strays else ""
    lines = [
        f"class Exporter(class_with(getbuffer=python_api.PySequence_DelSlice{also})):",
        '    """Grants every request that its memory allows, and writes down what was asked.',
        "",
        "    A request is bf_getbuffer(exporter, view, flags); PySequence_DelSlice takes the same three,",
        "    and calls __delitem__ with a slice of both numbers.  What that raises is the refusal.",
        '    """',
        "",
        *(
            ["    inside = False", ""]
            if "reenters" in behaviours or "reenters_consumer" in behaviours
            else []
        ),
        "    def __delitem__(self, asked):",
    ]
    body = []
    if strays:
        body += [
            "if isinstance(asked, int):  # bf_releasebuffer: no view has this object for its obj",
            "    strays.append(asked)",
            "    return incref(self)",
        ]
    body += ["view, flags = Py_buffer.from_address(asked.start), asked.stop & 0xFFFFFFFF"]
    body += _reentered(behaviours)
    body += [
        "request = types.SimpleNamespace(flags=flags, granted=False)",
        "requests.append(request)",
        *_meanwhile(behaviours),
        *_refusal(parts, behaviours),
        *_grant(parts["layout"], behaviours, watching=watching),
    ]
    return "\n" + "\n".join([*lines, *("        " + line for line in body)]) + "\n"


def _reentered(behaviours: set[str]) -> list[str]:
    calls = []
    if "reenters" in behaviours:
        calls.append("memoryview(self).release()")
    if "reenters_consumer" in behaviours:
        calls.append("consumer(bytearray(ELEMENTS))")
    if not calls:
        return []
    lines = ["if not self.inside:", "    self.inside, count = True, len(requests)"]
    for call in calls:
        lines += ["    try:", f"        {call}", "    except Exception:", "        pass"]
    return [*lines, "    del requests[count:]", "    self.inside = False"]


def _refusal(parts: Mapping[str, Any], behaviours: set[str]) -> list[str]:
    conditions = [*_refused_words(parts["layout"]), *(WORDS[one] for one in WORDS if one in behaviours)]
    if "refuses_all" in behaviours:
        conditions = ["True"]
    if parts["refused_requests"]:
        numbers = [number + 1 for number in parts["refused_requests"]]
        conditions.append(f"len(requests) in {numbers}")
    error = "BufferError"
    if "refusal_memory_error" in behaviours:
        error = "MemoryError"
    if "refusal_runtime_error" in behaviours:
        error = "RuntimeError"
    lines = ["refused = (", *(f"    {'or ' if n else ''}{one}" for n, one in enumerate(conditions)), ")"]
    lines = lines if len(conditions) > 1 else [f"refused = {conditions[0]}"]
    lines.append("if refused:")
    if "lie_obj" in behaviours:
        lines.append("    view.obj = id(bait)")
    elif "refusal_untouched" not in behaviours:
        lines.append("    view.obj = 0")
    return [*lines, f'    raise {error}("the request is refused")']


def _refused_words(layout: Mapping[str, Any]) -> list[str]:
    """What the memory itself cannot grant, and FORMAT without ND."""
    is_c, is_f = (_is_contiguous(layout, order) for order in "CF")
    conditions = ["flags & 0x00C == 0x004"]
    if layout["readonly"]:
        conditions.append("flags & 0x001")
    if not is_c:
        conditions += ["flags & 0x018 != 0x018", "flags & 0x020"]
    if not is_f:
        conditions.append("flags & 0x040")
    if not is_c and not is_f:
        conditions.append("flags & 0x080")
    if layout["suboffsets"] is not None:
        conditions.append("flags & 0x118 != 0x118")
    return conditions


def _is_contiguous(layout: Mapping[str, Any], order: str) -> bool:
    if layout["suboffsets"] is not None:
        return False
    if 0 in layout["shape"]:
        return True
    pairs = list(zip(layout["shape"], _strides(layout), strict=True))
    step = layout["itemsize"]
    for extent, stride in reversed(pairs) if order == "C" else pairs:
        if extent != 1 and stride != step:
            return False
        step *= extent
    return True


def _grant(layout: Mapping[str, Any], behaviours: set[str], *, watching: bool) -> list[str]:
    ndim, indirect = len(layout["shape"]), layout["suboffsets"] is not None
    own = "fresh_block" in behaviours
    text = "b'%&!'" if "lie_format" in behaviours else "FORMAT"
    characters = _array("ctypes.c_char", f"*{text}, 0", f"len({text}) + 1", behaviours)
    lines = [
        "request.granted = True",
        f"request.blocks, request.start = {'new_memory()' if own else 'MEMORY'}",
        f'request.arrays = {{"format": {characters}}}',
    ]
    arrays = [("shape", "SHAPE", 0x008)] * bool(ndim)
    arrays += [("strides", "STRIDES", 0x018)] * bool(ndim)
    if indirect:
        arrays.append(("suboffsets", "SUBOFFSETS", 0x118))
    elif "lie_suboffsets" in behaviours and ndim:
        arrays.append(("suboffsets", "[-1] * len(SHAPE)", 0x118))
    for name, values, _ in arrays:
        lines.append(
            f'request.arrays["{name}"] = {_array("ctypes.c_ssize_t", f"*{values}", str(ndim), behaviours)}'
        )
    count = math.prod(layout["shape"])
    length = layout["itemsize"] * (count + ("lie_len" in behaviours))
    readonly = "flags & 1" if "lie_readonly" in behaviours else "READONLY"
    dimensions = str(ndim) if ndim == 1 else f"{ndim} if flags & 0x008 else 1"
    lines += [
        f"view.buf, view.len, view.itemsize = request.start, {length}, ITEMSIZE",
        f"view.readonly, view.ndim = {readonly}, {dimensions}",
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
        lines += _self_referential(layout, length)
    return [*lines, *_lending(behaviours, watching=watching)]


def _array(kind: str, values: str, count: str, behaviours: set[str]) -> str:
    """An expression for an array; in pages of its own where it is to be withdrawn."""
    if "own_arrays" in behaviours and "withdrawn" in behaviours:
        return f"in_pages(({kind} * ({count}))({values}))"
    return f"({kind} * ({count}))({values})"


def _self_referential(layout: Mapping[str, Any], length: int) -> list[str]:
    lines = []
    if layout["shape"][0] == length:
        lines.append("view.shape = view.shape and asked.start + Py_buffer.len.offset")
    if _strides(layout)[0] == layout["itemsize"]:
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
