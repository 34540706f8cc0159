"""Brotli.  Tried with 1.2."""

import brotli
from bufspec.declare import BYTES_LIKE, consumer

consumer("brotli.compress", accepts=BYTES_LIKE, refuses=(brotli.error,))(
    lambda exported: brotli.compress(exported, quality=1)
)
consumer("brotli.compressor", accepts=BYTES_LIKE, refuses=(brotli.error,))(
    lambda exported: (it := brotli.Compressor(quality=1)).process(exported) + it.finish()
)
consumer("brotli.decompressor", refuses=(brotli.error,))(
    lambda exported: brotli.Decompressor().process(exported)
)
