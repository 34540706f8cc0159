"""What does the project say that its gate judges, and with which limits?

Finds bufspec.toml, or pyproject.toml with a table [tool.bufspec], from the current folder upwards to the
project's root, and holds it against configuration.schema.json.  Knows no command: commands/configured.py
makes options of it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.errors import near_names
from bufspec.files.opened import read_bytes, text_from
from bufspec.files.problem import Problem, Refused
from bufspec.spec.positions import MAX_BYTES, At, Document

OWN_FILE, SHARED_FILE = "bufspec.toml", "pyproject.toml"
TABLE: At = ("tool", "bufspec")
ROOTS = (".git", ".hg", ".svn")
"""What stands in the top folder of a checkout."""
SCHEMA = Path(__file__).with_name("configuration.schema.json")
PATHS = ("files", "expectations")
"""The keys of which each value is a path."""
REPORTS = "reports"
LIMITS = ("timeout", "setup-timeout")
"""The keys whose value is a number of seconds."""


@frozen
class Configuration:
    """What a project's file says, by key; the paths in it lead there from the current folder."""

    document: Document
    values: dict[str, Any]

    @property
    def where(self) -> str:
        """The file and the line that it begins at."""
        return f"{self.document.file}:{self.document.place(()).line}"

    @property
    def reports(self) -> list[Path]:
        """The files that the reports go to."""
        return [Path(file) for file in self.values.get(REPORTS, {}).values()]

    def refuse_unknown_reports(self, known: Collection[str]) -> None:
        """Raise Refused, with the place, for a report in a format that is none of these."""
        for name in self.values.get(REPORTS, {}):
            if name not in known:
                hint = near_names(name, known, otherwise=f"known here: {', '.join(known)}")
                message = f'"{name}" is not a format'
                raise Refused(self.document.problem((REPORTS, name), message, hint, key=True))


def find_configuration(start: Path) -> Configuration | None:
    """The configuration that holds in the folder `start`.

    Raises Refused, with file, line and column, for one that cannot be used.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if found := list(_configurations_in(folder)):
            if folder != start:
                _refuse_strange(found[0][0], start)
            if len(found) > 1:
                (first, _), (second, _) = found
                message = f"{first.name} is here, too: one of them only"
                raise Refused(Problem(_shown(second), found[1][1].place(()).line, 1, message, "remove one"))
            return _checked(found[0][1], found[0][0].parent)
        if any((folder / name).exists() for name in (SHARED_FILE, *ROOTS)):
            break
    return None


def load_configuration(file: Path) -> Configuration:
    """The configuration in one file, whose name says of which kind it is; raises Refused if it has none."""
    inside = TABLE if file.name == SHARED_FILE else ()
    try:
        raw = read_bytes(file, MAX_BYTES)
    except FileNotFoundError as error:
        raise Refused(Problem(str(file), 1, 1, "no such file", "--config takes a TOML file")) from error
    document = _document(raw, file, inside)
    if document is None:
        raise Refused(Problem(str(file), 1, 1, "has no table [tool.bufspec]", "add it, or name another file"))
    return _checked(document, file.parent)


def _configurations_in(folder: Path) -> Iterator[tuple[Path, Document]]:
    for name, inside in ((OWN_FILE, ()), (SHARED_FILE, TABLE)):
        path = folder / name
        try:
            raw = read_bytes(path, MAX_BYTES, _shown(path))
        except FileNotFoundError:
            continue
        if inside and b"bufspec" not in raw:
            continue  # spares other projects the TOML reader
        document = _document(raw, path, inside)
        if document is not None:
            yield path, document


def _document(raw: bytes, path: Path, inside: At) -> Document | None:
    from bufspec.project.toml_document import document_from_toml

    name = _shown(path)
    return document_from_toml(text_from(raw, name), name, inside)


def _refuse_strange(path: Path, start: Path) -> None:
    """Raise Refused for a file above the current folder that whoever owns neither may have put there.

    Its subject files would run as this user.
    """
    owner = path.stat().st_uid
    if owner not in (0, os.geteuid(), start.stat().st_uid):
        message = "belongs to another user, and lies above the current folder"
        raise Refused(
            Problem(_shown(path), 1, 1, message, "--config FILE uses it all the same, --no-config none")
        )


def _checked(document: Document, folder: Path) -> Configuration:
    from bufspec.spec.schema import schema_problems

    found = schema_problems([(document, SCHEMA.read_text(encoding="utf-8"))])
    if found is None:
        raise Refused(Problem(document.file, 1, 1, "takes too long to check, or too much memory"))
    for problem in found[0]:
        raise Refused(problem)
    values: Any = document.value
    if not values:
        raise Refused(document.problem((), "the configuration is empty", 'subjects = ["mypackage.*"]'))
    for key in LIMITS:
        if not math.isfinite(values.get(key, 0)):
            raise Refused(
                document.problem((key,), f"{values[key]} is not a number of seconds", "0.1 at least")
            )
    return Configuration(document, {key: _from_here(key, value, folder) for key, value in values.items()})


def _from_here(key: str, value: Any, folder: Path) -> Any:
    if key in PATHS:
        return [_shown(folder / one) for one in value]
    if key == REPORTS:
        return {name: one if one == "-" else _shown(folder / one) for name, one in value.items()}
    return value


def _shown(path: Path) -> str:
    """A path as it is named in messages: from the current folder."""
    return os.path.relpath(path)
