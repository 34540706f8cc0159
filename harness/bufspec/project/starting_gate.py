"""What does `bufspec init` write into the folder of a package, and what does it leave alone?

The subjects file, the configuration and the CI step.  A file that is there stays, unless the user wants it
written over; a pyproject.toml only gets a table at its end.
"""

from __future__ import annotations

import importlib.resources
import os
import sys
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

from attrs import frozen

from bufspec.errors import RecordError, SelectionError
from bufspec.files.opened import read_text
from bufspec.files.written import write_together
from bufspec.project.configuration import OWN_FILE, SHARED_FILE, TABLE
from bufspec.project.starting_subjects import prefix_of
from bufspec.project.toml_document import document_from_toml
from bufspec.spec.positions import MAX_BYTES, At, Plain

SUBJECTS_FILE = "bufspec_subjects.py"
CI_FILES = {"github": ".github/workflows/bufspec.yml", "gitlab": "bufspec.gitlab-ci.yml"}
GITLAB = ".gitlab-ci.yml"


@frozen
class Start:
    """A file to write, or to add to, and its text."""

    file: Path
    text: str
    is_addition: bool = False


def package_of(folder: Path) -> str:
    """The module that is imported for the package in a folder; raises SelectionError if none is found."""
    candidates: list[str] = []
    if (folder / SHARED_FILE).is_file():
        name = str((_table(folder / SHARED_FILE, ("project",)) or {}).get("name", ""))
        plain = _plain(name)
        installed = [
            module for module, owners in packages_distributions().items() if plain in map(_plain, owners)
        ]
        candidates += [plain, *sorted(one for one in installed if not one.startswith("_"))] if name else []
    candidates += sorted(
        file.parent.name for file in [*folder.glob("*/__init__.py"), *folder.glob("src/*/__init__.py")]
    )
    for one in dict.fromkeys(candidates):
        if one not in ("test", "tests") and PathFinder.find_spec(one, [str(folder), *sys.path]):
            return one
    raise SelectionError(
        "no package that can be imported was found here",
        where=str(folder),
        hint=f"install {[*candidates, 'it'][0]} first, or name the module: bufspec init MODULE",
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _table(file: Path, inside: At) -> dict[str, Plain] | None:
    document = document_from_toml(read_text(file, MAX_BYTES), str(file), inside)
    return document.value if document and isinstance(document.value, dict) else None


def files_to_write(folder: Path, package: str, subjects: str, ci: str | None) -> list[Start]:
    """What to write for a package with that subjects file; `ci` is github, gitlab, none or None."""
    # At the top setuptools would take it for a module of the package: for one to ship, or one too many.
    tests = next((one for one in ("tests", "test") if (folder / one).is_dir()), "tests")
    file = Path(tests) / SUBJECTS_FILE
    found = [Start(file, subjects)]
    settings = (
        f'files = ["{file.as_posix()}"]\nfail-on = "required"\n'
        f'pairs = {{only-touching = "{prefix_of(package)}"}}\n'
    )
    shared = folder / SHARED_FILE
    if not shared.is_file():
        found.append(Start(Path(OWN_FILE), settings))
    elif _table(shared, TABLE) is None and not (folder / OWN_FILE).exists():
        text = read_text(shared, MAX_BYTES)
        gap = "\n" if text.endswith("\n") or not text else "\n\n"
        found.append(Start(Path(SHARED_FILE), f"{gap}[tool.bufspec]\n{settings}", is_addition=True))
    ci = ci or ("gitlab" if (folder / GITLAB).exists() else "github")
    if ci in CI_FILES:
        recipe = importlib.resources.files("bufspec").joinpath("ci", f"{ci}.yml").read_text(encoding="utf-8")
        found.append(Start(Path(CI_FILES[ci]), recipe))
    return found


def write(folder: Path, starts: list[Start], *, force: bool) -> None:
    """Write all of the files or none; raises RecordError if one is there already."""
    there = [str(one.file) for one in starts if not one.is_addition and _is_there(folder / one.file)]
    if there and not force:
        raise RecordError(
            f"{', '.join(there)} would be written over",
            where=str(folder),
            hint="move it away, or write over it with --force",
        )
    write_together(_written(folder / one.file, one) for one in starts)


def _written(path: Path, start: Start) -> tuple[Path, str]:
    """The file that is written for a start, and all that it then holds."""
    if not start.is_addition:
        return path, start.text
    path = Path(os.path.realpath(path))
    return path, read_text(path, MAX_BYTES) + start.text


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()
