"""zlib-ng: a faster zlib.  Tried with 1.0."""

from collections.abc import Callable
from typing import Any

from bufspec.declare import BYTES_LIKE, consumer
from zlib_ng import gzip_ng, zlib_ng

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "compress": lambda given: zlib_ng.compress(given, 1),
    "compressobj": lambda given: [(it := zlib_ng.compressobj(1)).compress(given), it.flush()],
    "crc32": zlib_ng.crc32,
    "adler32": zlib_ng.adler32,
    "gzip_compress": lambda given: gzip_ng.compress(given, mtime=0),
}

for _name, _consume in TOTAL.items():
    consumer(f"zlib_ng.{_name}", accepts=BYTES_LIKE)(_consume)

consumer("zlib_ng.decompressobj", refuses=(zlib_ng.error,))(
    lambda exported: zlib_ng.decompressobj().decompress(exported)
)
consumer("zlib_ng.zdict")(
    lambda exported: [(it := zlib_ng.compressobj(zdict=exported)).compress(b"a key"), it.flush()]
)
