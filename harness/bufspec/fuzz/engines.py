"""Which engines may a campaign run with, and what does each need to be installed?

`random` tries subjects and is in fuzz/run.py.  The others run a fuzz target, a program of its own that is
built from the sources of bufspec (fuzz/target.py).
"""

from __future__ import annotations

import shutil

from attrs import frozen

from bufspec.errors import EngineError

RANDOM = "random"
LIBFUZZER = "libfuzzer"
AFL = "afl"
ENGINES = (RANDOM, LIBFUZZER, AFL)


@frozen
class Needs:
    """What an engine of targets needs: programs, the packages of Debian that have them, a preset of CMake."""

    preset: str
    programs: tuple[str, ...]
    packages: str


NEEDS = {
    LIBFUZZER: Needs(
        "fuzz", ("cmake", "ninja", "clang++-19"), "clang-19 libclang-rt-19-dev cmake ninja-build"
    ),
    AFL: Needs("afl", ("cmake", "ninja", "afl-clang-fast++", "afl-fuzz"), "afl++ cmake ninja-build"),
}


def need_programs(engine: str) -> Needs:
    """What that engine needs; raises EngineError if something of it is missing."""
    needs = NEEDS[engine]
    if missing := [name for name in needs.programs if shutil.which(name) is None]:
        raise EngineError(
            f"the engine {engine} needs {' and '.join(missing)}, which cannot be found",
            where="--engine",
            hint=f"on Debian: apt-get install {needs.packages}",
        )
    return needs
