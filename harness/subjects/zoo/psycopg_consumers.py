"""psycopg 3, as far as it goes without a server.  Tried with 3.3."""

from typing import Any

import psycopg.pq
from bufspec.declare import consumer


@consumer("psycopg.escape_bytea")
def _escape_bytea(exported: Any) -> object:
    return bytes(psycopg.pq.Escaping().escape_bytea(exported))
