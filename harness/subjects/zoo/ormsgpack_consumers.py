"""ormsgpack.  Tried with 1."""

from typing import Any

import ormsgpack
from bufspec.declare import consumer


@consumer("ormsgpack.unpackb")
def _unpackb(exported: Any) -> object:
    with memoryview(exported) as view:
        return ormsgpack.unpackb(view)


@consumer("ormsgpack.packb", returns="bytes")
def _packb(exported: Any) -> object:
    with memoryview(exported) as view:
        return ormsgpack.unpackb(ormsgpack.packb(view))
