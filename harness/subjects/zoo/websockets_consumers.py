"""websockets: masking of frames in C.  Tried with 16."""

from typing import Any

import websockets.frames
import websockets.speedups
from bufspec.declare import consumer


@consumer("websockets.apply_mask")
def _apply_mask(exported: Any) -> object:
    with memoryview(exported) as view:
        return websockets.speedups.apply_mask(view, b"abcd")


@consumer("websockets.serialize")
def _serialize(exported: Any) -> object:
    with memoryview(exported) as view:
        return websockets.frames.Frame(websockets.frames.Opcode.BINARY, view).serialize(mask=False)
