"""h5py: datasets that are written from, and read into, memory of others.  Tried with 3.16."""

from functools import lru_cache
from typing import Any

import h5py
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _file() -> Any:
    """One for each process, in memory alone."""
    return h5py.File("bufspec", "w", driver="core", backing_store=False)


@consumer("h5py.write", returns="bytes", fits={"shape": (24,), "format": "B"}, reentrant=False, threads=False)
def _write(exported: Any) -> object:
    made = _file().require_dataset("written", (24,), "u1")
    made[...] = exported
    return made[...].tobytes()


@consumer(
    "h5py.create", returns="bytes", fits={"shape": (24,), "format": "B"}, reentrant=False, threads=False
)
def _create(exported: Any) -> object:
    made = _file().create_dataset(None, data=memoryview(exported))
    return made[...].tobytes()


@consumer(
    "h5py.opaque_attribute",
    returns="bytes",
    reentrant=False,
    threads=False,
    fits={"shape": (24,), "format": "B"},
)
def _attribute(exported: Any) -> object:
    attributes = _file().attrs
    attributes.create("given", memoryview(exported))
    return attributes["given"].tobytes()
