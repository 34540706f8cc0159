"""DuckDB: blobs as parameters.  Tried with 2.0."""

from functools import lru_cache
from typing import Any

import duckdb
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _connection() -> Any:
    """One for each process, for it starts threads."""
    return duckdb.connect(":memory:")


@consumer("duckdb.blob", returns="bytes", reentrant=False, threads=False)
def _blob(exported: Any) -> object:
    with memoryview(exported) as view:
        ((found,),) = _connection().execute("SELECT $1::BLOB", [view]).fetchall()
    return found
