"""cbor2.  Tried with 6."""

import cbor2
from bufspec.declare import consumer

consumer("cbor2.loads", refuses=(cbor2.CBORDecodeError,))(cbor2.loads)
