"""pyzstd.  Tried with 0.19."""

import io
from typing import Any

import pyzstd
from bufspec.declare import BYTES_LIKE, consumer

consumer("pyzstd.compress", accepts=BYTES_LIKE)(pyzstd.compress)
consumer("pyzstd.dictionary", returns="bytes")(
    lambda exported: pyzstd.ZstdDict(exported, is_raw=True).dict_content
)


@consumer("pyzstd.compressor", accepts=BYTES_LIKE)
def _compressor(exported: Any) -> object:
    made = pyzstd.ZstdCompressor()
    return made.compress(exported) + made.flush()


@consumer("pyzstd.rich_mem_compress", accepts=BYTES_LIKE)
def _rich_mem_compress(exported: Any) -> object:
    return pyzstd.richmem_compress(exported)


@consumer("pyzstd.readinto", kind="fills")
def _readinto(exported: Any) -> object:
    with pyzstd.ZstdFile(io.BytesIO(pyzstd.compress(bytes(range(24))))) as opened:
        return opened.readinto(exported)
