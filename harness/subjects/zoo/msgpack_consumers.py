"""msgpack.  Tried with 1.2."""

from typing import Any

import msgpack
from bufspec.declare import consumer

consumer("msgpack.unpackb", refuses=(msgpack.UnpackException, msgpack.ExtraData))(
    lambda exported: msgpack.unpackb(exported, raw=True, strict_map_key=False)
)


@consumer("msgpack.packb_memoryview", returns="bytes")
def _packb_memoryview(exported: Any) -> object:
    with memoryview(exported) as view:
        return msgpack.unpackb(msgpack.packb(view))


@consumer("msgpack.feed")
def _feed(exported: Any) -> object:
    made = msgpack.Unpacker(raw=True, strict_map_key=False)
    made.feed(exported)
    return made.unpack()


@consumer("msgpack.feed_read_bytes", returns="bytes", order="memory")
def _feed_read_bytes(exported: Any) -> object:
    made = msgpack.Unpacker()
    made.feed(exported)
    return made.read_bytes(1 << 20)
