"""How is an interpreter started that lies in the folder of another system, such as debootstrap makes?

By a change of root, in a process with mounts of its own that end with it: what is the user's on this system,
the home, the temporary and the working folders, is seen there under the same names.  Needs root.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bufspec.errors import InterpreterError
from bufspec.interpreters.enter import OF_THE_SYSTEM

MARK = "etc/os-release"


def root_of(program: Path) -> Path | None:
    """The root of the other system that a program lies in; None if it is of this one."""
    for parent in Path(os.path.abspath(program)).parents:
        if parent != Path("/") and os.path.lexists(parent / MARK) and (parent / "usr/bin").is_dir():
            return parent
    return None


def is_seen_inside(path: Path) -> bool:
    """Whether a path of this system means the same in the other one."""
    parts = Path(os.path.abspath(path)).parts
    return len(parts) > 1 and parts[1] not in OF_THE_SYSTEM


def command_inside(root: Path, program: str) -> tuple[str, ...]:
    """What starts a program of that system; raises InterpreterError if nothing here can."""
    if os.geteuid() != 0:
        raise InterpreterError(
            "it lies in the folder of another system, whose programs only root can start",
            where=f"{root}{program}",
            hint="run bufspec as root, or install the interpreter on this system",
        )
    enter = Path(__file__).with_name("enter.py")
    for what, path in (("the current directory", Path.cwd()), ("bufspec itself", enter)):
        if not is_seen_inside(path):
            raise InterpreterError(
                f"{what} cannot be seen in the system that it lies in",
                where=str(path),
                hint="use one outside of " + ", ".join(f"/{one}" for one in sorted(OF_THE_SYSTEM)),
            )
    return (sys.executable, "-I", "-S", str(enter), str(root), program)
