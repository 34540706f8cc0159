"""Does this interpreter keep its side of PEP 688?  One check for each rule of spec/tables/90-pep688.yaml.

A check uses classes and memoryviews as any Python program may, and returns what it found wrong, empty if
nothing.  An interpreter before 3.12 has none of this and makes none.  Nothing here judges an exporter:
classes with `__buffer__` are subjects like any other.
"""

from __future__ import annotations

import array
import ctypes
import inspect
import io
import sys
from collections import abc
from collections.abc import Callable
from typing import Any

FULL_RO = 0x11C
WRITABLE = 0x1
STRIDES = 0x18
UNASSIGNED = 0x4000
PY_BUFFER_BYTES = 128
"""Room for a Py_buffer of any version."""

FLAGS = {
    "SIMPLE": 0x0,
    "WRITABLE": 0x1,
    "FORMAT": 0x4,
    "ND": 0x8,
    "STRIDES": 0x18,
    "C_CONTIGUOUS": 0x38,
    "F_CONTIGUOUS": 0x58,
    "ANY_CONTIGUOUS": 0x98,
    "INDIRECT": 0x118,
    "CONTIG": 0x9,
    "CONTIG_RO": 0x8,
    "STRIDED": 0x19,
    "STRIDED_RO": 0x18,
    "RECORDS": 0x1D,
    "RECORDS_RO": 0x1C,
    "FULL": 0x11D,
    "FULL_RO": 0x11C,
    "READ": 0x100,
    "WRITE": 0x200,
}
"""The header's words; inspect.BufferFlags has to say the same (C-688-15)."""


def _outcome(call: Callable[[], object]) -> str:
    """The name of the exception that `call` raises, empty if it raises none."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return ""


def _expect(expected: str, of: str, call: Callable[[], object]) -> str:
    found = _outcome(call)
    return "" if found == expected else f"{of}: {found or 'no exception'} where {expected or 'none'} is due"


def _first(*faults: str) -> str:
    return next((fault for fault in faults if fault), "")


def looked_up_on_type() -> str:
    """`__buffer__` counts on the type, a lone `__release_buffer__` makes no exporter (C-688-1, C-688-12)."""

    class Plain:
        pass

    class ReleaseOnly:
        def __release_buffer__(self, view: memoryview) -> None:
            pass

    class Exporter:
        def __buffer__(self, flags: int) -> memoryview:
            return memoryview(b"type")

    on_instance: Any = Plain()
    on_instance.__buffer__ = lambda flags: memoryview(b"instance")
    release_only: Any = ReleaseOnly()
    exporter: Any = Exporter()
    return _first(
        _expect("TypeError", "__buffer__ on the instance", lambda: memoryview(on_instance)),
        _expect("TypeError", "__release_buffer__ alone", lambda: memoryview(release_only)),
        _expect("", "__buffer__ on the type", lambda: memoryview(exporter)),
    )


def returns_memoryview() -> str:
    """A `__buffer__` that returns anything but a memoryview fails with TypeError (C-688-2)."""

    class Exporter:
        def __init__(self, result: object) -> None:
            self.result = result

        def __buffer__(self, flags: int) -> object:
            return self.result

    def request(result: object) -> Callable[[], object]:
        exporter: Any = Exporter(result)
        return lambda: memoryview(exporter)

    return _first(
        _expect("TypeError", "__buffer__ returns bytes", request(b"no view")),
        _expect("TypeError", "__buffer__ returns None", request(None)),
        _expect("TypeError", "__buffer__ returns a bytearray", request(bytearray(3))),
    )


def inherited_slot() -> str:
    """`super().__buffer__` works, and the C base's slot runs however the release is overridden (C-688-13)."""
    calls: list[str] = []

    class Overriding(bytearray):
        def __buffer__(self, flags: int) -> memoryview:
            calls.append("buffer")
            return super().__buffer__(flags)

        def __release_buffer__(self, view: memoryview) -> None:
            calls.append("release")
            super().__release_buffer__(view)

    class ReleaseOnly(bytearray):
        def __release_buffer__(self, view: memoryview) -> None:
            calls.append("release")

    for kind, expected in ((Overriding, ["buffer", "release"]), (ReleaseOnly, ["release"])):
        calls.clear()
        exporter = kind(b"abc")
        view = memoryview(exporter)
        locked = _outcome(lambda: exporter.append(1))  # noqa: B023
        view.release()
        if locked != "BufferError":
            return f"a {kind.__name__} of bytearray is not locked while it is exported"
        if unlocked := _outcome(lambda: exporter.append(1)):  # noqa: B023
            return f"a {kind.__name__} of bytearray stays locked after the release: {unlocked}"
        if calls != expected:
            return f"a {kind.__name__} of bytearray ran {calls}, expected {expected}"
    return ""


def restricted_view() -> str:
    """What a lone `__release_buffer__` of a C exporter's subclass gets makes no further views (C-688-14)."""
    found: dict[str, str] = {}

    class ReleaseOnly(bytearray):
        def __release_buffer__(self, view: memoryview) -> None:
            found["a view of it"] = _outcome(lambda: memoryview(view))
            found["a slice of it"] = _outcome(lambda: view[:1])
            found["a cast of it"] = _outcome(lambda: view.cast("b"))

    memoryview(ReleaseOnly(b"abc")).release()
    if not found:
        return "__release_buffer__ was not called"
    wrong = [f"{what}: {error or 'allowed'}" for what, error in found.items() if error != "ValueError"]
    return "; ".join(wrong) and "; ".join(wrong) + " where ValueError is due"


