"""blake3.  Tried with 1.0."""

import blake3
from bufspec.declare import consumer

consumer("blake3.blake3")(lambda exported: blake3.blake3(exported).digest())
consumer("blake3.update")(lambda exported: blake3.blake3(b"a key").update(exported).digest())
consumer("blake3.update_in_threads")(
    lambda exported: blake3.blake3(max_threads=blake3.blake3.AUTO).update(exported).digest()
)
consumer("blake3.key", fits={"nbytes": 32})(lambda exported: blake3.blake3(b"a text", key=exported).digest())
