"""A wrong answer of the interpreter as a script: the call, through ctypes or on a memoryview, and its answer.

The script makes the memory of the case, makes the call, and compares the answer with what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bufspec.errors import StandaloneError
from bufspec.scripts.assembly import in_a_process, script_of_pieces
from bufspec.scripts.call_pieces import ALSO, PIECES

Given = Mapping[str, Any]
POINTER = 8


def code_of_call(rule: str, call: Given, owed: Given) -> str:
    """The code that makes the call and ends with 1 unless the answer has all that is owed.

    Raises StandaloneError for a call that no script can make.
    """
    main = [
        *_calls(call),
        f"due = {dict(owed)!r}",
        'found = {key: value for key, value in found.items() if key in due or key == "error"}',
        "if found != due:",
        "    broken(due, found)",
        'print("kept")',
    ]
    return script_of_pieces(rule, "\n".join(main) + "\n", "", PIECES, ALSO)


def code_of_fatal_call(call: Given, condition: str) -> str:
    """The code that makes the call in a process of its own, and ends with 1 if `condition` holds of that.

    Raises StandaloneError for a call that no script can make.
    """
    main = in_a_process(_calls(call), condition, "an answer")
    return script_of_pieces("an interpreter answers", "\n".join(main) + "\n", "", PIECES, ALSO)


def _calls(call: Given) -> list[str]:
    """The lines that make the call and leave its answer, or what it raised, in `found`."""
    make = CALLS.get(call["name"])
    if make is None:
        raise StandaloneError(
            f"no script makes the call {call['name']}: {WITHOUT_SCRIPT.get(call['name'], 'it needs C')}"
        )
    return [
        "try:",
        *("    " + line for line in make(call["given"])),
        "except Exception as error:",
        '    found = {"error": name_of(error)}',
    ]


def _memory(given: Given, name: str = "memory") -> str:
    """The line that makes a memory of a layout, whose element k holds the bytes of k."""
    if any(one >= 0 for one in given.get("suboffsets") or ()):
        given = {**given, "block": _bytes_of_null_pointers(given)}
    if len(given.get("shape", ())) > 64:
        raise StandaloneError("no memory has more than 64 dimensions")
    keys = ("format", "itemsize", "shape", "strides", "suboffsets", "readonly", "block", "offset")
    known = ", ".join(f"{key}={given[key]!r}" for key in keys if key in given)
    return f"{name} = Memory({known})"


def _bytes_of_null_pointers(given: Given) -> int:
    """How long the memory of pointers is that are all NULL, since no element lies behind one."""
    shape, strides = given["shape"], given["strides"]
    if 0 not in shape or min(strides) < 0:
        raise StandaloneError(
            "a script makes no memory with pointers to elements in it: bufspec replay shows the call"
        )
    steps = sum((extent - 1) * stride for extent, stride in zip(shape, strides, strict=True) if extent)
    return int(steps) + POINTER


def _letter(given: Given) -> str:
    return f"ctypes.c_char({given['order'].encode()!r})"


def _is_contiguous(given: Given) -> list[str]:
    return [
        _memory(given),
        f'found = {{"result": python_api.PyBuffer_IsContiguous(memory.struct(), {_letter(given)})}}',
    ]


def _strides(given: Given) -> list[str]:
    shape = given["shape"]
    return [
        f"shape = (ctypes.c_ssize_t * {max(len(shape), 1)})(*{shape!r})",
        f"strides = (ctypes.c_ssize_t * {max(len(shape), 1)})()",
        f"python_api.PyBuffer_FillContiguousStrides({len(shape)}, shape, strides, {given['itemsize']}, "
        f"{_letter(given)})",
        f'found = {{"strides": list(strides)[:{len(shape)}]}}',
    ]


def _size(given: Given) -> list[str]:
    return [
        "size_from_format = python_api.PyBuffer_SizeFromFormat",
        "size_from_format.argtypes, size_from_format.restype = [ctypes.c_char_p], ctypes.c_ssize_t",
        f'found = {{"result": size_from_format({given["format"].encode()!r})}}',
    ]


def _fill_info(given: Given) -> list[str]:
    if given.get("view") is False or "exporter" in given:
        raise StandaloneError("this form of the call is not made by a script")
    return [
        "block, view = ctypes.create_string_buffer(1), Py_buffer()",
        "python_api.PyBuffer_FillInfo(ctypes.byref(view), None, block, "
        f"ctypes.c_ssize_t({given['len']}), {int(given.get('readonly', False))}, {given['flags']:#05x})",
        "found = {",
        '    **{name: getattr(view, name) for name in ("ndim", "itemsize", "len")},',
        '    "readonly": view.readonly != 0,',
        '    "format": ctypes.string_at(view.format).decode() if view.format else None,',
        '    **{name: getattr(view, name) != 0 for name in ("shape", "strides")},',
        "}",
    ]


def _pointer(given: Given) -> list[str]:
    index = given["index"]
    return [
        _memory(given),
        f"index = (ctypes.c_ssize_t * {max(len(index), 1)})(*{index!r})",
        "get_pointer = python_api.PyBuffer_GetPointer",
        "get_pointer.restype = ctypes.c_void_p",
        "place = get_pointer(memory.struct(strided=True), index)",
        'found = {"element": number(ctypes.string_at(place, memory.itemsize))}',
    ]


def _length(given: Given) -> str:
    return str(given["length"]) if "length" in given else "memory.len"


def _to_contiguous(given: Given) -> list[str]:
    return [
        _memory(given),
        f"length = {_length(given)}",
        "copied = ctypes.create_string_buffer(max(length, memory.len) + 1)",
        "python_api.PyBuffer_ToContiguous("
        f"copied, memory.struct(), ctypes.c_ssize_t(length), {_letter(given)})",
        'found = {"elements": numbers(copied.raw[:length], memory.itemsize)}',
    ]


def _from_contiguous(given: Given) -> list[str]:
    return [
        _memory(given),
        f"length = {_length(given)}",
        "count = length // max(memory.itemsize, 1) + 1",
        "source = b''.join(element(100 + k, memory.itemsize) for k in range(count))",
        "python_api.PyBuffer_FromContiguous("
        f"memory.struct(), source, ctypes.c_ssize_t(length), {_letter(given)})",
        "held = memory.numbers()",
        'found = {"elements": [held.index(one) for one in range(100, 100 + count) if one in held]}',
    ]


def _copy_data(given: Given) -> list[str]:
    return [
        _memory(given["source"], "source"),
        _memory(given["destination"], "destination"),
        "destination.erase()",
        "to, of = ctypes.py_object(destination.view()), ctypes.py_object(source.view())",
        "python_api.PyObject_CopyData(to, of)",
        'found = {"elements": destination.numbers()}',
    ]


def _view(*lines: str) -> Callable[[Given], list[str]]:
    """A call on a memoryview of the memory; in its lines {key} is what is given for it."""

    def make(given: Given) -> list[str]:
        shown = {key: repr(value) for key, value in given.items()}
        bounds = "slice({}, {}, {})".format(*(shown.get(key) for key in ("start", "stop", "step")))
        shape = f", shape={shown['to_shape']}" if "to_shape" in shown else ""
        index = shown.get("index", "")
        if isinstance(given.get("index"), list):
            index = repr(given["index"][0] if len(given["index"]) == 1 else tuple(given["index"]))
        texts = {**shown, "bounds": bounds, "to_shape": shape, "index": index}
        return [_memory(given), "view = memory.view()", *(line.format_map(texts) for line in lines)]

    return make


def _equal(given: Given) -> list[str]:
    return [
        _memory(given["left"], "left"),
        _memory(given["right"], "right"),
        'found = {"result": int(left.view() == right.view())}',
    ]


CALLS: dict[str, Callable[[Given], list[str]]] = {
    "is_contiguous": _is_contiguous,
    "fill_contiguous_strides": _strides,
    "size_from_format": _size,
    "fill_info": _fill_info,
    "get_pointer": _pointer,
    "to_contiguous": _to_contiguous,
    "from_contiguous": _from_contiguous,
    "copy_data": _copy_data,
    "memoryview_slice": _view(
        "part = view[{bounds}]",
        "found = {{",
        '    "shape": list(part.shape),',
        '    "strides": list(part.strides),',
        '    "elements": numbers(part.tobytes(), memory.itemsize),',
        "}}",
    ),
    "memoryview_item": _view(
        "value = view[{index}]",
        "known = {{unpacked(memory.format, element(k, memory.itemsize)): k for k in range(100)}}",
        'found = {{"element": known.get(value, -1)}}',
    ),
    "memoryview_tobytes": _view(
        'found = {{"elements": numbers(view.tobytes(order={order}), memory.itemsize)}}'
    ),
    "memoryview_cast": _view(
        "part = view.cast({to_format}{to_shape})",
        'found = {{"shape": list(part.shape), "strides": list(part.strides), "format": part.format}}',
    ),
    "memoryview_contiguous": _view(
        'found = {{"c": view.c_contiguous, "f": view.f_contiguous, "any": view.contiguous}}'
    ),
    "memoryview_toreadonly": _view(
        "part = view.toreadonly()",
        "found = {{",
        '    "readonly": part.readonly,',
        '    "original_readonly": view.readonly,',
        '    "shape": list(part.shape),',
        '    "elements": numbers(part.tobytes(), memory.itemsize),',
        "}}",
    ),
    "memoryview_hash": _view('found = {{"of_bytes": hash(view) == hash(view.tobytes())}}'),
    "memoryview_equal": _equal,
}
"""The lines of a script that make a call and leave its answer in `found`."""

WITHOUT_SCRIPT = {
    "parse_argument": "the parser takes a variable number of arguments, which ctypes cannot pass everywhere",
    "parse_arguments": "the parser takes a variable number of arguments, which ctypes cannot pass everywhere",
    "borrow_argument": "the parser takes a variable number of arguments, which ctypes cannot pass everywhere",
    "compound_value": "the word stands in the header, which a compiler reads",
    "memoryview_sequence": "the replay shows the operations and their answers one by one",
}
"""Calls that a script does not make, and why."""
