"""lz4: blocks and frames.  Tried with 4.4."""

from collections.abc import Callable
from typing import Any

import lz4.block
import lz4.frame
from bufspec.declare import BYTES_LIKE, consumer

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "block_compress": lz4.block.compress,
    "block_compress_high": lambda given: lz4.block.compress(given, mode="high_compression"),
    "block_dictionary": lambda given: lz4.block.compress(b"a text", dict=given),
    "frame_compress": lz4.frame.compress,
    "frame_compressor": lambda given: [
        (it := lz4.frame.LZ4FrameCompressor()).begin(),
        it.compress(given),
        it.flush(),
    ],
}

for _name, _consume in TOTAL.items():
    consumer(f"lz4.{_name}", accepts=BYTES_LIKE)(_consume)

consumer("lz4.block_decompress", refuses=(lz4.block.LZ4BlockError,))(
    lambda exported: lz4.block.decompress(exported, uncompressed_size=64)
)
