"""Which subjects a command means: names and globs against what the subject files declare here.

The declarations come from a worker, for importing a subject's package runs its code.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.errors import SelectionError, near_names
from bufspec.wire.expression import expression_from_name
from bufspec.wire.remote_file import absolute

DEFAULT_PATTERNS = ("stdlib.*", "runtime.*")
SPECIAL = frozenset("*?[")


@frozen
class Listed:
    """A subject as it is listed: what it is, and why it cannot be judged here (empty if it can)."""

    name: str
    target: str
    unavailable: str = ""
    file: str = ""
    """The file of one's own that declares it, as it was named; empty for what comes with a package."""
    builds: bool = False
    """Whether it builds objects from layouts, which takes many times as long to judge."""
    accepts: tuple[str, ...] = ()
    """What a consumer is declared to accept."""
    memories: str = ""
    """The only memories that a consumer takes, as Profile.memories."""
    where: str = ""
    """The file, line and column that declares it."""
    peer: tuple[str, str] | None = None
    """The implementation that runs a subject in another process, and its version."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of one's own that a worker has to load for it, as workers get them.

        No other: loading one runs code, and what that comes to is not this subject's.
        """
        return (absolute(self.file),) if self.file else ()

    @property
    def declared_at(self) -> str:
        """The file and line that declares it: one of one's own, as it was named, or below this folder."""
        file, *numbers = self.where.rsplit(":", 2)
        if len(numbers) != 2:
            return ""
        if self.file:
            return f"{self.file}:{numbers[0]}"
        inside = Path(file).is_absolute() and Path(file).is_relative_to(Path.cwd())
        return f"{Path(file).relative_to(Path.cwd())}:{numbers[0]}" if inside else ""


@frozen
class ListedGroup:
    """One subject file as it is listed; a file that cannot be loaded has no subjects and a reason."""

    name: str
    subjects: tuple[Listed, ...]
    unavailable: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a file of one's own."""
        return any(one.file for one in self.subjects)


def groups_from_answer(answer: dict[str, Any], files: Mapping[str, str]) -> list[ListedGroup]:
    """What a worker answered to `list`; `files` has files as they were named, by their absolute paths."""
    return [
        ListedGroup(
            files.get(group["name"], group["name"]),
            tuple(_listed(one, files.get(group["name"], "")) for one in group["subjects"]),
            group["unavailable"],
        )
        for group in answer["groups"]
    ]


def _listed(one: dict[str, Any], file: str) -> Listed:
    implementation, version = one.get("peer", ("", ""))
    peer = (implementation, version) if implementation else None
    return Listed(**{**one, "accepts": tuple(one["accepts"]), "peer": peer}, file=file)


def groups_named(patterns: Iterable[str]) -> list[str] | None:
    """The subject files that the patterns name outright; None if only a look at all files can tell."""
    names = [pattern.partition(".")[0] for pattern in patterns]
    return None if any(SPECIAL & set(name) for name in names) else sorted(set(names))


def listed_expression(name: str) -> Listed:
    """What the name of an expression spells, as a subject; raises ExpressionError if it is not one."""
    return Listed(name, expression_from_name(name).target)


def select(groups: Sequence[ListedGroup], patterns: Sequence[str]) -> list[Listed]:
    """The available subjects that match any pattern, in the order of the files.

    Raises SelectionError for a pattern that matches nothing, or nothing that can be judged here.
    """
    chosen: dict[str, Listed] = {}
    for pattern in patterns:
        for one in _matching(groups, pattern):
            chosen[one.name] = one
    return [one for group in groups for one in group.subjects if one.name in chosen]


def _matching(groups: Sequence[ListedGroup], pattern: str) -> list[Listed]:
    found = [one for group in groups for one in group.subjects if fnmatch.fnmatchcase(one.name, pattern)]
    available = [one for one in found if not one.unavailable]
    if available:
        return available
    where = f"subject {pattern}"
    if ":" in pattern:
        raise SelectionError(
            f"{pattern} is not a subject name",
            where=where,
            hint=f"an expression goes with --exporter {pattern!r}, or --consumer",
        )
    if found:
        raise SelectionError(
            f"{pattern} cannot be judged here: {found[0].unavailable}",
            where=where,
            hint="bufspec subjects lists why",
        )
    prefix = pattern.partition(".")[0]
    for group in groups:
        if group.unavailable and fnmatch.fnmatchcase(group.name, prefix):
            raise SelectionError(
                f"{pattern} cannot be judged here: {group.unavailable}",
                where=f"subjects of {group.name}",
                hint=f"install {group.name} into the environment of this bufspec",
            )
    names = [one.name for group in groups for one in group.subjects]
    raise SelectionError(
        f"no subject is called {pattern!r}",
        where=where,
        hint=near_names(
            pattern,
            names,
            otherwise="bufspec subjects lists them all; for objects of your own: --exporter, --subjects",
        ),
    )
