"""What a one-place break is: where it stands, what is written there instead, and why some break nothing.

A break never touches the files of the project; it says how a copy of one of them would read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Break:
    """One place of one file, changed: characters [start, end) become `instead`."""

    file: str  # relative to the project
    line: int
    start: int
    end: int
    instead: str
    what: str  # "== to !=", "WRITABLE to FORMAT", ...
    text: str  # the line as it is, without the space around it

    def apply(self, content: str) -> str:
        """The file with this break in it."""
        return content[: self.start] + self.instead + content[self.end :]

    @property
    def place(self) -> str:
        """`file:line`, as compilers write it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Equivalent:
    """A break known to break nothing, and why."""

    file: str
    text: str
    what: str
    reason: str

    def covers(self, candidate: Break) -> bool:
        """Whether this is that break."""
        return (self.file, self.text, self.what) == (candidate.file, candidate.text, candidate.what)


def read_equivalents(path: Path) -> list[Equivalent]:
    """The rows of equivalent.yaml; ValueError for a row without a reason."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    made = [Equivalent(**row) for row in rows]
    for row in made:
        if len(row.reason) < 20:
            raise ValueError(f"{path.name}: {row.file}: {row.text!r}: say why it is equivalent")
    return made


def stale(equivalents: Iterable[Equivalent], candidates: Iterable[Break]) -> list[Equivalent]:
    """Rows that name no place any more."""
    places = {(one.file, one.text, one.what) for one in candidates}
    return [one for one in equivalents if (one.file, one.text, one.what) not in places]
