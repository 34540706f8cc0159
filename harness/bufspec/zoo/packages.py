"""Which packages does the zoo have, in which groups, and in which exact versions?

Read from subjects/zoo: packages.toml names them, lock.txt has the versions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from attrs import frozen

from bufspec.errors import SelectionError, near_names

LIST, LOCK = "packages.toml", "lock.txt"


@frozen
class Package:
    """A package: the module that its subjects are named after, what is installed for it, its group."""

    module: str
    requirements: tuple[str, ...]
    group: str


def zoo_directory() -> Path:
    """Where the subject files of the zoo lie: packaged, or in the source tree around this file."""
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "subjects" / "zoo", package.parent / "subjects" / "zoo"):
        if (candidate / LIST).is_file():
            return candidate
    raise SelectionError(
        "no zoo came with this installation", where=str(package), hint="install bufspec again"
    )


@cache
def every_package() -> tuple[Package, ...]:
    """All packages, group by group."""
    groups = tomllib.loads((zoo_directory() / LIST).read_text("utf-8"))
    return tuple(
        Package(module, tuple(text.split()), group)
        for group, named in groups.items()
        for module, text in named.items()
    )


def packages_named(words: Sequence[str]) -> list[Package]:
    """The packages of these groups and modules, all without words; SelectionError for another word."""
    known = every_package()
    if not words:
        return list(known)
    chosen = []
    for word in words:
        found = [one for one in known if word in (one.module, one.group)]
        if not found:
            names = [name for one in known for name in (one.module, one.group)]
            raise SelectionError(
                f"the zoo has no package and no group {word!r}",
                where="bufspec zoo",
                hint=near_names(word, names, otherwise="bufspec zoo list lists them"),
            )
        chosen += [one for one in found if one not in chosen]
    return chosen


def has_subjects(package: Package) -> bool:
    """Whether there is a subject file of it."""
    return any(zoo_directory().glob(f"{package.module}.py")) or any(
        zoo_directory().glob(f"{package.module}_consumers*.py")
    )


def locked_versions(text: str) -> list[str]:
    """The lines `name==version` of a lock file."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def lock_from(freeze: Iterable[str]) -> str:
    """The text of a lock file from the lines of `pip freeze`; what is no plain version is left out."""
    lines = sorted(line for line in freeze if "==" in line and " @ " not in line)
    return "\n".join(["# The exact versions that `bufspec zoo install` installs.", *lines, ""])
