"""gmpy2: big numbers of bytes.  Tried with 2.3."""

import gmpy2
from bufspec.declare import consumer

consumer("gmpy2.from_bytes")(lambda exported: int(gmpy2.mpz.from_bytes(exported, "little")))
consumer("gmpy2.from_bytes_signed")(lambda exported: int(gmpy2.mpz.from_bytes(exported, "big", signed=True)))
