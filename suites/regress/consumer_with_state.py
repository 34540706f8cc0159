"""A consumer with a state breaks no rule: it is undecided until it is made anew for each call."""

import io
import itertools
import zlib
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.stream_readinto": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.stream_of_one_letter": {
        "undecided": "two calls with the same plain memory gave different results"
    },
    "regress.counter": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.nonce": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.compressor": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.fresh_readinto": {},
    "regress.fresh_compressor": {},
    "regress.nonce_not_compared": {},
    "regress.objects_of_their_own": {},
}

consumer("regress.stream_readinto", kind="fills")(io.BytesIO(bytes(range(256)) * 400).readinto)
consumer("regress.stream_of_one_letter", kind="fills")(io.BytesIO(b"x" * 5000).readinto)

counting = itertools.count()


def counted(exported: Any) -> tuple[int, bytes]:
    return next(counting), bytes(memoryview(exported))


def with_nonce(exported: Any) -> bytes:
    return bytes([next(counting) & 0xFF]) + bytes(memoryview(exported))


consumer("regress.counter")(counted)
consumer("regress.nonce", returns="bytes")(with_nonce)
consumer("regress.nonce_not_compared", returns="none")(with_nonce)
consumer("regress.compressor")(zlib.compressobj().compress)
consumer("regress.fresh_compressor")(consumer.fresh(lambda: zlib.compressobj().compress))
consumer("regress.fresh_readinto", kind="fills")(
    consumer.fresh(lambda: io.BytesIO(bytes(range(256)) * 400).readinto)
)


class Token:
    """Equal to itself only."""

    def __init__(self, exported: Any) -> None:
        self.bytes = bytes(memoryview(exported))


consumer("regress.objects_of_their_own")(Token)
