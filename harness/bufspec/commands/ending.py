"""How does a command end?  Errors render themselves, and exit codes are the same for all.

Exit codes: 0 as expected, 1 broken rules, 2 wrong usage or configuration, 3 incomplete by our own fault,
128 + n ended by signal n (signals.py).  What nobody caught is our own fault.
"""

from __future__ import annotations

import functools
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec

import click

from bufspec.commands.signals import Interrupted, came_first, ending_on_signals
from bufspec.errors import (
    EXIT_AS_EXPECTED,
    EXIT_INCOMPLETE,
    BufspecError,
    EngineError,
    OutputError,
    text_of,
)
from bufspec.files.written import not_written, write_named

P = ParamSpec("P")
TRACEBACK = "BUFSPEC_TRACEBACK"
OF_SIGNALS = "Ended by a signal, the exit code is 128 + its number: 130 for INT, 143 for TERM, 129 for HUP."


class Ending(Exception):
    """The end of a command with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def ending_well(command: Callable[P, Any]) -> Callable[P, None]:
    """Wrap a command so that its errors render themselves, signals end it, and both set the exit code."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **keywords: P.kwargs) -> None:
        prepare_output()
        sys.exit(flushed(_code_of(functools.partial(command, *arguments, **keywords))))

    if command.__doc__:
        wrapped.__doc__ = f"{command.__doc__.rstrip()}\n\n    {OF_SIGNALS}\n    "
    return wrapped


def _code_of(command: Callable[[], Any]) -> int:
    try:
        with ending_on_signals():
            command()
    except Ending as ending:
        return ending.code
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BufspecError as error:
        return said(error)
    except Interrupted as interrupted:
        complain(": ".join(filter(None, [f"interrupted by {interrupted}", interrupted.advice])))
        return 128 + interrupted.number
    except BrokenPipeError:
        discard_output()
        return EXIT_INCOMPLETE
    except OSError as error:
        return ended_by_the_system(error)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        if number := came_first():  # what native code made of it
            complain(f"interrupted by {Interrupted(number)}")
            return 128 + number
        return said(_unforeseen(error))
    return EXIT_AS_EXPECTED


def said(error: BufspecError) -> int:
    """Render an error on the error stream; its exit code."""
    complain(error.render())
    return error.exit_code


def complain(text: str) -> None:
    """Print to the error stream, if that can be."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def flushed(code: int) -> int:
    """The exit code once all output is written: EXIT_INCOMPLETE where it cannot be, with a sentence."""
    try:
        sys.stdout.flush()
    except OSError as error:
        discard_output()
        # Nobody is left to read it where a pipe was closed.
        return EXIT_INCOMPLETE if isinstance(error, BrokenPipeError) else ended_by_the_system(error)
    return code


def ended_by_the_system(error: OSError) -> int:
    """Say what the system refused, a full disk or a folder that vanished; the exit code."""
    discard_output()
    try:
        os.getcwd()
    except OSError:
        where = "the current folder"
        return said(OutputError("it is gone", where=where, hint="go to a folder that is there"))
    where = str(error.filename) if error.filename is not None else "standard output, or a file of the run"
    return said(not_written(where, error))


def discard_output() -> None:
    """Send what standard output still has to write nowhere, so that the process ends quietly."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stdout.flush()


def prepare_output() -> None:
    """Let each standard stream be open, and take every text: what it cannot spell it shows as an escape."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # closed: the next file that is opened would be written to as if it were the terminal
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def print_json_line(event: dict[str, Any]) -> None:
    """Print a line of a record, which stays JSON of the same values whatever standard output can spell."""
    from bufspec.run.record import line_from_json

    line = line_from_json(event)
    spells_all = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    sys.stdout.write(line if spells_all or line.isascii() else json.dumps(event) + "\n")


def _unforeseen(error: BaseException) -> BufspecError:
    """What to say of an exception that nobody caught; all of it is shown if TRACEBACK is set."""
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return BufspecError(
        f"bufspec itself failed: {text_of(error)}",
        where=where,
        hint=f"a defect of bufspec, whatever was judged: please report it; {TRACEBACK}=1 shows the traceback",
    )


def write_text(file: str, text: str) -> None:
    """Write a text to a file that the user named, `-` for standard output; OutputError if that fails."""
    if file == "-":
        sys.stdout.write(text)
    else:
        write_named(Path(file), (text,))


def need_engine() -> None:
    """Raise EngineError if this installation has no engine."""
    try:
        from bufspec import _engine  # noqa: F401
    except ImportError as error:
        raise EngineError(
            f"the engine cannot be loaded: {error}",
            where="bufspec._engine",
            hint="install bufspec with this interpreter: python -m pip install .",
        ) from error
