"""pycapnp: the data of a message where it lies.  Tried with its current version."""

import os
import tempfile

import capnp
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"
SCHEMA = "@0x934efea7f017fff0;\nstruct Message { data @0 :Data; }\n"


def _loaded() -> object:
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "message.capnp")
        with open(file, "w", encoding="ascii") as written:
            written.write(SCHEMA)
        return capnp.load(file)


_schema = _loaded()


def _message() -> object:
    message = _schema.Message.new_message()  # type: ignore[attr-defined]
    message.data = FIVE
    return message


exporter("capnp.data_view", expect=FIVE)(lambda: _message().get_data_as_view("data"))  # type: ignore[attr-defined]
