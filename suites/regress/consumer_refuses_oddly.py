"""An exception that says nothing of the memory is advice; of contents, or declared, it is not."""

import struct
import zlib
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.index_error": {"recommends": ["consumer.error.refusal_type"]},
    "regress.assertion": {"recommends": ["consumer.error.refusal_type"]},
    "regress.own_error": {"recommends": ["consumer.error.refusal_type"]},
    "regress.own_error_declared": {"recommends": []},
    "regress.decompress": {"recommends": []},
    "regress.unpack": {"recommends": []},
    "regress.value_error": {"recommends": []},
}


class OwnError(Exception):
    """Of a package."""


def refusing(error: type[Exception]) -> Any:
    def read(exported: Any) -> bytes:
        view = memoryview(exported)
        if view.ndim != 1:
            raise error("one dimension")
        return view.tobytes()

    return read


consumer("regress.index_error")(refusing(IndexError))
consumer("regress.assertion")(refusing(AssertionError))
consumer("regress.own_error")(refusing(OwnError))
consumer("regress.own_error_declared", refuses=[OwnError])(refusing(OwnError))
consumer("regress.value_error")(refusing(ValueError))


@consumer("regress.decompress", accepts=("contiguous",))
def decompress(exported: Any) -> bytes:
    plain = bytes(memoryview(exported))
    return plain if len(plain) == 24 else zlib.decompress(plain)


@consumer("regress.unpack")
def unpack(exported: Any) -> Any:
    return struct.unpack("12B", bytes(memoryview(exported)))
