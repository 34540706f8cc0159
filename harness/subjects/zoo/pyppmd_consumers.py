"""pyppmd: PPMd, of 7-Zip and of RAR.  Tried with 1.3."""

from typing import Any

import pyppmd
from bufspec.declare import consumer


@consumer("pyppmd.ppmd7_encoder")
def _ppmd7_encoder(exported: Any) -> object:
    made = pyppmd.Ppmd7Encoder(6, 1 << 16)
    return made.encode(exported) + made.flush()


@consumer("pyppmd.ppmd8_encoder")
def _ppmd8_encoder(exported: Any) -> object:
    made = pyppmd.Ppmd8Encoder(6, 1 << 16)
    return made.encode(exported) + made.flush()


@consumer("pyppmd.ppmd8_decoder")
def _ppmd8_decoder(exported: Any) -> object:
    return pyppmd.Ppmd8Decoder(6, 1 << 16).decode(exported, 24)
