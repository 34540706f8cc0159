"""Consumers that make something else of an object that refuses: what they leave then is no reading."""

from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.reads_or_says_nothing": {},
    "regress.fills_or_leaves_it": {},
    "regress.fills_backwards_or_leaves_it": {"breaks": ["consumer.fill.elements_right"]},
}


def reads(given: Any) -> bytes:
    try:
        return bytes(memoryview(given))
    except BufferError:
        return b"nothing"


def filled(given: Any, pattern: bytes) -> None:
    """Fills C-contiguous memory, as far as it is granted."""
    try:
        view = memoryview(given)
    except BufferError:
        return
    with view:
        if view.readonly or not view.c_contiguous:
            raise TypeError("not writable, or not contiguous")
        if view.nbytes:
            with view.cast("B") as line:
                line[:] = (pattern * len(line))[: len(line)]


def fills(given: Any) -> None:
    filled(given, bytes(range(1, 250)))


def fills_backwards(given: Any) -> None:
    filled(given, bytes(range(1, 250))[:: 1 if isinstance(given, bytearray) else -1])


consumer("regress.reads_or_says_nothing", fallback=True)(reads)
consumer("regress.fills_or_leaves_it", kind="fills", returns="none", fallback=True)(fills)
consumer("regress.fills_backwards_or_leaves_it", kind="fills", returns="none", fallback=True)(fills_backwards)
