"""How does a command end?  Errors render themselves, and exit codes are the same for all.

Exit codes: 0 as expected, 1 broken rules, 2 wrong usage or configuration, 3 incomplete by our own fault,
128 + n ended by signal n (signals.py).  What nobody caught is our own fault.
"""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

import click

from bufspec.commands.signals import Interrupted, ending_on_signals
from bufspec.errors import EXIT_INCOMPLETE, BufspecError, EngineError, RecordError, text_of

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
        try:
            with ending_on_signals():
                command(*arguments, **keywords)
                sys.stdout.flush()
        except Ending as ending:
            sys.exit(ending.code)
        except BufspecError as error:
            print(error.render(), file=sys.stderr)
            sys.exit(error.exit_code)
        except Interrupted as interrupted:
            print(f"interrupted by {interrupted}", file=sys.stderr)
            sys.exit(128 + interrupted.number)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_INCOMPLETE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (Exception, BaseExceptionGroup) as error:
            print(_unforeseen(error).render(), file=sys.stderr)
            sys.exit(EXIT_INCOMPLETE)

    if command.__doc__:
        wrapped.__doc__ = f"{command.__doc__.rstrip()}\n\n    {OF_SIGNALS}\n    "
    return wrapped


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


def write_script(file: str, text: str) -> None:
    """Write a script to a file, `-` for standard output; raises RecordError if that cannot be."""
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordError(
            f"the script cannot be written: {error.strerror}", where=file, hint="use another FILE"
        ) from error


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
