"""msgpack: a packer shows what it has packed.  Tried with 1.2."""

import msgpack
from bufspec.declare import exporter


def _packer() -> msgpack.Packer:
    packer = msgpack.Packer(autoreset=False)
    packer.pack([1, 2, 3])
    return packer


OPERATIONS = {
    "pack": lambda it: it.pack(b"x" * 3_000_000),
    "reset": lambda it: it.reset(),
}

exporter("msgpack.packer", expect=b"\x93\x01\x02\x03", operations=OPERATIONS)(_packer)
exporter("msgpack.packer_empty", expect=b"", operations=OPERATIONS)(lambda: msgpack.Packer(autoreset=False))
exporter("msgpack.getbuffer", expect=b"\x93\x01\x02\x03")(lambda: _packer().getbuffer())
