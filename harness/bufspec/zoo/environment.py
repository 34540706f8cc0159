"""Is a package of the zoo installed in its environment, and if not, why?

The environment is one of its own in a folder, so that no package of the zoo meets one of bufspec's.  Each
package is installed apart: one that cannot be had here costs the others nothing.  bufspec itself is not
installed in it: `check --python` judges there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bufspec.errors import InterpreterError
from bufspec.files.json_text import object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder, write_whole
from bufspec.zoo.packages import Package

REASONS = "not_installed.json"
LONGEST = 200
SECONDS = 900.0


class Environment:
    """The environment in `folder`; `lock` is a file of exact versions, None for the newest."""

    def __init__(self, folder: Path, lock: Path | None = None) -> None:
        self.folder = folder
        self.lock = lock
        self.python = folder / "env" / "bin" / "python"

    def make(self) -> None:
        """Make it, unless it is there; raises InterpreterError if it cannot be made."""
        if self.python.exists():
            return
        new_folder(self.folder)
        done = _run([sys.executable, "-m", "venv", str(self.folder / "env")])
        if done.returncode:
            raise InterpreterError(
                f"no environment can be made: {_last_line(done.stdout)}",
                where=str(self.folder / "env"),
                hint="python3 -m venv must work; on Debian: apt-get install python3-venv",
            )

    def refuse_missing(self) -> None:
        """Raise InterpreterError if nothing was installed yet."""
        if not self.python.exists():
            raise InterpreterError(
                "nothing is installed there", where=str(self.folder), hint="bufspec zoo install comes first"
            )

    def install(self, packages: Sequence[Package], said: Callable[[Package, str], None]) -> dict[str, str]:
        """Install what is missing; why each that could not be is not, by module.  `said` gets each, with its
        reason, empty if it is there."""
        reasons = self.reasons()
        for package in packages:
            words = [str(self.python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
            words += ["--constraint", str(self.lock)] if self.lock else []
            try:
                done = _run([*words, *package.requirements])
                reason = _reason(done.stdout) if done.returncode else ""
            except subprocess.TimeoutExpired:
                reason = f"pip did not end within {SECONDS:.0f} s"
            reasons.pop(package.module, None)
            if reason:
                reasons[package.module] = reason
            said(package, reason)
        write_whole(self.folder / REASONS, json.dumps(reasons, indent=2) + "\n")
        return reasons

    def reasons(self) -> dict[str, str]:
        """Why packages could not be installed when that was tried, by module."""
        file = self.folder / REASONS
        try:
            found = object_from_text(read_text(file, MEGABYTE), str(file))
        except (OSError, Refused):
            return {}
        return {name: str(reason) for name, reason in found.items()}

    def freeze(self) -> list[str]:
        """The versions of all that is installed, a line each."""
        return _run([str(self.python), "-m", "pip", "freeze"]).stdout.splitlines()


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )


def _reason(said: str) -> str:
    """Why pip failed: its first line of an error."""
    lines = [line.strip() for line in said.splitlines()]
    errors = [line.partition("ERROR: ")[2] for line in lines if line.startswith("ERROR: ")]
    return (errors[0] if errors else _last_line(said))[:LONGEST]


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:LONGEST] if lines else "nothing was said"
