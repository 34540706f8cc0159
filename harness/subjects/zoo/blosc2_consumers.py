"""blosc2: compressed bytes and chunks.  Tried with 4.14."""

from typing import Any

import blosc2
from bufspec.declare import consumer

PLAIN = bytes(range(24))
COMPRESSED = blosc2.compress2(PLAIN)

consumer("blosc2.compress2", refuses=(RuntimeError,))(lambda exported: blosc2.compress2(exported))


@consumer("blosc2.decompress_into", kind="fills", refuses=(RuntimeError,))
def _decompress_into(exported: Any) -> object:
    return blosc2.decompress(COMPRESSED, dst=exported)


@consumer("blosc2.decompress2_into", kind="fills", refuses=(RuntimeError,))
def _decompress2_into(exported: Any) -> object:
    return blosc2.decompress2(COMPRESSED, dst=exported)


@consumer("blosc2.schunk_append", returns="bytes", refuses=(RuntimeError,))
def _schunk_append(exported: Any) -> object:
    made = blosc2.SChunk(chunksize=2**16)
    made.append_data(exported)
    return made.decompress_chunk(0)
