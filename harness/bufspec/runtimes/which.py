"""Which interpreters and which other implementations are meant: those that are named, or all that are found;
and which words name an interpreter."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from bufspec.errors import InterpreterError
from bufspec.interpreters.found import Interpreters, Unusable, interpreters, programs
from bufspec.runtimes.worlds import World, commands_of_worlds, worlds


def is_path(word: str) -> bool:
    """Whether a word names a program and not a subject, whose names have no slash but in an expression."""
    return ":" not in word and (os.sep in word or word.startswith("~"))


def sorted_paths(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of interpreters, and the commands of those that start another implementation of this machine."""
    worlds_here = commands_of_worlds()
    commands = {path: shlex.quote(os.path.abspath(os.path.expanduser(path))) for path in paths}
    of_worlds = [command for command in commands.values() if command in worlds_here]
    return [path for path in paths if commands[path] not in worlds_here], of_worlds


def interpreters_asked(paths: Sequence[str]) -> Interpreters:
    """Those of the paths, or all of this machine; raises InterpreterError if none of them can be judged."""
    found = interpreters(paths or programs())
    if not found.usable:
        first = found.unusable[0]
        raise InterpreterError(
            f"no interpreter that can be judged: {first.reason}",
            where=first.path,
            hint="name the program of a CPython or PyPy from 3.11 on; bufspec doctor lists those here",
        )
    return found


def worlds_asked(peers: Sequence[str], *, others: bool) -> tuple[list[World], list[Unusable]]:
    """Those of the peers, or if nothing is named (no `others` either) the worlds of this machine."""
    return worlds(peers or ([] if others else commands_of_worlds()))
