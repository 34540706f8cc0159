"""siphash24.  Tried with 1."""

import siphash24
from bufspec.declare import consumer

consumer("siphash24.siphash24")(lambda exported: siphash24.siphash24(exported).digest())
consumer("siphash24.key", fits={"nbytes": 16})(
    lambda exported: siphash24.siphash13(b"a text", key=exported).digest()
)
