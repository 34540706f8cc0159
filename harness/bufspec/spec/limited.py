"""How long may it take to hold a file against a schema, where either may be made to take for ever?

A child process does it, within limits of time and memory, and answers in plain JSON.
spec/decisions/hostile_schemas.md says why.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bufspec.processes.memory import MEGABYTE, address_space

CPU_SECONDS = 4
SECONDS = 120.0
"""Of the clock, on a machine that is busy with something else."""
MEMORY = 100 * MEGABYTE
"""What the child may use beyond what this process has."""


class Exhausted(Exception):
    """The child was ended, or came to its end, before it had answered."""


def within_limits(work: Callable[[], Any]) -> Any:
    """What `work` returns, plain values that JSON has, computed in a child process within the limits.

    Raises Exhausted where it does not come to its end.  `work` raises nothing.
    """
    there, here = os.pipe()
    child = os.fork()
    if not child:
        _answer(work, here)
    os.close(here)
    try:
        answer = _read(there)
    finally:
        os.close(there)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        return json.loads(answer)
    except ValueError:
        raise Exhausted from None


def _answer(work: Callable[[], Any], here: int) -> None:
    """The child: says what `work` returns and ends, without anything that a parent does at its end."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (address_space(os.getpid()) + MEMORY,) * 2)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        text = json.dumps(work()).encode("ascii")
        while text:
            text = text[os.write(here, text) :]
    finally:
        os._exit(0)


def _read(there: int) -> bytes:
    deadline, answer = time.monotonic() + SECONDS, b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([there], [], [], left)[0]:
            break
        chunk = os.read(there, 1 << 16)
        if not chunk:
            return answer
        answer += chunk
    return b""
