"""Was a record of the zoo made of what is there now, and how is it made or continued?

A record is of a package in one version, of its subject files, its known failures, the rules and the
engine.  What it was made of is kept next to it, so that it is made again where one of them is another.  The
record that was there stays until then.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from bufspec import __version__, _engine
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE, EXIT_USAGE
from bufspec.files.json_text import object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder, not_written, write_whole
from bufspec.interpreters.facts import Facts, ask_interpreter
from bufspec.processes.own_command import CommandEnd, run_command
from bufspec.run.expectations.files import expectations_directory
from bufspec.run.resume import FOLDER, clear, refuse_if_claimed
from bufspec.tables.files import spec_directory
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package, zoo_directory

MADE_OF = "made_of.json"
BEGUN_OF = "begun_of.json"
"""What the run is made of that has begun and is not over: its record is not there, or not yet."""
KNOWN_FAILURES = "known failures of "
"""How the name of a part begins that says what is news, and nothing of what was found."""


def made_of(environment: Environment, packages: Sequence[Package]) -> dict[str, str]:
    """What a record of these packages is made of: versions, and a digest of files, by name."""
    facts = facts_in(environment)
    found = {"bufspec": __version__, "Python": facts.version, "rules": _digest_of(_tables())}
    found["engine"] = _digest_of([Path(str(_engine.__file__))])
    for package in packages:
        files = [*zoo_directory().glob(f"{package.module}.py")]
        files += zoo_directory().glob(f"{package.module}_consumers*.py")
        name = package.requirements[0].partition("[")[0]
        found[package.module] = f"{facts.version_of(name)} {_digest_of(sorted(files))}"
        known = expectations_directory().joinpath("zoo").glob(f"{package.module}.yaml")
        found[f"{KNOWN_FAILURES}{package.module}"] = _digest_of(sorted(known))
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
    folder: Path,
    record: str,
    parts: dict[str, str],
    read: Callable[[], Read | None],
    words: Sequence[str],
    *,
    again: bool,
) -> Recorded[Read]:
    """The record of that name in the folder: kept if it is whole and made of these parts, continued or made
    otherwise.

    `words` are the command of bufspec that makes it, but for its folder. A record that cannot be continued is
    made again, and with `again` so is any.
    """
    if not again and is_made_of(folder, parts):
        found = read()
        if found is not None and found.is_whole:
            return Recorded(found, code=found.code, kept=True)
    before = _identity(folder / record)
    ended = None if again else _continued(folder, parts, words[0])
    if ended is None or ended.code == EXIT_USAGE:  # its state is damaged, or of another plan
        ended = _made_anew(folder, parts, words)
    has_ended_well = ended.code in (EXIT_AS_EXPECTED, EXIT_BROKEN)
    if has_ended_well:
        _keep_as_made(folder)
    if not has_ended_well and _identity(folder / record) == before:
        return Recorded(None, ended.reason, max(ended.code, EXIT_INCOMPLETE))
    found = read()
    if found is None:
        return Recorded(None, ended.reason, max(ended.code, EXIT_INCOMPLETE))
    return Recorded(found, code=ended.code)


def _continued(folder: Path, parts: dict[str, str], command: str) -> CommandEnd | None:
    """Continue the run that was interrupted there; None if there is none of these parts."""
    if not os.path.lexists(folder / FOLDER) or _parts_in(folder / BEGUN_OF) != parts:
        return None
    return run_command(command, "--resume", str(folder))


def _made_anew(folder: Path, parts: dict[str, str], words: Sequence[str]) -> CommandEnd:
    """Make the record; what was interrupted there before, of whatever parts, is not what has begun now."""
    new_folder(folder)
    refuse_if_claimed(folder / FOLDER)
    clear(folder)
    write_whole(folder / BEGUN_OF, json.dumps(parts, indent=1) + "\n")
    return run_command(*words, "--out", str(folder), "--force")


def _keep_as_made(folder: Path) -> None:
    try:
        (folder / BEGUN_OF).replace(folder / MADE_OF)
    except OSError as error:
        raise not_written(folder / MADE_OF, error) from error


def is_made_of(folder: Path, parts: dict[str, str]) -> bool:
    """Whether the record in the folder was made of these; not while another is to take its place."""
    return not (folder / BEGUN_OF).exists() and _parts_in(folder / MADE_OF) == parts


def is_made_with_other_known_failures(folder: Path, parts: dict[str, str]) -> bool:
    """Whether the record in the folder was made of these but for what is known to fail."""
    found = _parts_in(folder / MADE_OF)
    if not isinstance(found, dict) or found == parts or (folder / BEGUN_OF).exists():
        return False
    names = {name for name in {*found, *parts} if not name.startswith(KNOWN_FAILURES)}
    return all(found.get(name) == parts.get(name) for name in names)


def _parts_in(file: Path) -> object:
    try:
        return object_from_text(read_text(file, MEGABYTE), str(file))
    except (OSError, Refused):
        return None


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file bears that name: a run that failed before its record was begun leaves the one before."""
    try:
        found = os.stat(file, follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@cache
def facts_in(environment: Environment) -> Facts:
    """What the environment's interpreter says of itself; asked once."""
    return ask_interpreter([str(environment.python)])


def _tables() -> list[Path]:
    return [spec_directory() / "layouts.yaml", *sorted((spec_directory() / "tables").glob("*.yaml"))]


def _digest_of(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
