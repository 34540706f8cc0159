"""isal: bindings of ISA-L, a faster zlib.  Tried with 1.8."""

from collections.abc import Callable
from typing import Any

from bufspec.declare import BYTES_LIKE, consumer
from isal import igzip, igzip_lib, isal_zlib

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "compress": lambda given: isal_zlib.compress(given, 1),
    "compressobj": lambda given: [(it := isal_zlib.compressobj(1)).compress(given), it.flush()],
    "crc32": isal_zlib.crc32,
    "adler32": isal_zlib.adler32,
    "gzip_compress": lambda given: igzip.compress(given, mtime=0),
    "lib_compress": igzip_lib.compress,
}

for _name, _consume in TOTAL.items():
    consumer(f"isal.{_name}", accepts=BYTES_LIKE)(_consume)

consumer("isal.decompressor", refuses=(isal_zlib.error,))(
    lambda exported: igzip_lib.IgzipDecompressor().decompress(exported)
)
