"""Was a record of the zoo made of what is there now, and how is it made or continued?

A record is of a package in one version, of its subject files, its known failures and the rules.  What it was
made of is kept next to it, so that it is made again where one of them is another.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from bufspec import __version__
from bufspec.errors import EXIT_INCOMPLETE
from bufspec.files.written import new_folder, write_whole
from bufspec.interpreters.facts import Facts, ask_interpreter
from bufspec.processes.own_command import run_command
from bufspec.run.expectations.files import expectations_directory
from bufspec.tables.files import spec_directory
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package, zoo_directory

MADE_OF = "made_of.json"


def made_of(environment: Environment, packages: Sequence[Package]) -> dict[str, str]:
    """What a record of these packages is made of: versions, and a digest of files, by name."""
    facts = facts_in(environment)
    found = {"bufspec": __version__, "Python": facts.version, "rules": _digest_of(_tables())}
    for package in packages:
        files = [*zoo_directory().glob(f"{package.module}.py")]
        files += zoo_directory().glob(f"{package.module}_consumers*.py")
        files += expectations_directory().joinpath("zoo").glob(f"{package.module}.yaml")
        name = package.requirements[0].partition("[")[0]
        found[package.module] = f"{facts.version_of(name)} {_digest_of(sorted(files))}"
    return found


class Readable(Protocol):
    """What a record says so far: whether its run came to its end, and the exit code that it comes to."""

    @property
    def is_whole(self) -> bool: ...
    @property
    def code(self) -> int: ...


Read = TypeVar("Read", bound=Readable, covariant=True)


@frozen
class Recorded(Generic[Read]):
    """What a record says, None with the reason where it cannot be used, and the exit code."""

    found: Read | None
    reason: str = ""
    code: int = 0
    kept: bool = False


def recorded(
    folder: Path, parts: dict[str, str], read: Callable[[], Read | None], words: Sequence[str], *, again: bool
) -> Recorded[Read]:
    """The record in the folder: kept if it is whole and made of these parts, continued or made otherwise.

    `words` are the command of bufspec that makes it, but for its folder. A record that cannot be continued is
    made again, and with `again` so is any.
    """
    found = read() if is_made_of(folder, parts) and not again else None
    if found is not None and found.is_whole:
        return Recorded(found, code=found.code, kept=True)
    if found is not None:
        ended = run_command(words[0], "--resume", str(folder))
        if ended.code not in (0, 1):
            return recorded(folder, parts, read, words, again=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        new_folder(folder)
        keep_made_of(folder, parts)
        ended = run_command(*words, "--out", str(folder))
    found = read()
    if found is None:
        return Recorded(None, ended.reason, max(ended.code, EXIT_INCOMPLETE))
    return Recorded(found, code=ended.code)


def is_made_of(folder: Path, parts: dict[str, str]) -> bool:
    """Whether the record in the folder was made of these."""
    try:
        return bool(json.loads((folder / MADE_OF).read_text("utf-8")) == parts)
    except (OSError, ValueError):
        return False


def keep_made_of(folder: Path, parts: dict[str, str]) -> None:
    """Note what the record in the folder is made of."""
    write_whole(folder / MADE_OF, json.dumps(parts, indent=1) + "\n")


@cache
def facts_in(environment: Environment) -> Facts:
    """What the environment's interpreter says of itself; asked once."""
    return ask_interpreter([str(environment.python)])


def _tables() -> list[Path]:
    return sorted((spec_directory() / "tables").glob("*.yaml"))


def _digest_of(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
