"""How does a command end?  Errors render themselves, and exit codes are the same for all.

Exit codes: 0 as expected, 1 broken rules, 2 wrong usage or configuration, 3 incomplete by our own fault.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec

from bufspec.errors import EXIT_INCOMPLETE, BufspecError, EngineError, RecordError

P = ParamSpec("P")


class Ending(Exception):
    """The end of a command with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def ending_well(command: Callable[P, Any]) -> Callable[P, None]:
    """Wrap a command so that its errors render themselves and set the exit code."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **keywords: P.kwargs) -> None:
        try:
            command(*arguments, **keywords)
            sys.stdout.flush()
        except Ending as ending:
            sys.exit(ending.code)
        except BufspecError as error:
            print(error.render(), file=sys.stderr)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            sys.exit(EXIT_INCOMPLETE)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(EXIT_INCOMPLETE)

    return wrapped


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
