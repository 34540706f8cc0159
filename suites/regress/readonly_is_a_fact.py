"""Memory that must never be written: declared, hashed, or that of a bytes or str object."""

import io

from bufspec.declare import exporter

VERDICTS = {
    "regress.declared_and_refused": {"recommends": []},
    "regress.declared_but_granted": {
        "breaks": ["field.readonly.same_for_all", "request.writable.refused_if_readonly"]
    },
    "regress.declared_but_granted_for_writable": {"breaks": ["request.writable.refused_if_readonly"]},
    "regress.memory_of_bytes": {"recommends": ["request.writable.unchanging_memory"]},
    "regress.memory_of_a_text": {"recommends": ["request.writable.unchanging_memory"]},
    "regress.hash_of_the_bytes": {"recommends": ["request.writable.unchanging_memory"]},
    "regress.hash_of_something_else": {"recommends": []},
    "regress.bytes_of_a_stream": {"recommends": []},
    "regress.empty_bytes": {"recommends": []},
}
KEPT = b"kept by many"


def _view(shown: object, size: int, writable: int = 0, claims: int = 0) -> object:
    from views import view

    return view(shown, "B", 1, [size], [1], writable, claims)


class Hashed(bytearray):
    def __hash__(self) -> int:
        return hash(bytes(self))


class ByName(bytearray):
    def __hash__(self) -> int:
        return 5


exporter("regress.declared_and_refused", readonly=True)(lambda: KEPT)
exporter("regress.declared_but_granted", readonly=True)(lambda: bytearray(KEPT))
exporter("regress.declared_but_granted_for_writable", readonly=True)(lambda: _view(KEPT, len(KEPT), 0, 1))
exporter("regress.memory_of_bytes")(lambda: _view(KEPT, len(KEPT), 1))
exporter("regress.memory_of_a_text")(lambda: _view("kept by many", 12, 1))
exporter("regress.hash_of_the_bytes")(lambda: Hashed(KEPT))
exporter("regress.hash_of_something_else")(lambda: ByName(KEPT))
exporter("regress.bytes_of_a_stream")(lambda: io.BytesIO(KEPT).getbuffer())
exporter("regress.empty_bytes")(lambda: _view(b"", 0, 1))
