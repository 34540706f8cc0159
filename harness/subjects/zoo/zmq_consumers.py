"""PyZMQ: messages that are sent from where they lie.  Tried with 27."""

from functools import lru_cache
from typing import Any

import zmq
from bufspec.declare import consumer


@lru_cache(maxsize=1)
def _pair() -> tuple[Any, Any]:
    """One for each process, for a context starts a thread."""
    context = zmq.Context()
    one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    one.bind("inproc://pair")
    other.connect("inproc://pair")
    for socket in (one, other):
        socket.linger = 0
        socket.rcvtimeo = 1000
    return one, other


@consumer("zmq.frame", returns="bytes", order="memory")
def _frame(exported: Any) -> object:
    return zmq.Frame(exported).bytes


@consumer("zmq.frame_uncopied", kind="keeps", returns="bytes", order="memory")
def _frame_uncopied(exported: Any) -> object:
    return zmq.Frame(exported, copy=False).buffer


@consumer("zmq.send", returns="bytes", order="memory", reentrant=False, threads=False)
def _send(exported: Any) -> object:
    one, other = _pair()
    one.send(exported, copy=True)
    return other.recv()


@consumer("zmq.send_multipart", returns="bytes", order="memory", reentrant=False, threads=False)
def _send_multipart(exported: Any) -> object:
    one, other = _pair()
    one.send_multipart([b"head", exported], copy=True)
    return other.recv_multipart()[1]


@consumer("zmq.recv_into", kind="fills", order="memory", reentrant=False, threads=False)
def _recv_into(exported: Any) -> object:
    one, other = _pair()
    one.send(b"12345678")
    try:
        return other.recv_into(exported, flags=zmq.DONTWAIT)
    except BaseException:
        if other.poll(0):
            other.recv()
        raise
