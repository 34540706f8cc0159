"""Exporters that raise exceptions of any kind: from a factory, a request, a release or an attribute."""

import ctypes
from collections.abc import Callable
from typing import NoReturn

from bad_exporters import GetBuffer, Slot, Spec, _kept, _memory, _python, exporter  # noqa: F401

RELEASEBUFFER_SLOT = 2
ReleaseBuffer = ctypes.PYFUNCTYPE(None, ctypes.py_object, ctypes.c_void_p)


class OfItsOwn(BaseException):
    """Nothing that anybody expects."""


class Unspeakable(Exception):
    """Cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class UnspeakablyOfItsOwn(BaseException):
    """Cannot be printed, and what comes of trying is nothing that anybody expects."""

    def __str__(self) -> str:
        raise OfItsOwn

    __repr__ = __str__


def raising(kind: type[BaseException]) -> Callable[[], NoReturn]:
    """What raises such an exception."""

    def fail() -> NoReturn:
        raise kind("raised on purpose at 0x7f0123456789")

    return fail


_calls: dict[type[BaseException], int] = {}


def failing_factory(kind: type[BaseException], after: int = 0) -> object:
    """A bytearray, but such an exception from the call after `after` on."""
    _calls[kind] = _calls.get(kind, 0) + 1
    if _calls[kind] > after:
        raising(kind)()
    return bytearray(4)


def touchy(kind: type[BaseException]) -> object:
    """A bytearray that raises whatever of it is looked at, but for its buffer."""

    class Touchy(bytearray):
        __hash__ = None  # type: ignore[assignment]

        def __getattribute__(self, name: str) -> NoReturn:
            raising(kind)()

        def __len__(self) -> NoReturn:
            raising(kind)()

        def __eq__(self, other: object) -> NoReturn:
            raising(kind)()

        def __repr__(self) -> NoReturn:
            raising(kind)()

        def __bool__(self) -> NoReturn:
            raising(kind)()

    return Touchy(b"four")


def exporter_raising_in_release(kind: type[BaseException]) -> object:
    """Four writable bytes whose release raises, which ctypes reports and nobody else ever sees."""

    def getbuffer(self: object, view: int, asked: int) -> int:
        return int(_python.PyBuffer_FillInfo(view, self, ctypes.addressof(_memory), 4, 0, asked))

    def releasebuffer(self: object, view: int) -> None:
        raising(kind)()

    functions = GetBuffer(getbuffer), ReleaseBuffer(releasebuffer)
    slots = (Slot * 3)(
        Slot(1, ctypes.cast(functions[0], ctypes.c_void_p)),
        Slot(RELEASEBUFFER_SLOT, ctypes.cast(functions[1], ctypes.c_void_p)),
        Slot(0, None),
    )
    spec = Spec(b"exceptions.Exporter", object.__basicsize__, 0, 0, slots)
    kept = _python.PyType_FromSpec(ctypes.byref(spec))
    _kept.extend([functions, slots, spec, kept])
    made: object = kept()
    return made
