"""Which interpreters does this machine have?

Looked for on PATH, in /usr/bin and /usr/local/bin, among those of pyenv, and in the folder of another system
that `make runtimes` makes.  Each is started once and asked; what does not answer is named with the reason.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define, field, frozen

from bufspec.errors import InterpreterError
from bufspec.interpreters.chosen import Found, found_at

NAME = re.compile(r"(?:python3\.\d+t?d?|pypy3(?:\.\d+)?)")
EVERYWHERE = ("/usr/bin", "/usr/local/bin")
"""Where a system has its interpreters, on PATH or not."""
RUNTIMES = Path("build/runtimes")
"""Where `make runtimes` puts the other system, from the folder of the sources or of a project."""


@frozen
class Unusable:
    """An interpreter, or what looks like one, in which nothing can be judged, and why."""

    path: str
    name: str
    reason: str


@define
class Interpreters:
    """Those in which can be judged, by version, and the others."""

    usable: list[Found] = field(factory=list)
    unusable: list[Unusable] = field(factory=list)


def programs() -> Iterator[Path]:
    """The programs here that are interpreters by their names; this one comes first."""
    yield Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(one) for one in (*os.get_exec_path(), *EVERYWHERE)]
    folders = [one for one in folders if one != pyenv / "shims"]  # which start some of those below
    folders += sorted(pyenv.glob("versions/*/bin"))
    folders += [RUNTIMES / place for place in ("usr/local/bin", "usr/bin")]
    for folder in folders:
        try:
            named = sorted(one for one in folder.iterdir() if NAME.fullmatch(one.name))
        except OSError:
            continue
        yield from named


def interpreters(paths: Iterable[str | Path]) -> Interpreters:
    """The interpreters of these paths, each once however it is named."""
    found = Interpreters()
    files: set[str] = set()
    places: set[tuple[str, str]] = set()
    for path in map(str, paths):
        real = os.path.realpath(path)
        # The environment of this one has packages that what it is made from has not, and comes first.
        if real in files:
            continue
        files.add(real)
        try:
            one = found_at(path)
        except InterpreterError as error:
            found.unusable.append(Unusable(path, Path(path).name, error.what))
            continue
        if one.place in places:
            continue
        places.add(one.place)
        if reason := one.facts.refused_because:
            found.unusable.append(Unusable(one.path, one.facts.name, reason))
        else:
            found.usable.append(one)
    found.usable.sort(key=lambda one: one.facts.order)
    found.unusable.sort(key=lambda one: (one.reason, one.path))
    return found
