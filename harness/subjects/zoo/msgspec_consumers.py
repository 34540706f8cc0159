"""msgspec: JSON and MessagePack of memory.  Tried with 0.2x."""

from typing import Any

import msgspec
from bufspec.declare import consumer

consumer("msgspec.msgpack_decode", refuses=(msgspec.DecodeError,))(msgspec.msgpack.decode)
consumer("msgspec.raw", kind="keeps", returns="bytes")(msgspec.Raw)
consumer("msgspec.msgpack_encode_raw")(lambda exported: msgspec.msgpack.encode(msgspec.Raw(exported)))


@consumer("msgspec.msgpack_encode", returns="bytes")
def _msgpack_encode(exported: Any) -> object:
    with memoryview(exported) as view:
        return msgspec.msgpack.decode(msgspec.msgpack.encode(view))


@consumer("msgspec.json_encode")
def _json_encode(exported: Any) -> object:
    with memoryview(exported) as view:
        return msgspec.json.encode(view)
