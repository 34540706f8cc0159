"""Which cases are meant, by number?  Ranges (first, end), and what globs and areas of ids come to."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from bufspec import _engine

Ranges = tuple[tuple[int, int], ...]


def size(ranges: Ranges) -> int:
    """How many cases the ranges hold."""
    return sum(end - first for first, end in ranges)


def area_of(case: str) -> str:
    """The area that a case belongs to: what is before the dot of its id."""
    return case.partition(".")[0]


def ranges_from_indices(indices: Iterable[int]) -> Ranges:
    """The ranges (first, end) that ascending numbers come to."""
    ranges: list[tuple[int, int]] = []
    for index in indices:
        if ranges and ranges[-1][1] == index:
            ranges[-1] = (ranges[-1][0], index + 1)
        else:
            ranges.append((index, index + 1))
    return tuple(ranges)


def ranges_matching(cases: _engine.Cases, patterns: tuple[str, ...]) -> Ranges:
    """The ranges of case numbers whose ids match any of the globs; all cases where there is no glob."""
    if not patterns:
        return ((0, len(cases)),) if len(cases) else ()
    wanted = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))
    return ranges_from_indices(index for index, id_ in enumerate(cases) if wanted.match(id_))
