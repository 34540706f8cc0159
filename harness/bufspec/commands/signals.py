"""How does a signal end a command?  INT, TERM and HUP alike, with the exit code 128 + its number.

The first one cancels what runs: workers are ended, and a record gets its foot, which says that it is not
complete.  The second one ends the process at once; its workers end with it.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TypeVar

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHOW_CURSOR = b"\x1b[?25h"

Result = TypeVar("Result")


class Interrupted(KeyboardInterrupt):
    """A signal asked this command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number
        self.advice = ""
        """How to go on, or what is lost."""


_first = 0
"""The first signal that came; 0 if none did."""
_cancel: Callable[[], object] | None = None
"""Cancels what runs in the event loop, where one runs."""


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Meanwhile the signals raise Interrupted; those that this process was started to ignore stay ignored.

    After the first one the process is about to end, and the next still ends it at once.
    """
    global _first
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _first = 0
    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) is _end and not _first:
                signal.signal(number, handler)


def came_first() -> int:
    """The first signal that came; 0 if none did."""
    return _first


def run_in_loop(function: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
    """As anyio.run(); raises Interrupted after the first signal, once all that ran has ended."""
    global _cancel
    import asyncio  # here, because not every command needs a loop

    import anyio

    async def main() -> Result:
        global _cancel
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        _cancel = lambda: loop.call_soon_threadsafe(task.cancel)  # noqa: E731
        return await function(*arguments)

    try:
        result = anyio.run(main)
    except asyncio.CancelledError:
        if not _first:
            raise
        raise Interrupted(_first) from None
    finally:
        _cancel = None
    if _first:
        raise Interrupted(_first)
    return result


def run_kept(
    command: str, folder: Path | None, function: Callable[..., Awaitable[Result]], *arguments: object
) -> Result:
    """As run_in_loop(), of a run that keeps what it has finished in `folder`, if there is one."""
    try:
        return run_in_loop(function, *arguments)
    except Interrupted as interrupted:
        from bufspec.run.resume import FOLDER

        if folder is None:
            interrupted.advice = "what was judged so far is lost; with --out DIR a run can be continued"
        elif (folder / FOLDER).is_dir():
            interrupted.advice = f"go on with {shlex.join(['bufspec', command, '--resume', str(folder)])}"
        raise


def _end(number: int, frame: FrameType | None) -> None:
    global _first
    if _first:
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(2, SHOW_CURSOR)  # which a progress bar has hidden
        os._exit(128 + number)
    _first = number
    if _cancel is not None:
        with suppress(RuntimeError):  # the loop was closed just now
            _cancel()
            return
    raise Interrupted(number)
