"""httptools: the parser of HTTP of uvicorn.  Tried with 0.7."""

from typing import Any

import httptools
from bufspec.declare import consumer

HEAD = b"POST / HTTP/1.1\r\nContent-Length: 24\r\n\r\n"


class _Heard:
    def __init__(self) -> None:
        self.body = b""

    def on_body(self, body: bytes) -> None:
        self.body += body


@consumer("httptools.body", fits={"nbytes": 24})
def _body(exported: Any) -> object:
    heard = _Heard()
    parser = httptools.HttpRequestParser(heard)
    parser.feed_data(HEAD)
    parser.feed_data(exported)
    return heard.body


@consumer("httptools.response_body", fits={"nbytes": 24})
def _response_body(exported: Any) -> object:
    heard = _Heard()
    parser = httptools.HttpResponseParser(heard)
    parser.feed_data(b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n")
    parser.feed_data(exported)
    return heard.body
