"""A build of the extension for an interpreter that does not load the one for the stable ABI: PyPy, and
free-threaded CPython.

Made from the sources with CMake and a compiler of the system that the interpreter is of.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlparse

from bufspec import __version__
from bufspec.errors import InterpreterError
from bufspec.interpreters.facts import Facts
from bufspec.interpreters.folder import cache_folder
from bufspec.interpreters.roots import command_inside

SOURCES = "BUFSPEC_SOURCES"
"""The variable of the environment that names a folder with the sources."""
SHOWN = 5
"""So many of the last lines of a failed build are shown."""


def build_for(facts: Facts, command: tuple[str, ...], root: Path | None, folder: Path) -> None:
    """Build the extensions for that interpreter and put them into `folder`; raises InterpreterError if that
    cannot be."""
    sources = _sources(facts)
    tools = {name: _tool(name, facts, root) for name in ("cmake", "c++")}
    with _build_folder(facts.abi) as work:
        forget_other_sources(Path(work), sources)
        settings = {
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_INSTALL_PREFIX": str(folder),
            "CMAKE_CXX_COMPILER": tools["c++"][-1],
            "Python_EXECUTABLE": command[-1],
            "BUFSPEC_STABLE_ABI": "OFF",
            "BUFSPEC_TESTS": "OFF",
            "BUFSPEC_UNITY": "ON",
        }
        cmake = tools["cmake"]
        generator = ("-G", "Ninja") if _has_ninja(root) else ()
        words = [f"-D{name}={value}" for name, value in settings.items()]
        log = cache_folder() / f"{facts.abi}.log"
        with log.open("wb") as said:
            for arguments in (
                ["-S", str(sources), "-B", work, *generator, *words],
                ["--build", work, "--parallel", str(len(os.sched_getaffinity(0)))],
                ["--install", work],
            ):
                done = subprocess.run(
                    [*cmake, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
                )
                if done.returncode:
                    raise _failed(facts, log)


@contextmanager
def _build_folder(abi: str) -> Iterator[str]:
    """Where is built for that ABI, one process at a time; what it holds makes the next one short."""
    with (cache_folder() / f"{abi}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield str(cache_folder() / f"{abi}.build")


def forget_other_sources(work: Path, sources: Path) -> None:
    """Remove a build of sources that lie elsewhere: CMake refuses to go on with it."""
    try:
        said = (work / "CMakeCache.txt").read_text("utf-8", "replace")
    except OSError:
        return
    if f"CMAKE_HOME_DIRECTORY:INTERNAL={sources}" not in said.splitlines():
        shutil.rmtree(work)


def _failed(facts: Facts, log: Path) -> InterpreterError:
    lines = log.read_text("utf-8", "replace").splitlines()
    errors = [line.strip() for line in lines if "error" in line.lower()] or lines
    return InterpreterError(
        f"the extension cannot be built for {facts.name}: {'; '.join(errors[:SHOWN]) or 'nothing was said'}",
        where=str(log),
        hint="that file has all that the build printed",
    )


def _tool(name: str, facts: Facts, root: Path | None) -> tuple[str, ...]:
    """What starts a program of the system that the interpreter is of."""
    if root is None:
        if found := shutil.which(name):
            return (found,)
    else:
        for place in ("usr/local/bin", "usr/bin", "bin"):
            if os.path.lexists(root / place / name):
                return command_inside(root, f"/{place}/{name}")
    raise InterpreterError(
        f"{facts.name} needs a build of bufspec of its own, and there is no {name} to make it with",
        where=str(root or "PATH"),
        hint="install cmake, a C++20 compiler and the headers of that interpreter"
        + (" in that system" if root else ""),
    )


def _has_ninja(root: Path | None) -> bool:
    if root is None:
        return bool(shutil.which("ninja"))
    return os.path.lexists(root / "usr/bin/ninja")


def _sources(facts: Facts) -> Path:
    """The sources of this version: the folder that bufspec was installed from, or that SOURCES names."""
    asked = os.environ.get(SOURCES)
    folder = Path(asked) if asked else _installed_from()
    if folder is not None and (folder / "CMakeLists.txt").is_file() and (folder / "pyproject.toml").is_file():
        text = (folder / "CMakeLists.txt").read_text("utf-8", "replace")
        if f"project(bufspec VERSION {__version__} " in text:
            return folder.resolve()
    raise InterpreterError(
        f"{facts.name} needs a build of bufspec of its own, and the sources of {__version__} are not here",
        where=str(folder or "bufspec was not installed from a folder"),
        hint=f"unpack the sdist of bufspec {__version__} and let {SOURCES} name its folder",
    )


def _installed_from() -> Path | None:
    try:
        said = metadata.distribution("bufspec").read_text("direct_url.json")
        url = urlparse(json.loads(said or "{}").get("url", ""))
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return None
    return Path(unquote(url.path)) if url.scheme == "file" else None
