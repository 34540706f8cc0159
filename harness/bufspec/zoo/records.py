"""Was a record of the zoo made of what is there now?

A record is of a package in one version, of its subject files, its known failures and the rules.  What it was
made of is kept next to it, so that it is made again where one of them is another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bufspec import __version__
from bufspec.files.written import write_whole
from bufspec.interpreters.facts import Facts, ask_interpreter
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
