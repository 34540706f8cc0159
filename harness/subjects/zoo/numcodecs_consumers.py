"""numcodecs: codecs of chunks of arrays, which keep the order of the memory.  Tried with 0.16."""

from collections.abc import Callable
from typing import Any

import numcodecs
import numcodecs.compat
from bufspec.declare import consumer

PLAIN = bytes(range(24))
CODECS: dict[str, Any] = {
    "blosc": numcodecs.Blosc(cname="lz4"),
    "lz4": numcodecs.LZ4(),
    "zstd": numcodecs.Zstd(),
    "zlib": numcodecs.Zlib(),
    "shuffle": numcodecs.Shuffle(4),
    "crc32": numcodecs.CRC32(),
    "fletcher32": numcodecs.Fletcher32(),
}

for _name, _codec in CODECS.items():
    _encoded_plain = _codec.encode(PLAIN)

    @consumer(f"numcodecs.{_name}_encode", returns="bytes", order="memory", refuses=(RuntimeError,))
    def _encode(exported: Any, codec: Any = _codec) -> object:
        return bytes(codec.decode(codec.encode(exported)))

    @consumer(f"numcodecs.{_name}_decode_out", kind="fills", order="memory", fits={"nbytes": 24})
    def _decode_out(exported: Any, codec: Any = _codec, encoded: Any = _encoded_plain) -> None:
        codec.decode(encoded, out=exported)


KEEPERS: dict[str, Callable[[Any], object]] = {
    "ensure_ndarray": numcodecs.compat.ensure_ndarray,
    "ensure_contiguous_ndarray": numcodecs.compat.ensure_contiguous_ndarray,
}

for _name, _keep in KEEPERS.items():
    consumer(f"numcodecs.{_name}", kind="keeps", returns="bytes", fallback=True, order="memory")(_keep)

consumer("numcodecs.ensure_bytes", returns="bytes", order="memory", fallback=True)(
    numcodecs.compat.ensure_bytes
)
