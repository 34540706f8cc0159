"""hiredis: the parser of the protocol of Redis.  Tried with 3."""

from typing import Any

import hiredis
from bufspec.declare import consumer


@consumer("hiredis.feed")
def _feed(exported: Any) -> object:
    made = hiredis.Reader()
    made.feed(exported)
    return made.has_data()


@consumer("hiredis.feed_bulk", fits={"nbytes": 24})
def _feed_bulk(exported: Any) -> object:
    made = hiredis.Reader()
    made.feed(b"$24\r\n")
    made.feed(exported)
    made.feed(b"\r\n")
    return made.gets()
