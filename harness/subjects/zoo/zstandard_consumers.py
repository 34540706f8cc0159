"""python-zstandard: what compresses, trains and keeps memory.  Tried with 0.25."""

import io
from collections.abc import Callable
from typing import Any

import zstandard
from bufspec.declare import BYTES_LIKE, consumer

COMPRESSED = zstandard.compress(bytes(range(24)))

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "compress": zstandard.compress,
    "compressobj": lambda given: [
        (it := zstandard.ZstdCompressor().compressobj()).compress(given),
        it.flush(),
    ],
    "chunker": lambda given: [
        *(it := zstandard.ZstdCompressor().chunker(chunk_size=8)).compress(given),
        *it.finish(),
    ],
    "read_to_iter": lambda given: list(zstandard.ZstdCompressor().read_to_iter(given)),
    "stream_reader": lambda given: zstandard.ZstdCompressor().stream_reader(given).read(),
    "dictionary": lambda given: zstandard.ZstdCompressionDict(given).as_bytes(),
}

for _name, _consume in TOTAL.items():
    consumer(f"zstandard.{_name}", accepts=BYTES_LIKE)(_consume)


@consumer("zstandard.stream_writer", accepts=BYTES_LIKE)
def _stream_writer(exported: Any) -> object:
    written = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(written, closefd=False) as writer:
        writer.write(exported)
    return written.getvalue()


@consumer("zstandard.compression_reader_readinto", kind="fills")
def _compression_reader_readinto(exported: Any) -> object:
    return zstandard.ZstdCompressor().stream_reader(bytes(24)).readinto(exported)


@consumer("zstandard.decompression_reader_readinto", kind="fills")
def _decompression_reader_readinto(exported: Any) -> object:
    return zstandard.ZstdDecompressor().stream_reader(COMPRESSED).readinto(exported)


@consumer("zstandard.buffer_with_segments", kind="keeps", returns="none")
def _buffer_with_segments(exported: Any) -> object:
    return zstandard.BufferWithSegments(exported, (0).to_bytes(8, "little") + (1).to_bytes(8, "little"))
