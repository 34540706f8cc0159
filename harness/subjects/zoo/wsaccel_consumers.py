"""wsaccel: masks and UTF-8 of WebSocket frames.  Tried with 0.6."""

import wsaccel.utf8validator
import wsaccel.xormask
from bufspec.declare import consumer

consumer("wsaccel.mask")(lambda exported: wsaccel.xormask.XorMaskerSimple(b"abcd").process(exported))
consumer("wsaccel.utf8")(lambda exported: wsaccel.utf8validator.Utf8Validator().validate(exported))
