"""deflate: libdeflate.  Tried with 0.7."""

from collections.abc import Callable
from typing import Any

import deflate
from bufspec.declare import BYTES_LIKE, consumer

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "gzip_compress": deflate.gzip_compress,
    "zlib_compress": deflate.zlib_compress,
    "deflate_compress": deflate.deflate_compress,
    "crc32": deflate.crc32,
    "adler32": deflate.adler32,
}

for _name, _consume in TOTAL.items():
    consumer(f"deflate.{_name}", accepts=BYTES_LIKE)(_consume)
