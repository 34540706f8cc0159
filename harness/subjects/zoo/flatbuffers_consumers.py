"""flatbuffers, in Python over struct.  Tried with 25.12."""

from typing import Any

import flatbuffers.encode
import flatbuffers.number_types
import flatbuffers.packer
import flatbuffers.table
from bufspec.declare import consumer

consumer("flatbuffers.encode_get")(
    lambda exported: flatbuffers.encode.Get(flatbuffers.packer.uint32, exported, 2)
)
consumer("flatbuffers.table_get")(
    lambda exported: flatbuffers.table.Table(exported, 0).Get(flatbuffers.number_types.Uint16Flags, 4)
)


@consumer("flatbuffers.encode_write", kind="fills")
def _encode_write(exported: Any) -> None:
    flatbuffers.encode.Write(flatbuffers.packer.uint32, exported, 2, 0xC0FFEE)
