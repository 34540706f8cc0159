"""lmdb: values where they lie in the map of the database.  Tried with its current version."""

import tempfile
from typing import Any

import lmdb
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"
_open: list[Any] = []


def _value() -> object:
    if not _open:
        folder = tempfile.mkdtemp(prefix="bufspec-lmdb-")
        _open.append(lmdb.open(folder, lock=False))
        with _open[0].begin(write=True) as writing:
            writing.put(b"key", FIVE)
    transaction = _open[0].begin(buffers=True)
    return transaction.get(b"key")


exporter("lmdb.value", expect=FIVE, readonly=True)(_value)
