"""Which rows of the bench have worsened, compared with the figures that the repository keeps?

Every figure is a ratio within one run, so that one machine may be compared with another, roughly.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from bufspec.files.written import write_named

WORSENED = 1.2
"""By how much a figure may be worse than the kept one before it is named."""


@frozen
class Row:
    """One ratio by name.  The less the better, or the more."""

    name: str
    figure: float
    more_is_better: bool = False
    goal: float | None = None
    """What the figure may be at most, or must be at least, whatever it was before."""

    def worsening(self, kept: float) -> float:
        """How many times as bad as `kept` it is."""
        return kept / self.figure if self.more_is_better else self.figure / kept


@frozen
class Worsened:
    """A row that is worse than its kept figure by more than it may be."""

    name: str
    kept: float
    figure: float


def beyond_goal(rows: Sequence[Row]) -> list[Row]:
    """The rows that miss their goal."""
    return [row for row in rows if row.goal is not None and row.worsening(row.goal) > 1]


def kept_figures() -> dict[str, float]:
    """The figures that the repository keeps, by the name of the row."""
    file = importlib.resources.files("bufspec").joinpath("measure/figures.json")
    figures: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return figures


def worsened(rows: Sequence[Row], kept: Mapping[str, float]) -> list[Worsened]:
    """The rows that are worse by more than WORSENED; a row without a kept figure is not."""
    return [
        Worsened(row.name, kept[row.name], row.figure)
        for row in rows
        if row.name in kept and row.worsening(kept[row.name]) > WORSENED
    ]


def keep(rows: Sequence[Row], file: Path) -> None:
    """Write the figures of these rows; raises OutputError if that is not possible."""
    text = json.dumps({row.name: round(row.figure, 3) for row in rows}, indent=2)
    write_named(file, (text + "\n",))
