"""bitstruct: fields of bits.  Tried with 8."""

import bitstruct.c
from bufspec.declare import consumer

consumer("bitstruct.unpack", refuses=(bitstruct.Error,))(
    lambda exported: bitstruct.unpack("u3s5u8", exported)
)
consumer("bitstruct.c_unpack")(lambda exported: bitstruct.c.unpack("u3s5u8", exported))
consumer("bitstruct.c_unpack_from")(lambda exported: bitstruct.c.unpack_from("u7", exported, 3))
