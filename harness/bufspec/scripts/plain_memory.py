"""A consumer's break on memory that memoryview makes: no exporter has to be written down.

The shortest form of a script, for memory that is C-contiguous or has one dimension, where nothing but the
result, an exception or the contents is looked at.  Whether memoryview grants what our exporter did is not
known here: a script is run before it is handed over, and consumer_checks.py has the form that repeats
the case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bufspec.scripts.assembly import script_of_pieces
from bufspec.scripts.consumer_checks import CHECKS, NOT_HELD, OF_ITEMS, RESULT, SAME, Consumer, comparison
from bufspec.scripts.exporter_checks import Lines, says
from bufspec.scripts.pieces import VERDICT
from bufspec.values import Violation

NATIVE = "cbB?hHiIlLqQnNfd"
"""The formats that memoryview.cast() takes."""
MOST_BYTES = 400
"""Of a memory that is written down in a script."""

RELEASED = frozenset({"release", "collect"})
"""Steps after the call at which a view may still be found held."""
HELD = frozenset({"consumer.release.exactly_once", "consumer.release.nothing_kept"})

CALL = '''
def call(memory):
    """The consumer's result and the exception that it raises, one of them None."""
    try:
        return consumer(memory), None
    except Exception as error:
        print(f"raises {error!r}")
        return None, error.with_traceback(None)
'''


def code_on_plain_memory(consumer: Consumer, parts: Mapping[str, Any], violation: Violation) -> str | None:
    """The script after its docstring; None where the memory or the rule needs an exporter of our own."""
    memory = memory_in_python(parts["layout"])
    before = parts["steps"][: violation["step"] + 1]
    if memory is None or parts["behaviours"] or parts["refused_requests"]:
        return None
    kinds = [one["kind"] for one in before]
    if kinds[:1] != ["consume"] or not RELEASED.issuperset(kinds[1:]):
        return None
    check = _check(violation, consumer) if len(kinds) == 1 or violation["rule"] in HELD else None
    if check is None:
        return None
    main = [*memory, *check, 'print("kept")']
    pieces = {"call": CALL, "same": SAME, "broken": VERDICT}
    return script_of_pieces(violation["rule"], "\n".join(main) + "\n", consumer.made, pieces, {})


def memory_in_python(layout: Mapping[str, Any] | None) -> Lines | None:
    """The lines that make `memory`, of which element k holds the bytes of k; None if no memoryview is so."""
    if layout is None or layout["suboffsets"] is not None or layout["format"] not in NATIVE:
        return None
    shape, itemsize = list(layout["shape"]), layout["itemsize"]
    rows = [itemsize * math.prod(shape[d + 1 :]) for d in range(len(shape))]
    strides = list(layout["strides"] or rows)
    count = math.prod(shape)
    followed = [(one, right) for n, one, right in zip(shape, strides, rows, strict=True) if n != 1]
    is_plain = all(one == right for one, right in followed)
    if count == 0 or not layout["format"]:
        return None
    if not is_plain and (len(shape) != 1 or strides[0] % itemsize or not strides[0]):
        return None
    step = 1 if is_plain else strides[0] // itemsize
    items = [(k.to_bytes(8, "little") * (itemsize // 8 + 1))[:itemsize] for k in range(count)]
    gap = b"\xee" * itemsize * (abs(step) - 1)
    data = gap.join(items[:: 1 if step > 0 else -1])
    if len(data) > MOST_BYTES:
        return None
    kind = "bytes" if layout["readonly"] else "bytearray"
    lines = [f'memory = memoryview({kind}.fromhex("{data.hex()}"))']
    if layout["format"] != "B" or len(shape) != 1:
        extents = f", {shape}" if len(shape) != 1 else ""
        lines[0] += f'.cast("{layout["format"]}"{extents})'
    if step != 1:
        lines[0] += f"[::{step}]"
    return lines


def _check(violation: Violation, consumer: Consumer) -> Lines | None:
    rule = violation["rule"]
    if violation["finding"]["aspect"] == "not_held":
        return [
            "exporter = bytearray(memory.tobytes())",
            "result, error = call(exporter)",
            "try:",
            "    exporter.append(0)  # which a held view forbids",
            "except BufferError:",
            '    error = "held"',
            *says("error is None", *NOT_HELD),
        ]
    is_result = CHECKS[rule].after == RESULT.after or rule == "consumer.dimensions.up_to_64"
    if rule == "consumer.capability.accepted":
        found = says("error is not None", '"a result, as it is documented"', 'f"raised {error!r}"')
        return ["result, error = call(memory)", *found]
    if rule == "consumer.write.only_if_asked":
        found = says("memory.tobytes() != before", "before", "memory.tobytes()")
        return ["before = memory.tobytes()", "result, error = call(memory)", *found]
    if rule == "consumer.fill.elements_right":
        found = says("memory.tobytes() != plain", "bytes(plain)", "memory.tobytes()")
        of_items = violation["finding"]["aspect"] in OF_ITEMS
        same = "memoryview(plain).cast(memory.format, memory.shape)" if of_items else "plain"
        return ["plain = bytearray(memory.tobytes())", f"consumer({same})", "call(memory)", *found]
    if rule in HELD:
        return [
            "exporter = bytearray(memory.tobytes())",
            "call(exporter)",
            "gc.collect()",
            "try:",
            "    exporter.append(0)  # which a held view forbids",
            "except BufferError as error:",
            '    broken("every view released", error)',
        ]
    if not is_result or consumer.returns not in ("", "bytes"):
        return None
    plain = "bytearray(memory.tobytes())" if consumer.kind == "fills" else "memory.tobytes()"
    expected = plain if consumer.returns else f"consumer({plain})  # the same elements in C order"
    return [
        f"expected = {expected}",
        "result, error = call(memory)",
        *says(f"error is None and not {comparison(consumer)}", "repr(expected)", "repr(result)"),
    ]
