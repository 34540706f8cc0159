"""bson, of PyMongo.  Tried with 4."""

from typing import Any

import bson
import bson.codec_options
from bufspec.declare import consumer

consumer("bson.make_binary")(lambda exported: bytes(bson.Binary(exported)))


@consumer("bson.encode_binary")
def _encode_binary(exported: Any) -> object:
    return bson.encode({"a": bson.Binary(exported)})
