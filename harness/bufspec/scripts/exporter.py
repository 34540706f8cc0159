"""An exporter in plain Python and ctypes: what a stand-alone script hands to a consumer.

The text is made for one scenario, and has only what that needs: the memory of its layout, the requests that
are refused, what happens at a release.  Nothing here knows rules; consumer_checks.py does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bufspec.scripts.granting import (
    NEW_FOR_EACH_VIEW,
    arrays_of,
    format_shown,
    goes_at_release,
    grant,
    plain_grant,
    strides_of,
)
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
    PLAIN_ELEMENTS,
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


def pieces_of(
    parts: Mapping[str, Any],
    main: str = "",
    *,
    watching: bool = False,
    strays: bool = False,
    counting: bool = False,
) -> dict[str, str]:
    """The pieces of a script that make `Exporter`, by the name that calls for each; `parts` as in Break.

    `main` is what the script does with them. `watching` looks at the struct when a view is released; `strays`
    counts releases of what was never granted, `counting` those of a view by the calls, not by the references.
    """
    layout, behaviours = parts["layout"], set(parts["behaviours"])
    if not (watching or counting) and is_plain(parts, main):
        return {
            "SHAPE": _plain_constants(layout, behaviours),
            "class_with": TYPE,
            "elements": PLAIN_ELEMENTS,
            "Bait": BAIT,
            "Exporter": _exporter(parts, behaviours, main, plain=True, strays=strays),
        }
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
        "fill": FILL.replace("{item}", _item(layout, behaviours, "ITEMSIZE")),
        "elements": ELEMENTS,
        "gaps": GAPS,
        "Lent": LENT_WATCHING if watching else LENT_COUNTING if counting else _lent(behaviours),
        "Bait": BAIT,
        "Exporter": _exporter(parts, behaviours, main, watching=watching or counting, strays=strays),
    }


def is_plain(parts: Mapping[str, Any], main: str) -> bool:
    """Whether every view is of one block with the elements in C order, and nothing else of it matters."""
    layout, behaviours = parts["layout"], set(parts["behaviours"])
    return (
        "releases(" not in main
        and "gaps(" not in main
        and not behaviours & {*NEW_FOR_EACH_VIEW, "ends_at_page", "begins_at_page"}
        and _is_contiguous(layout, "C")
        and layout["offset"] == 0
        and (0 in layout["shape"] or layout["block"] == layout["itemsize"] * math.prod(layout["shape"]))
    )


def _constants(layout: Mapping[str, Any]) -> str:
    lines = [
        f"FORMAT, ITEMSIZE = {layout['format'].encode()!r}, {layout['itemsize']}",
        f"READONLY = {layout['readonly']}",
        f"SHAPE, STRIDES = {list(layout['shape'])}, {strides_of(layout)}",
    ]
    if layout["suboffsets"] is not None:
        lines.append(f"SUBOFFSETS = {list(layout['suboffsets'])}")
    else:
        lines.append(f"OFFSET, BLOCK = {layout['offset']}, {layout['block']}")
    return "\n" + "\n".join(lines) + "\n"


def _plain_constants(layout: Mapping[str, Any], behaviours: set[str]) -> str:
    size, count, ndim = layout["itemsize"], math.prod(layout["shape"]), len(layout["shape"])
    items = f'b"".join({_item(layout, behaviours, str(size))} for k in range({count}))'
    is_counted = _first_byte(layout, behaviours) is None
    block = "ELEMENTS, len(ELEMENTS)" if count else max(1, layout["block"])
    arrays = [f'"format": ctypes.create_string_buffer({format_shown(behaviours)})']
    arrays += [
        f'"{name}": (ctypes.c_ssize_t * {ndim})(*{values})'
        for name, values, _ in arrays_of(layout, behaviours)
    ]
    lines = [
        f"FORMAT, ITEMSIZE, READONLY = {layout['format'].encode()!r}, {size}, {layout['readonly']}",
        f"SHAPE, STRIDES = {list(layout['shape'])}, {strides_of(layout)}",
        f"ELEMENTS = {f'bytes(range({count}))' if is_counted and size == 1 and count <= 256 else items}",
        f"MEMORY = ctypes.create_string_buffer({block})",
        "ARRAYS = {",
        *(f"    {one}," for one in arrays),
        "}",
    ]
    return "\n" + "\n".join(lines) + "\n"


def _first_byte(layout: Mapping[str, Any], behaviours: set[str]) -> int | None:
    """That of the first element where no byte may be 0; None where elements are numbers from 0 on."""
    code = layout["format"].lstrip("@=<>!")
    if "no_zero_byte" not in behaviours or len(code) != 1 or len(layout["format"]) > 2:
        return None
    return 0x31 if code in "Bc" else 0x81 if code in "bhHiIlLqQnNefd" else None


def _item(layout: Mapping[str, Any], behaviours: set[str], size: str) -> str:
    """The bytes of element k, as an expression; as bytes_of_elements() of the reference says."""
    first = _first_byte(layout, behaviours)
    if first is None:
        repeated = str(int(size) // 8 + 1) if size.isdigit() else f"({size} // 8 + 1)"
        return f'(k.to_bytes(8, "little") * {repeated})[:{size}]'
    if first == 0x31:
        return f"bytes(0x31 + (k + i) % 9 for i in range({size}))"
    last = "bytes((0x81 + k % 80, 0x81 + (k + 1) % 80))"
    return f"({last}[:{size}]).rjust({size}, bytes(1))"


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


def _exporter(
    parts: Mapping[str, Any],
    behaviours: set[str],
    main: str,
    *,
    watching: bool = False,
    strays: bool,
    plain: bool = False,
) -> str:
    also = ", releasebuffer=python_api.PySequence_DelItem" if strays else ""
    grants = "refuses_all" not in behaviours
    what = "Grants every request that its memory allows" if grants else "Refuses every request"
    lines = [
        f"class Exporter(class_with(getbuffer=python_api.PySequence_DelSlice{also})):",
        f'    """{what}, and writes down what was asked.',
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
    ]
    if plain and grants:
        body += plain_grant(parts["layout"], behaviours, main)
    elif grants:
        body += grant(parts["layout"], behaviours, watching=watching)
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
    if parts["refused_requests"]:
        numbers = [number + 1 for number in parts["refused_requests"]]
        conditions.append(f"len(requests) in {numbers}")
    error = "BufferError"
    if "refusal_memory_error" in behaviours:
        error = "MemoryError"
    if "refusal_runtime_error" in behaviours:
        error = "RuntimeError"
    if "refusal_value_error" in behaviours:
        error = "ValueError"
    refusing = [f'raise {error}("the request is refused")']
    if "lie_obj" in behaviours:
        refusing.insert(0, "view.obj = id(bait)")
    elif "refusal_untouched" not in behaviours:
        refusing.insert(0, "view.obj = 0")
    if "refuses_all" in behaviours:
        return refusing
    refusing = ["    " + line for line in refusing]
    if len(conditions) == 1:
        return [f"if {conditions[0]}:", *refusing]
    return ["if (", *(f"    {'or ' if n else ''}{one}" for n, one in enumerate(conditions)), "):", *refusing]


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
    pairs = list(zip(layout["shape"], strides_of(layout), strict=True))
    step = layout["itemsize"]
    for extent, stride in reversed(pairs) if order == "C" else pairs:
        if extent != 1 and stride != step:
            return False
        step *= extent
    return True
