"""uvloop: writing to, and reading into, memory of others.  Tried with 0.22."""

import asyncio
import socket
from typing import Any

import uvloop
from bufspec.declare import consumer


async def _received(loop: Any, exported: Any) -> object:
    with memoryview(exported) as view:
        one, other = socket.socketpair()
        with one, other:
            one.setblocking(False)
            other.setblocking(False)
            # It never ends for an empty memory of several rows.
            await asyncio.wait_for(loop.sock_sendall(one, view), 0.2)
            return await loop.sock_recv(other, view.nbytes) if view.nbytes else b""


async def _filled(loop: Any, exported: Any) -> object:
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        other.setblocking(False)
        one.send(bytes(range(8)))
        return await loop.sock_recv_into(other, exported)


def _run(work: Any, exported: Any) -> object:
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(work(loop, exported))
    finally:
        loop.close()


@consumer("uvloop.sock_sendall", reentrant=False, threads=False)
def _sock_sendall(exported: Any) -> object:
    return _run(_received, exported)


@consumer("uvloop.sock_recv_into", kind="fills", reentrant=False, threads=False)
def _sock_recv_into(exported: Any) -> object:
    return _run(_filled, exported)
