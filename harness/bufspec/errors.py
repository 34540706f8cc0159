"""What can go wrong in a run for reasons that are not the subject's: one class for each step of it.

Each error knows what happened, where, and what to do, renders itself, and carries its exit code.
A subject's crash, hang or exit is an outcome (run/outcomes.py), never an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import ClassVar

from bufspec.visible import visible

LONGEST_TEXT = 500
EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_USAGE, EXIT_INCOMPLETE = 0, 1, 2, 3


class BufspecError(Exception):
    """Something that stops a run: what happened, where, and a hint how to go on."""

    exit_code: ClassVar[int] = EXIT_INCOMPLETE

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(visible(what))
        self.what = what
        self.where = where
        self.hint = hint
        for label, text in (("where", where), ("hint", hint)):
            if text:
                self.add_note(f"{label}: {visible(text)}")  # for those who meet it as a traceback

    def render(self) -> str:
        """The error as it is printed, without a line break at the end."""
        lines = [f"error: {visible(self.what)}"]
        if self.where:
            lines.append(f"  where: {visible(self.where)}")
        if self.hint:
            lines.append(f"  hint:  {visible(self.hint)}")
        return "\n".join(lines)


class SelectionError(BufspecError):
    """A subject, rule or case that was asked for does not exist or cannot be judged here."""

    exit_code = EXIT_USAGE


class ExpressionError(BufspecError):
    """A MODULE:EXPRESSION that does not give an object to judge."""

    exit_code = EXIT_USAGE


class DeclarationError(BufspecError, ValueError):
    """A subject file cannot be loaded, or declares what makes no sense."""

    exit_code = EXIT_USAGE


class UndecidedError(BufspecError, AssertionError):
    """Nothing of a subject could be judged, so that a test of it would be green for nothing."""

    exit_code = EXIT_BROKEN


class ExpectationError(BufspecError):
    """A file of expectations cannot be read, or says what makes no sense."""

    exit_code = EXIT_USAGE


class TablesError(BufspecError):
    """The rule tables cannot be read, or the engine refuses them."""

    exit_code = EXIT_USAGE


class RecordError(BufspecError):
    """The record of the run cannot be written."""

    exit_code = EXIT_USAGE


class OutputError(BufspecError):
    """What a run writes can no longer be written: a full disk, a folder that vanished."""


class TrustError(BufspecError):
    """A record, or what else was kept, would run code, and it does not come from this user's own run."""

    exit_code = EXIT_USAGE


class InterpreterError(BufspecError):
    """An interpreter that was named is none, or no build of bufspec can be had for it."""

    exit_code = EXIT_USAGE


class StandaloneError(BufspecError):
    """A break that no script without bufspec can show; `what` is the reason."""

    exit_code = EXIT_USAGE


class EngineError(BufspecError):
    """The engine is missing or failed outside any subject."""


class WorkerError(BufspecError):
    """A worker process did not do its part although no subject was running in it."""


def text_of(error: BaseException) -> str:
    """The kind of an exception and what it says, bounded, even if to ask it that raises another one."""
    try:
        text = str(error)
    except BaseException as failed:
        text = f"(its text raises {type(failed).__name__})"
    return f"{type(error).__name__}: {text}"[:LONGEST_TEXT]


def near_names(name: str, known: Iterable[str], *, otherwise: str) -> str:
    """A hint that names the likeliest of `known`, for a glob also of their groups, or else `otherwise`."""
    choices = list(known)
    if "*" in name:
        parts = [one.split(".") for one in choices]
        choices += dict.fromkeys(".".join(one[:n]) + ".*" for one in parts for n in range(1, len(one)))
    near = close_to(name, choices, most=3)
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def close_to(name: str, known: Sequence[str], *, most: int) -> list[str]:
    """The known words that differ from this one in case alone, or else at most so many that are like it."""
    same = [one for one in known if one.casefold() == name.casefold()]
    return same or difflib.get_close_matches(name, known, n=most)
