"""imagecodecs: many codecs in Cython, which fill what they are given for output.  Tried with 2026."""

from typing import Any

import imagecodecs
from bufspec.declare import consumer

PLAIN = bytes(range(24))
NAMES = ("lz4", "zstd", "zlib", "lzw", "deflate", "snappy", "bz2")

for _name in NAMES:
    if not getattr(imagecodecs, _name.upper()).available:
        continue
    _encode = getattr(imagecodecs, f"{_name}_encode")
    _decode = getattr(imagecodecs, f"{_name}_decode")
    _encoded_plain = bytes(_encode(PLAIN))

    @consumer(f"imagecodecs.{_name}_encode", refuses=(RuntimeError, AttributeError))
    def _encoded(exported: Any, encode: Any = _encode) -> object:
        return bytes(encode(exported))

    @consumer(
        f"imagecodecs.{_name}_decode_out",
        kind="fills",
        fits={"nbytes": 24},
        refuses=(RuntimeError, AttributeError),
    )
    def _decode_out(exported: Any, decode: Any = _decode, encoded: bytes = _encoded_plain) -> None:
        decode(encoded, out=exported)


consumer("imagecodecs.crc32")(imagecodecs.zlib_crc32)
consumer("imagecodecs.h5checksum")(imagecodecs.h5checksum_fletcher32)
