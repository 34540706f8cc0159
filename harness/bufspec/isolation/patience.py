"""Which cases are still tried on a subject that has died: identical deaths are not met for ever.

Deaths are alike that ended the process in the same way at the same step.  After three, the area in which the
last one was is given up, and each further area at its first; after five (three where each cost the time of a
case), or many of any kind, everything that is left.

Deaths in cases that were drawn are counted apart, and give up no case that was not: what the others come to
does not depend on chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attrs import define, field

from bufspec.isolation.death import Death, Outcome
from bufspec.wire.ranges import Ranges, area_of, ranges_from_indices, size

IDENTICAL_DEATHS = 3
IDENTICAL_DEATHS_IN_ALL = 5
IDENTICAL_DEATHS_OF_CONSUMERS = 12
"""As IDENTICAL_DEATHS_IN_ALL: a consumer always dies in its one step, of whatever kind of memory."""
DEATHS_IN_ALL = 30
PLURAL = {
    Outcome.CRASH: "crashes",
    Outcome.HANG: "hangs",
    Outcome.EXIT: "exits",
    Outcome.RAISED: "refusals of its factory",
    Outcome.CORRUPT: "corrupt messages",
}
CONSUMER = "consumer"
RANDOM = "random"
KINDS_OF_MEMORY = {
    "lies": ("lies",),
    "refused": ("refuse",),
    "random": ("random",),
    "indirect": ("pil_",),
    "strided": (
        *("strided", "reversed", "sub_block", "padded", "packed", "broadcast", "overlapping", "step_two"),
        *("_f_", "fortran", "mixed_order", "inside_block"),
    ),
    "empty": ("empty",),
    "zero_dim": ("zero_dim",),
    "dimensions": ("dimensions_64",),
    "extent_one": ("extent_one",),
}
"""Words in the ids of consumers' cases: who dies of a memory of one kind may be right with the others."""


class Ids(Protocol):
    """The ids of cases by their number."""

    def __getitem__(self, number: int, /) -> str: ...


@define
class Patience:
    """The cases that are left of `ranges`, and why the others are not.  `cases` are all ids by number."""

    cases: Ids
    ranges: Ranges
    skipped: int = 0
    lost: int = 0
    """Cases in which the process died, so that they came to nothing else."""
    planned: int = field(init=False)
    first_case: int = field(init=False)
    reasons: list[str] = field(factory=list)
    _deaths: list[Death] = field(factory=list)
    _hangs: int = 0
    _deaths_of_drawn: list[Death] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.planned = size(self.ranges)
        self.first_case = self.ranges[0][0] if self.ranges else 0

    def after(self, death: Death) -> None:
        """Take note of a death in a case: that case is done with, and so may be others."""
        self.lose(death.case_index)
        is_drawn = is_random(self.cases[death.case_index])
        before = self._deaths_of_drawn if is_drawn else self._deaths
        before.append(death)
        like = sum(one.fault == death.fault for one in before)
        if death.outcome is Outcome.HANG and not is_drawn:
            like += self._hangs
        reason = f"{like} identical {PLURAL[death.outcome]}, {death.found}"
        in_all = IDENTICAL_DEATHS if death.outcome is Outcome.HANG else IDENTICAL_DEATHS_IN_ALL
        if in_all > IDENTICAL_DEATHS and area_of(self.cases[death.case_index]) == CONSUMER:
            in_all = IDENTICAL_DEATHS_OF_CONSUMERS
        if is_drawn:
            if like >= IDENTICAL_DEATHS or len(before) >= DEATHS_IN_ALL:
                fixed = ranges_from_indices(one for one in self._left() if not is_random(self.cases[one]))
                self._keep(fixed, reason)
        elif like >= in_all:
            self.skip_rest(reason)
        elif len(before) >= DEATHS_IN_ALL:
            self.skip_rest(f"{len(before)} crashes, hangs or exits")
        elif like >= IDENTICAL_DEATHS:
            family = family_of(self.cases[death.case_index])
            self._keep(
                ranges_from_indices(one for one in self._left() if family_of(self.cases[one]) != family),
                reason,
            )

    def after_survey(self, case_index: int, *, hung: bool) -> None:
        """Take note of a death of what is asked before a case: the case is still to be run."""
        self._hangs += hung
        self.skip_past(case_index - 1)

    def lose(self, case_index: int) -> None:
        """Leave out the case of that number, which was lost, and those before it, which are done."""
        self.lost += 1
        self.skip_past(case_index)

    def finish(self) -> None:
        """Leave nothing: all cases are done."""
        self.ranges = ()

    def skip_past(self, case_index: int) -> None:
        """Leave out the case of that number and those before it: they are done."""
        after = ((max(first, case_index + 1), end) for first, end in self.ranges)
        self.ranges = tuple((first, end) for first, end in after if first < end)

    def skip_rest(self, reason: str) -> None:
        """Skip everything that is left."""
        self._keep((), reason)

    def _left(self) -> Iterable[int]:
        return (index for first, end in self.ranges for index in range(first, end))

    def _keep(self, ranges: Ranges, reason: str) -> None:
        skipped = size(self.ranges) - size(ranges)
        if skipped:
            self.ranges = ranges
            self.skipped += skipped
            # The same death again: the higher count says it all.
            what = reason.partition(" ")[2]
            self.reasons[:] = [one for one in self.reasons if one.partition(" ")[2] != what]
            self.reasons.append(reason)


def is_random(case: str) -> bool:
    """Whether a case was drawn by the seed of the run."""
    return f".{RANDOM}_" in case


def family_of(case: str) -> str:
    """The cases that are given up with this one: its area, of a consumer's those of one kind of memory."""
    area = area_of(case)
    if area != CONSUMER:
        return area
    kinds = (kind for kind, words in KINDS_OF_MEMORY.items() if any(word in case for word in words))
    return f"{area}.{next(kinds, 'other')}"
