"""Which cases are meant, by number?  Ranges (first, end), and what globs, areas and requests come to."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence

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


def ranges_chosen(
    cases: _engine.Cases,
    patterns: tuple[str, ...],
    rules: Sequence[str] | None = None,
    *,
    words: Sequence[int] = (),
) -> Ranges:
    """The ranges of cases whose ids match any of the globs and that any of these rules could be judged by.

    Cases that try one of the `words` of flags are meant too.  All cases are where there is neither glob nor
    word; None stands for every rule, and leaves out no case.
    """
    matching = ranges_matching(cases, patterns) if patterns or not words else ()
    matching = in_either(matching, cases.about(words)) if words else matching
    return matching if rules is None else in_both(matching, cases.within_reach(rules))


def block_of(ranges: Ranges, block: int, blocks: int) -> Ranges:
    """The cases of one of so many blocks of nearly the same size, counted from 0."""
    if blocks == 1:
        return ranges
    cases = size(ranges)
    skipped, left = cases * block // blocks, cases * (block + 1) // blocks - cases * block // blocks
    found = []
    for first, end in ranges:
        begin = min(end, first + skipped)
        stop = min(end, begin + left)
        skipped -= begin - first
        left -= stop - begin
        if begin < stop:
            found.append((begin, stop))
    return tuple(found)


def in_either(left: Sequence[tuple[int, int]], right: Sequence[tuple[int, int]]) -> Ranges:
    """The ranges of the numbers that lie in one of them or in both."""
    found: list[tuple[int, int]] = []
    for first, end in sorted([*left, *right]):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((first, end))
    return tuple(found)


def in_both(left: Sequence[tuple[int, int]], right: Sequence[tuple[int, int]]) -> Ranges:
    """The ranges of the numbers that lie in both; each is in ascending order."""
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first < end:
            found.append((first, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)
