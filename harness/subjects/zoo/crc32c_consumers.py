"""crc32c.  Tried with 2.9."""

from typing import Any

import crc32c
from bufspec.declare import BYTES_LIKE, consumer

consumer("crc32c.crc32c", accepts=BYTES_LIKE)(crc32c.crc32c)
consumer("crc32c.in_parts", accepts=BYTES_LIKE)(
    lambda exported: crc32c.crc32c(exported, crc32c.crc32c(b"a key"), gil_release_mode=1)
)


@consumer("crc32c.update", accepts=BYTES_LIKE)
def _update(exported: Any) -> object:
    made = crc32c.CRC32CHash(b"a key")
    made.update(exported)
    return made.digest()
