"""netCDF4: variables that are written from memory of others.  Tried with 1.7."""

from functools import lru_cache
from typing import Any

import netCDF4
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _variable() -> Any:
    """One for each process, in memory alone."""
    dataset = netCDF4.Dataset("bufspec", "w", diskless=True)
    dataset.createDimension("given", 24)
    return dataset.createVariable("given", "u1", ("given",))


@consumer(
    "netCDF4.write", returns="bytes", fits={"shape": (24,), "format": "B"}, reentrant=False, threads=False
)
def _write(exported: Any) -> object:
    _variable()[:] = memoryview(exported)
    return _variable()[:].tobytes()
