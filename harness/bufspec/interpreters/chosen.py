"""From a path to an interpreter in which can be judged: asked, its build of the extension found or made,
tried.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from attrs import frozen

from bufspec.errors import InterpreterError
from bufspec.interpreters.built import build_for
from bufspec.interpreters.facts import ABI3, Facts, ask_interpreter, run_bounded
from bufspec.interpreters.folder import (
    cache_folder,
    copy_of_extensions,
    extensions_of_package,
    folder_for,
)
from bufspec.interpreters.judged import Judged, judged
from bufspec.interpreters.roots import command_inside, is_seen_inside, root_of


@frozen
class Found:
    """An interpreter that answers: the path by which it was named, what starts it, what it is."""

    path: str
    command: tuple[str, ...]
    facts: Facts
    root: Path | None = None

    @property
    def place(self) -> tuple[str, str]:
        """What two names of one interpreter have in common."""
        return str(self.root or ""), self.facts.real


def found_at(path: str) -> Found:
    """The interpreter of that path; raises InterpreterError if it is none, or none that can be started."""
    shown = os.path.expanduser(path)
    program = Path(os.path.abspath(shown))
    where = shown
    if not os.path.lexists(program):
        hint = "it is looked up from the current directory, and not on PATH" if "/" not in path else ""
        raise InterpreterError("there is no such interpreter", where=where, hint=hint)
    if program.is_dir():
        raise InterpreterError("a folder, and no interpreter", where=where, hint=f"{path}/bin/python3, say")
    root = root_of(program)
    if root is None:
        if not os.access(program, os.X_OK):
            raise InterpreterError("it cannot be run: it is no program, or not yours to run", where=where)
        command: tuple[str, ...] = (str(program),)
    else:
        command = command_inside(root, f"/{program.relative_to(root)}")
    return Found(str(program), command, ask_interpreter(command, where=where), root)


def judged_at(path: str) -> Judged:
    """The interpreter of that path, ready to judge in; raises InterpreterError, with what to do, if it cannot
    be made ready."""
    here = judged()
    if os.path.abspath(os.path.expanduser(path)) == here.command[-1]:
        return here
    found = found_at(path)
    folder = folder_of(found)
    paths = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    chosen = Judged(found.command, found.facts, found.path, {"PYTHONPATH": paths, "PYTHONSAFEPATH": "1"})
    _try(chosen)
    return chosen


def folder_of(found: Found) -> Path:
    """The folder with what workers need in that interpreter, made if it is not there."""
    facts = found.facts
    if reason := facts.refused_because:
        raise InterpreterError(
            f"{facts.name} cannot be judged: {reason}",
            where=found.path,
            hint="name a CPython or PyPy from 3.11 on",
        )
    if found.root and not is_seen_inside(cache_folder()):
        raise InterpreterError(
            "what its workers need cannot be seen in the system that it lies in",
            where=str(cache_folder()),
            hint="XDG_CACHE_HOME names another folder for it, under /home, /root or /tmp, say",
        )
    if facts.abi == ABI3 and any(".abi3." in one.name for one in extensions_of_package()):
        return folder_for(ABI3, copy_of_extensions)
    return folder_for(facts.abi, lambda folder: build_for(facts, found.command, found.root, folder))


def _try(chosen: Judged) -> None:
    """Raise InterpreterError if the extension cannot be loaded there."""
    try:
        done = run_bounded(
            [*chosen.command, "-c", "import bufspec._engine, bufspec.worker.main"], chosen.environment()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InterpreterError(f"it could not be tried: {error}", where=chosen.asked) from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"])[-1]
        ended = (
            f"ended with {done.returncode}" if done.returncode > 0 else f"died of signal {-done.returncode}"
        )
        raise InterpreterError(
            f"{chosen.facts.name} cannot load what judges: it {ended} and printed {last[:300]!r}",
            where=chosen.asked,
            hint=f"remove {chosen.variables['PYTHONPATH'].partition(os.pathsep)[0]} to have it made again",
        )
