"""cramjam: compressors in Rust, which read memory, and fill memory of others.  Tried with 2.14."""

from collections.abc import Callable
from typing import Any

import cramjam
from bufspec.declare import consumer

PLAIN = bytes(range(24))
COMPRESSED = bytes(cramjam.snappy.compress_raw(PLAIN))

# Compressors.
COMPRESSORS: dict[str, Callable[[Any], Any]] = {
    "snappy_compress": cramjam.snappy.compress,
    "snappy_compress_raw": cramjam.snappy.compress_raw,
    "lz4_compress_block": cramjam.lz4.compress_block,
    "zstd_compress": cramjam.zstd.compress,
    "gzip_compress": cramjam.gzip.compress,
    "brotli_compress": lambda given: cramjam.brotli.compress(given, level=1),
    "deflate_compress": cramjam.deflate.compress,
}

for _name, _consume in COMPRESSORS.items():

    @consumer(f"cramjam.{_name}")
    def _compressed(exported: Any, compress: Any = _consume) -> object:
        return bytes(compress(exported))


@consumer("cramjam.buffer_write")
def _buffer_write(exported: Any) -> object:
    made = cramjam.Buffer()
    made.write(exported)
    return bytes(made)


consumer("cramjam.make_buffer", returns="bytes")(cramjam.Buffer)


@consumer("cramjam.buffer_readinto", kind="fills")
def _buffer_readinto(exported: Any) -> object:
    return cramjam.Buffer(PLAIN).readinto(exported)


@consumer("cramjam.snappy_decompress_raw_into", kind="fills")
def _snappy_decompress_raw_into(exported: Any) -> object:
    return cramjam.snappy.decompress_raw_into(COMPRESSED, exported)


@consumer("cramjam.snappy_compress_into", kind="fills")
def _snappy_compress_into(exported: Any) -> object:
    return cramjam.snappy.compress_into(b"abc", exported)
