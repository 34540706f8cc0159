"""What is known of one interpreter: by its own word, asked in a process of its own or this one's."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from attrs import fields_dict, frozen

from bufspec.errors import InterpreterError
from bufspec.interpreters import probe

OLDEST = (3, 11)
SECONDS = 60.0
"""How long an interpreter may take to start and to answer; a debug build on a busy machine takes seconds."""
MOST = 1 << 20
SAID = "bufspec:"
WITHOUT_FOLDER = "import sys; sys.path[:1] = []\n"
"""`python -c` looks for modules in the current directory first, where anything may lie."""
ABI3 = "abi3"
LONGEST_SHOWN = 200
HINT = "name the program of a CPython or PyPy from 3.11 on, such as /usr/bin/python3.12"


@frozen
class Facts:
    """One interpreter; see probe.py.  `packages` are None for this one, whose are looked up."""

    executable: str
    implementation: str
    version: str
    language: tuple[int, int]
    debug: bool
    free_threaded: bool
    soabi: str
    bits: int
    system: str
    system_platform: str
    platform: str
    real: str
    packages: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """What it is called among others: its implementation, its version, what is special in its build."""
        special = [("debug", self.debug), ("free-threaded", self.free_threaded)]
        return " ".join([self.implementation, self.version, *(word for word, holds in special if holds)])

    @property
    def order(self) -> tuple[object, ...]:
        """Where it stands among others: CPython by version, then the other implementations."""
        numbers = tuple(int(one) for one in self.version.split(".")[:3] if one.isdigit())
        return (self.implementation != "CPython", self.implementation, numbers, self.version, self.name)

    @property
    def abi(self) -> str:
        """Which build of the extension it loads: the one for the stable ABI, or that of its own ABI."""
        takes_abi3 = self.implementation == "CPython" and not self.free_threaded
        return ABI3 if takes_abi3 else self.soabi or f"{self.implementation}-{self.version}"

    @property
    def refused_because(self) -> str:
        """Why no build of bufspec can be for it; empty if one can."""
        if self.language < OLDEST:
            return (
                f"older than {'.'.join(map(str, OLDEST))}, the first Python with buffers in the limited API"
            )
        if self.system != "linux":
            return f"runs on {self.system}, and bufspec on Linux only"
        if self.bits != 64:
            return f"has pointers of {self.bits} bits, and the tables of formats are those of 64 bits"
        return ""

    def version_of(self, package: str) -> str | None:
        """The version of a package, by its name or that of its module; None if it finds none."""
        if self.packages is None:
            from importlib import metadata  # imports much, and of the interpreter's own objects nobody asks

            try:
                return metadata.version(package)
            except metadata.PackageNotFoundError:
                names = _distributions().get(package)
                return metadata.version(names[0]) if names else None
        return self.packages.get(package.lower().replace("_", "-"))

    def to_json(self) -> dict[str, Any]:
        """What a record says of it."""
        names = ("executable", "implementation", "version", "debug", "free_threaded")
        return {name: getattr(self, name) for name in names}


@cache
def _distributions() -> Mapping[str, Sequence[str]]:
    from importlib import metadata

    return metadata.packages_distributions()


def facts_here() -> Facts:
    """This interpreter."""
    return _facts_from(probe.facts(with_packages=False))


def run_bounded(
    command: Sequence[str], environment: Mapping[str, str] | None
) -> subprocess.CompletedProcess[bytes]:
    """What a program that may be anything prints, which ends where that is more than MOST bytes.

    Raises OSError or ValueError where it cannot be started, TimeoutExpired after SECONDS.
    """
    import resource  # these two take time that few commands need
    from tempfile import TemporaryFile

    with TemporaryFile() as out, TemporaryFile() as errors:
        asked = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": errors, "env": environment}
        with subprocess.Popen(command, **asked) as process:  # type: ignore[call-overload]
            try:
                with suppress(OSError):
                    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MOST, MOST))
                code = process.wait(SECONDS)
            except BaseException:
                process.kill()
                raise
        for one in (out, errors):
            one.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(MOST), errors.read(MOST))


def ask_interpreter(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, where: str = ""
) -> Facts:
    """The interpreter that `command` starts; raises InterpreterError for what is none, or does not answer."""
    where = where or command[-1]
    text = WITHOUT_FOLDER + Path(__file__).with_name("probe.py").read_text("utf-8")
    try:
        done = run_bounded(
            [*command, "-c", text], None if environment is None else {**os.environ, **environment}
        )
    except subprocess.TimeoutExpired:
        raise InterpreterError(f"it did not answer within {SECONDS:.0f} s", where=where, hint=HINT) from None
    except OSError as error:
        raise InterpreterError(f"it cannot be started: {error.strerror}", where=where, hint=HINT) from error
    except ValueError as error:
        raise InterpreterError(f"it cannot be started: {error}", where=where, hint=HINT) from error
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    said = next((line.removeprefix(SAID) for line in lines if line.startswith(SAID)), None)
    if said is None:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
        printed = f" and printed {last[:LONGEST_SHOWN]!r}" if last and WITHOUT_FOLDER[:12] not in last else ""
        ended = f"it ended with {done.returncode}{printed}"
        raise InterpreterError(f"it does not run a program of Python: {ended}", where=where, hint=HINT)
    try:
        return _facts_from(json.loads(said))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InterpreterError(f"its answer cannot be read: {error}", where=where, hint=HINT) from error


def _facts_from(said: Mapping[str, Any]) -> Facts:
    known = {name: said[name] for name in fields_dict(Facts)}
    return Facts(**{**known, "language": (int(said["language"][0]), int(said["language"][1]))})
