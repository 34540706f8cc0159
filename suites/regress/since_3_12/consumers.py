"""Each kind of consumer that was once judged wrongly, calling `__buffer__` itself (Python 3.12 and later)."""

import inspect
from typing import Any

from bufspec.declare import consumer

Flags = inspect.BufferFlags
VERDICTS = {
    "regress.segment": {"recommends": ["consumer.data.memory_order"]},
    "regress.segment_on_purpose": {"recommends": []},
    "regress.members": {"recommends": []},
    "regress.key_unsaid": {"undecided": "refused all"},
    "regress.key_held": {"recommends": []},
    "regress.no_flags": {"undecided": "TypeError"},
    "regress.name_error": {"undecided": "NameError"},
    "regress.number_of_items": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.number_of_bytes": {"recommends": []},
    "regress.sponge": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.fresh_sponge": {"recommends": []},
}


def segment(exported: Any) -> bytes:
    with exported.__buffer__(Flags.ANY_CONTIGUOUS | Flags.FORMAT) as view:
        return bytes(view.tobytes("A"))


def members(exported: Any) -> bytes:
    with memoryview(exported) as view:
        if view.format != "bi" or view.ndim != 1:
            return view.tobytes()
        parts = [view[number : number + 1].tobytes() for number in range(len(view))]
        return b"".join(part[:1] + b"pad" + part[4:] for part in parts)


def key(exported: Any) -> bytes:
    with exported.__buffer__(Flags.ND) as view:
        if view.nbytes != 4099:
            raise ValueError("a key has 4,099 bytes")
        return bytes(view)


def no_flags(exported: Any) -> bytes:
    return bytes(exported.__buffer__())


def name_error(exported: Any) -> bytes:
    return bytes(exported.__buffer__(no_such_name))  # noqa: F821


def number_of_items(exported: Any) -> int:
    with exported.__buffer__(Flags.FULL_RO) as view:
        return view.nbytes // (view.itemsize or 1)


def number_of_bytes(exported: Any) -> int:
    with exported.__buffer__(Flags.FULL_RO) as view:
        return int(view.nbytes)


class Sponge:
    def __init__(self) -> None:
        self.taken = b""

    def __call__(self, exported: Any) -> int:
        with memoryview(exported) as view:
            self.taken = (self.taken + view.tobytes())[-4096:] + b"."
        return hash(self.taken)


consumer("regress.segment", returns="bytes")(segment)
consumer("regress.segment_on_purpose", returns="bytes", order="memory")(segment)
consumer("regress.members", returns="bytes")(members)
consumer("regress.key_unsaid", returns="bytes")(key)
consumer("regress.key_held", returns="bytes", fits={"nbytes": 4099})(key)
consumer("regress.no_flags")(no_flags)
consumer("regress.name_error")(name_error)
consumer("regress.number_of_items")(number_of_items)
consumer("regress.number_of_bytes")(number_of_bytes)
consumer("regress.sponge")(Sponge())
consumer("regress.fresh_sponge")(consumer.fresh(Sponge))
