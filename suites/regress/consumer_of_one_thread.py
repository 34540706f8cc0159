"""A consumer that must not be called while it works, or in another thread, is not called so."""

import threading
from typing import Any

from bufspec.declare import consumer

VERDICTS = {
    "regress.not_reentrant": {"recommends": []},
    "regress.of_one_thread": {"recommends": []},
}
busy = threading.local()
home: list[int] = []


@consumer("regress.not_reentrant", returns="bytes", reentrant=False)
def not_reentrant(exported: Any) -> bytes:
    assert not getattr(busy, "now", False), "called while it works"
    busy.now = True
    try:
        return memoryview(exported).tobytes()
    finally:
        busy.now = False


@consumer("regress.of_one_thread", returns="bytes", threads=False)
def of_one_thread(exported: Any) -> bytes:
    home[:] = home or [threading.get_ident()]
    if threading.get_ident() != home[0]:
        return b"called in another thread"
    return memoryview(exported).tobytes()
