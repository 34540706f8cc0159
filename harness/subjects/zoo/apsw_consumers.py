"""APSW: SQLite, with blobs that are read and written in place.  Tried with 3.5x."""

from typing import Any

import apsw
from bufspec.declare import consumer


@consumer("apsw.bound")
def _bound(exported: Any) -> object:
    connection = apsw.Connection(":memory:")
    (found,) = connection.execute("SELECT ?", (exported,)).fetchall()
    return found


@consumer("apsw.returned_by_function")
def _returned_by_function(exported: Any) -> object:
    connection = apsw.Connection(":memory:")
    connection.create_scalar_function("given", lambda: exported, 0)
    (found,) = connection.execute("SELECT given()").fetchall()
    return found


def _blob(size: int) -> tuple[Any, Any]:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t(b); INSERT INTO t VALUES(zeroblob(?))", (size,))
    return connection, connection.blob_open("main", "t", "b", 1, True)


@consumer("apsw.blob_write")
def _blob_write(exported: Any) -> object:
    connection, blob = _blob(4096)
    blob.write(exported)
    blob.seek(0)
    found = blob.read()
    blob.close()
    connection.close()
    return found


@consumer("apsw.blob_read_into", kind="fills")
def _blob_read_into(exported: Any) -> None:
    connection, blob = _blob(4096)
    blob.write(bytes(range(256)))
    blob.seek(0)
    try:
        blob.read_into(exported)
    finally:
        blob.close()
        connection.close()


@consumer("apsw.deserialize")
def _deserialize(exported: Any) -> None:
    apsw.Connection(":memory:").deserialize("main", exported)
