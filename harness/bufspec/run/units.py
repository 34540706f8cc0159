"""In which pieces is a plan judged, and which of them are a shard's?

A unit is a subject, or a block of its cases where it has many: an exporter that builds its objects.  Units
follow from the plan alone, whether it is judged in shards or not, and a shard never cuts one: what ends
cases early, such as identical crashes, is counted within a unit.
"""

from __future__ import annotations

import heapq
import re

from attrs import frozen

from bufspec.declare import EXPORTER
from bufspec.errors import SelectionError
from bufspec.run.plan import Plan
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import ranges_chosen, size

CASES_OF_A_BLOCK = 4096
"""More cases than any subject has that builds no objects: to begin a block anew takes time, too."""
MOST_SHARDS = 10_000
TO_BEGIN = 100
"""What it takes to start with a unit, in cases."""


@frozen
class Unit:
    """A block of the cases of one subject, by its number in the plan; most subjects are of one block."""

    subject: int
    block: int = 0
    blocks: int = 1


@frozen
class Shard:
    """The shard `number`, counted from 1, of `count`."""

    number: int = 1
    count: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether it is all there is."""
        return self.count == 1


WHOLE = Shard()


def shard_from_text(text: str) -> Shard:
    """The shard that I/N spells, the whole for an empty text; raises SelectionError for any other."""
    if not text:
        return WHOLE
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    number, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= count <= MOST_SHARDS:
        raise SelectionError(
            f"{text!r} is no shard",
            where=f"--shard {text}",
            hint=f"I/N, the I-th of N, as in 1/4 to 4/4; at most {MOST_SHARDS:,}",
        )
    return Shard(number, count)


def units_of(plan: Plan) -> list[Unit]:
    """The units of a plan, in canonical order."""
    return [unit for unit, _ in _weighed(plan)]


def units_of_shard(plan: Plan) -> list[int]:
    """The numbers of the units that the shard of this run judges, in canonical order.

    What takes longest is dealt out first, each to the shard that has least by then.
    """
    shard = shard_from_text(plan.options.shard)
    weighed = _weighed(plan)
    if shard.is_whole:
        return list(range(len(weighed)))
    waiting = [(0, number) for number in range(1, shard.count + 1)]
    mine = []
    for index in sorted(range(len(weighed)), key=lambda one: (-weighed[one][1], one)):
        load, number = heapq.heappop(waiting)
        heapq.heappush(waiting, (load + weighed[index][1], number))
        if number == shard.number:
            mine.append(index)
    return sorted(mine)


def subjects_of_shard(plan: Plan) -> int:
    """Of how many subjects the shard of this run has units."""
    units = units_of(plan)
    return len({units[index].subject for index in units_of_shard(plan)})


def _weighed(plan: Plan) -> list[tuple[Unit, int]]:
    known: dict[tuple[str, bool, str], int] = {}
    found = []
    for index, one in enumerate(plan.subjects):
        key = (one.target, one.builds, one.memories)
        if key not in known:
            known[key] = _size(plan, *key)
        cases = known[key]
        # A run that stops at the first broken rule stops within a subject.
        is_cut = one.target == EXPORTER and not plan.options.fail_fast
        blocks = max(1, -(-cases // CASES_OF_A_BLOCK)) if is_cut else 1
        weight = TO_BEGIN + -(-cases // blocks)
        found += [(Unit(index, block, blocks), weight) for block in range(blocks)]
    return found


def _size(plan: Plan, target: str, builds: bool, memories: str) -> int:
    """How many cases are chosen of such a subject, as far as its declaration shows."""
    options = plan.options
    profile = Profile(builds=builds, memories=memories)
    cases = profile.cases(target, options.edition, options.seed, options.bound)
    return size(ranges_chosen(cases, options.case_patterns, plan.selected_rules(target)))
