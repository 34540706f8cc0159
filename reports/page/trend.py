"""How do records over time become one HTML file?  A plot as SVG and a table, which say the same.

The plot is our own SVG: it has its words as text, follows light and dark, and needs no library of plots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bufspec import __version__
from bufspec.reports.page.page import PLAIN_STYLES, inline, templates
from bufspec.reports.trend import Line, Run

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 48
LABELS = 8
"""At most so many days are written under the plot."""


def trend_page(runs: Sequence[Run], lines: Sequence[Line]) -> Iterator[str]:
    """The page, piece by piece."""
    yield from (
        templates()
        .get_template("trend.html")
        .generate(
            title="Buffer protocol, over time",
            version=__version__,
            style=inline((*PLAIN_STYLES, "trend.css")),
            script=None,
            runs=runs,
            lines=lines,
            plot=plot_of(runs),
        )
    )


def plot_of(runs: Sequence[Run]) -> dict[str, Any]:
    """Where everything of the plot lies: a point for each record on each of the two lines."""
    series = {
        "rules that are broken": [run.broken for run in runs],
        "subjects that break required rules": [run.breaking for run in runs],
    }
    most = max(1, *(value for values in series.values() for value in values))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(runs) - 1)
    tall = HEIGHT - TOP - BOTTOM

    def at(index: int, value: int) -> tuple[float, float]:
        return round(LEFT + index * step, 1), round(TOP + tall * (1 - value / most), 1)

    every = max(1, -(-len(runs) // LABELS))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": TOP + tall,
        "lines": [
            {
                "name": name,
                "kind": ("rules", "subjects")[number],
                "points": [(*at(index, value), value, runs[index]) for index, value in enumerate(values)],
            }
            for number, (name, values) in enumerate(series.items())
        ],
        "days": [(at(index, 0)[0], run.started[:10]) for index, run in enumerate(runs) if index % every == 0],
        "marks": [(at(0, value)[1], value) for value in sorted({0, most // 2, most})],
    }
