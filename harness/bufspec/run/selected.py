"""Which of the subjects has a rule that is selected, and a case?

The others are not part of the run: none of their cases is run, and they have no row in any report.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from bufspec.declare import FUNCTION
from bufspec.errors import SelectionError, WorkerError
from bufspec.isolation.job import SETUP_SECONDS, START_SECONDS, hello_seconds, peer_seconds
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import OF_THE_SUBJECT, Supervisor
from bufspec.run.case_choice import areas_of_some
from bufspec.run.selection import Listed
from bufspec.tables.rulebook import Rulebook
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import Ranges, area_of, ranges_chosen


class CaseChoice:
    """The cases that a run chooses of those that a subject has, by target and profile."""

    def __init__(
        self,
        patterns: tuple[str, ...],
        rulebook: Rulebook,
        *,
        narrowed: bool,
        seed: int,
        bound: str,
        setup_timeout: float = SETUP_SECONDS,
    ) -> None:
        """With `setup_timeout` for a subject to make an object that is looked at."""
        self._patterns = patterns
        self._rulebook = rulebook
        self._narrowed = narrowed
        self._seed = seed
        self._bound = bound
        self._setup_timeout = setup_timeout
        self._known: dict[tuple[str, Profile], Ranges] = {}

    def rules(self, target: str) -> tuple[str, ...] | None:
        """The ids of the rules that are selected for subjects of that target; None if all are."""
        return tuple(rule.id for rule in self._rulebook.for_target(target)) if self._narrowed else None

    def chosen(self, target: str, profile: Profile) -> Ranges:
        """The ranges of the cases that are chosen, of those that such a subject has."""
        if (target, profile) not in self._known:
            cases = profile.cases(target, self._rulebook.edition, self._seed, self._bound)
            self._known[target, profile] = ranges_chosen(cases, self._patterns, self.rules(target))
        return self._known[target, profile]

    async def select(
        self, supervisor: Supervisor, subjects: Sequence[Listed], *, discover: bool
    ) -> tuple[Listed, ...]:
        """Those of the subjects that the run is about; raises SelectionError if there are none.

        Which cases a subject has may depend on what its object can do: it is then asked, and one that cannot
        answer is let through, to be judged for it.
        """
        bound = [one for one in subjects if self._rulebook.for_target(one.target)]
        if subjects and not bound:
            raise SelectionError(
                "none of the rules that are left binds any of these subjects", hint="see --list"
            )
        if not self._patterns and not self._narrowed:
            return tuple(bound)
        chosen = [one for one in bound if await self._has_case(supervisor, one, discover)]
        if bound and not chosen and not self._patterns:
            raise SelectionError(
                "no case of any of these subjects can judge the rules that are left",
                hint="bufspec subjects lists others; `bufspec spec show RULE` says whom a rule binds",
            )
        if bound and not chosen:
            raise SelectionError(
                "none of these subjects has a case that is chosen",
                where=" ".join(f"--case {pattern}" for pattern in self._patterns),
                hint="bufspec check --list lists the cases",
            )
        # Without a choice of cases, a subject that a rule binds is shown, with the reason it was not judged.
        return tuple(chosen if self._patterns else bound)

    async def _has_case(self, supervisor: Supervisor, subject: Listed, discover: bool) -> bool:
        # A runtime's cases follow from its calls, which only the subject itself knows.
        known = Profile(builds=subject.builds, memories=subject.memories)
        if subject.target != FUNCTION and self.chosen(subject.target, known):
            return True
        if not self._may_have_more(subject.target):
            return False
        request = {
            "do": "profile",
            "subject": subject.name,
            "files": list(subject.files),
            "hello_seconds": hello_seconds(self._setup_timeout),
            "discover": discover,
        }
        seconds = START_SECONDS + self._setup_timeout + 2 * peer_seconds(subject.files, self._setup_timeout)
        try:
            answer = await supervisor.ask(request, seconds=seconds)
        except (Ended, WorkerError, *OF_THE_SUBJECT):
            return True
        return bool(self.chosen(subject.target, Profile.from_answer(answer)))

    def _may_have_more(self, target: str) -> bool:
        """Whether a pattern, or a rule, may mean cases that only some subjects of that target have."""
        if not self._patterns or target == FUNCTION:
            return True
        areas = areas_of_some(target, self._rulebook.edition, self._seed, self._bound)
        return any(fnmatch.filter(areas, area_of(pattern)) for pattern in self._patterns)
