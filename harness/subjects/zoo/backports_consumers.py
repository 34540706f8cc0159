"""backports.zstd: compression.zstd of Python 3.14.  Tried with 1."""

import io
from collections.abc import Callable
from typing import Any

from backports import zstd
from bufspec.declare import BYTES_LIKE, consumer

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "zstd_compress": zstd.compress,
    "zstd_compressor": lambda given: [(it := zstd.ZstdCompressor()).compress(given), it.flush()],
}

for _name, _consume in TOTAL.items():
    consumer(f"backports.{_name}", accepts=BYTES_LIKE)(_consume)

consumer("backports.zstd_dict")(lambda exported: zstd.ZstdDict(exported, is_raw=True).dict_content)


@consumer("backports.zstd_file_readinto", kind="fills")
def _zstd_file_readinto(exported: Any) -> object:
    with zstd.ZstdFile(io.BytesIO(zstd.compress(bytes(range(24))))) as opened:
        return opened.readinto(exported)
