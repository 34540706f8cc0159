"""pybcj: filters of executables, of 7-Zip.  Tried with 1."""

from typing import Any

import bcj
from bufspec.declare import consumer

for _name in ("BCJEncoder", "ARMEncoder", "PPCEncoder", "SparcEncoder"):

    @consumer(f"bcj.{_name}")
    def _encode(exported: Any, name: str = _name) -> object:
        made = getattr(bcj, name)()
        return bytes(made.encode(exported)) + bytes(made.flush())


@consumer("bcj.BCJDecoder", fits={"nbytes": 24})
def _decode(exported: Any) -> object:
    return bytes(bcj.BCJDecoder(24).decode(exported))
