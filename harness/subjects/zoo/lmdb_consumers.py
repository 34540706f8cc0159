"""lmdb: a database in a file that is mapped.  Tried with 3.0."""

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import lmdb
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _database() -> Any:
    """One for each process, for a new one takes its time; its file has no name any more."""
    with tempfile.TemporaryDirectory() as directory:
        return lmdb.open(str(Path(directory, "file")), subdir=False, lock=False, sync=False, map_size=1 << 20)


def _value(transaction: Any, given: Any) -> object:
    transaction.put(b"key", given)
    return transaction.get(b"key")


def _key(transaction: Any, given: Any) -> object:
    transaction.put(given, b"value")
    return list(transaction.cursor())


def _cursor(transaction: Any, given: Any) -> object:
    cursor = transaction.cursor()
    cursor.putmulti([(b"key", given), (b"other", given)])
    return list(cursor)


CONSUMERS: dict[str, Callable[[Any, Any], object]] = {
    "put_value": _value,
    "put_key": _key,
    "cursor_putmulti": _cursor,
}

for _name, _use in CONSUMERS.items():

    @consumer(f"lmdb.{_name}", refuses=(lmdb.Error,), reentrant=False, threads=False)
    def _used(exported: Any, use: Any = _use) -> object:
        transaction = _database().begin(write=True)
        try:
            return use(transaction, exported)
        finally:
            transaction.abort()
