"""Consumers that are written in Python: those with a state, and those that read only a part of real sizes.

Their rows are in spec/consumer_mutants.yaml.
"""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

from bufspec.declare import consumer

WHOLE = 1 << 30


def _first_bytes(most: int) -> Callable[[Any], bytes]:
    """A consumer of so many bytes; the rest it gives as zeros."""

    def first_bytes(memory: Any) -> bytes:
        contents = memoryview(memory).tobytes()
        return contents[:most] + bytes(max(0, len(contents) - most))

    return first_bytes


def _without_the_last(memory: Any) -> bytes:
    contents = memoryview(memory).tobytes()
    return contents[:-1] + bytes([contents[-1] ^ 1])


def _declare(name: str, consume: Callable[[Any], bytes], fits: dict[str, Any]) -> None:
    """The mutant and its twin."""
    consumer(f"mutants.consumer_{name}", returns="bytes", fits=fits)(consume)
    consumer(f"mutants.consumer_{name}_twin", returns="bytes", fits=fits)(_first_bytes(WHOLE))


# Of large items: there are as many bytes, and fewer addresses to be found.
_64B = {"nbytes": 64, "format": "B"}
_100KB = {"shape": (25,), "format": "4096s"}
_declare("loses_the_last_byte_64b", _without_the_last, _64B)
_declare("loses_the_last_byte_100kb", _without_the_last, _100KB)
_declare("stops_at_64kib_100kb", _first_bytes(65_536), _100KB)


def _hash() -> Callable[[Any], str]:
    state = hashlib.sha256()

    def update(memory: Any) -> str:
        state.update(memoryview(memory).tobytes())
        return state.hexdigest()

    return update


consumer("mutants.consumer_with_state")(consumer.fresh(_hash))


class Busy:
    """Works once at a time, and says so if it is called while it does."""

    def __init__(self) -> None:
        self.works = False

    def __call__(self, memory: Any) -> bytes:
        if self.works:
            raise RuntimeError("called while it works")
        self.works = True
        try:
            return memoryview(memory).tobytes()
        finally:
            self.works = False


consumer("mutants.consumer_not_reentrant", returns="bytes", reentrant=False, threads=False)(Busy())


class OfOneThread:
    """Belongs to the thread that calls it first, as a database does."""

    def __init__(self) -> None:
        self.thread = 0

    def __call__(self, memory: Any) -> bytes:
        self.thread = self.thread or threading.get_ident()
        if self.thread != threading.get_ident():
            raise RuntimeError("made in another thread")
        return memoryview(memory).tobytes()


consumer("mutants.consumer_of_one_thread", returns="bytes", threads=False)(OfOneThread())


@consumer(
    "mutants.consumer_masks_padding", returns="bytes", fits={"format": "T{b:flag:3xi:number:}", "shape": (7,)}
)
def _masks_padding(memory: Any) -> bytes:
    contents = bytearray(memoryview(memory).tobytes())
    for at in range(0, len(contents), 8):
        contents[at + 1 : at + 4] = b"\x5a\x5a\x5a"
    return bytes(contents)


@consumer("mutants.consumer_as_it_lies", returns="bytes", order="memory")
def _as_it_lies(memory: Any) -> bytes:
    view = memoryview(memory)
    if not view.contiguous:
        raise BufferError("not one segment")
    return view.tobytes("A")


consumer("mutants.consumer_of_aligned_memory", returns="bytes", fits={"nbytes": 4096, "align": 64})(
    _first_bytes(WHOLE)
)


class Unfit(Exception):
    """What such a package raises where others raise ValueError."""


@consumer("mutants.consumer_refuses_in_its_own_way", returns="bytes", refuses=(Unfit,))
def _refuses_in_its_own_way(memory: Any) -> bytes:
    view = memoryview(memory)
    if view.ndim != 1 or view.itemsize != 1:
        raise Unfit("bytes in one dimension")
    return view.tobytes()