def unmodified() -> str:
    """`__buffer__` gets the request's flags as they are, unknown bits included (C-688-3)."""
    seen: list[object] = []

    class Exporter:
        def __buffer__(self, flags: int) -> memoryview:
            seen.append(flags)
            return memoryview(bytearray(4))

    exporter: Any = Exporter()
    view = ctypes.create_string_buffer(PY_BUFFER_BYTES)
    words = [FULL_RO, WRITABLE, STRIDES | UNASSIGNED]
    python = ctypes.PyDLL(None)  # of its own: what others say of the arguments of pythonapi holds everywhere
    for word in words:
        python.PyObject_GetBuffer(ctypes.py_object(exporter), view, word)
        python.PyBuffer_Release(view)
    return "" if seen == words else f"the words {words} arrive as {seen}"


def mismatch_refused() -> str:
    """A memoryview that cannot meet the flags makes the request fail with BufferError (C-688-4)."""

    class Exporter:
        def __init__(self, view: memoryview) -> None:
            self.view = view

        def __buffer__(self, flags: int) -> memoryview:
            return self.view

    readonly: Any = Exporter(memoryview(b"abcd"))
    strided: Any = Exporter(memoryview(bytearray(8))[::2])
    return _first(
        _expect(
            "BufferError",
            "WRITABLE of read-only memory",
            lambda: array.array("b", b"abcd").frombytes(strided),
        ),
        _expect("TypeError", "readinto() read-only memory", lambda: io.BytesIO(b"abcd").readinto(readonly)),
    )


def result_ignored() -> str:
    """What `__release_buffer__` returns is ignored, and what it raises is unraisable (C-688-8)."""
    unraisable: list[str] = []

    class Exporter:
        def __buffer__(self, flags: int) -> memoryview:
            return memoryview(b"abcd")

        def __release_buffer__(self, view: memoryview) -> object:
            return "ignored"

    class Raising(Exporter):
        def __release_buffer__(self, view: memoryview) -> object:
            raise RuntimeError("at the release")

    returning: Any = Exporter()
    raising: Any = Raising()
    hook, sys.unraisablehook = (
        sys.unraisablehook,
        lambda event: unraisable.append(type(event.exc_value).__name__),
    )
    try:
        faults = _first(
            _expect("", "a result of __release_buffer__", lambda: memoryview(returning).release()),
            _expect("", "an exception in __release_buffer__", lambda: memoryview(raising).release()),
        )
    finally:
        sys.unraisablehook = hook
    if faults:
        return faults
    return (
        ""
        if unraisable == ["RuntimeError"]
        else f"reported as unraisable: {unraisable}, expected RuntimeError"
    )


def synthesised() -> str:
    """C exporters show `__buffer__`, and `__release_buffer__` exactly with the slot (C-688-10)."""
    has_release = {bytes: False, bytearray: True, memoryview: True, array.array: True}
    for kind, expected in has_release.items():
        if not hasattr(kind, "__buffer__"):
            return f"{kind.__name__} has no __buffer__"
        if hasattr(kind, "__release_buffer__") is not expected:
            return f"{kind.__name__} has {'no' if expected else 'a'} __release_buffer__"
    return ""


def arguments_checked() -> str:
    """The methods, called directly, refuse what is no argument of theirs (C-688-11)."""
    exporter: Any = bytearray(b"abcd")
    other: Any = bytearray(b"efgh")
    own = exporter.__buffer__(FULL_RO)
    foreign = other.__buffer__(FULL_RO)
    exporter.__release_buffer__(own)
    return _first(
        _expect("TypeError", "__buffer__('flags')", lambda: exporter.__buffer__("flags")),
        _expect("OverflowError", "__buffer__(2**40)", lambda: exporter.__buffer__(2**40)),
        _expect("TypeError", "__release_buffer__(None)", lambda: exporter.__release_buffer__(None)),
        _expect(
            "ValueError", "__release_buffer__ of another's view", lambda: exporter.__release_buffer__(foreign)
        ),
        _expect("ValueError", "__release_buffer__ a second time", lambda: exporter.__release_buffer__(own)),
    )


def buffer_flags() -> str:
    """inspect.BufferFlags holds the header's words, abc.Buffer tests for `__buffer__` (C-688-15)."""
    flags = getattr(inspect, "BufferFlags", None)
    if flags is None:
        return "inspect has no BufferFlags"
    for name, value in FLAGS.items():
        if getattr(flags, name, None) != value:
            return f"inspect.BufferFlags.{name} is {getattr(flags, name, 'absent')!s}, expected {value:#x}"
    buffer = getattr(abc, "Buffer", None)
    if buffer is None:
        return "collections.abc has no Buffer"
    objects: list[tuple[object, bool]] = [(b"", True), (bytearray(), True), ("", False), ([], False)]
    for thing, expected in objects:
        if isinstance(thing, buffer) is not expected:
            return f"isinstance({thing!r}, Buffer) is {not expected}"
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "pep688.exporter.looked_up_on_type": looked_up_on_type,
    "pep688.exporter.returns_memoryview": returns_memoryview,
    "pep688.exporter.inherited_slot": inherited_slot,
    "pep688.exporter.restricted_view": restricted_view,
    "pep688.flags.unmodified": unmodified,
    "pep688.flags.mismatch_refused": mismatch_refused,
    "pep688.release.result_ignored": result_ignored,
    "pep688.method.synthesised": synthesised,
    "pep688.method.arguments_checked": arguments_checked,
    "pep688.names.buffer_flags": buffer_flags,
}


def checks_here() -> dict[str, Callable[[], str]]:
    """The checks, by rule, of an interpreter that has PEP 688; none of another."""
    return CHECKS if sys.version_info >= (3, 12) else {}
