"""What a run will do: subjects in canonical order, and for each target the rules and the cases.

Plans with the rulebook, the engine's own lists and what the subject files declare; runs nothing of a subject
but what asking for an expression takes.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from bufspec import _engine
from bufspec.catalogue import find_subjects
from bufspec.errors import SelectionError, near_names
from bufspec.in_process import InProcess
from bufspec.patience import Ranges, area_of, ranges_from_indices
from bufspec.rulebook import CURRENT, Rulebook, RuleText, load_rulebook
from bufspec.selection import DEFAULT_PATTERNS, Listed
from bufspec.supervisor import Supervisor
from bufspec.workspace import load_engine

DEFAULT_SEED = 3118


@frozen
class Options:
    """What a run is asked to do."""

    patterns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    edition: str = CURRENT
    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    jobs: int = 1
    seed: int = DEFAULT_SEED
    timeout: float = 10.0
    fail_fast: bool = False
    case_patterns: tuple[str, ...] = ()
    memory_limit: int = 0
    in_process: bool = False


@frozen
class Plan:
    """What will be run: subjects in canonical order, and for each target the rules and the cases.

    `chosen` are the cases asked for, as ranges of their numbers; of a target without an entry all are run.
    """

    options: Options
    rulebook: Rulebook
    subjects: tuple[Listed, ...]
    cases: dict[str, tuple[str, ...]]
    chosen: dict[str, Ranges] = field(factory=dict)

    def rules(self, target: str) -> list[RuleText]:
        """The rules that subjects of `target` are held against."""
        return self.rulebook.for_target(target)

    @property
    def targets(self) -> list[str]:
        """The targets of the subjects, in order of first appearance."""
        return list(dict.fromkeys(one.target for one in self.subjects))


async def make_plan(options: Options, work: Path) -> Plan:
    """The plan of a run; raises a BufspecError of the selection if anything asked for is not to be had."""
    everything = load_rulebook(options.edition, _engine.rule_ids())
    rulebook = everything.matching(options.rules, options.exclude)
    load_engine(rulebook, work)
    patterns = options.patterns or (() if options.expressions else DEFAULT_PATTERNS)
    kind = InProcess if options.in_process else Supervisor
    async with kind(work / "plan.log") as supervisor:
        subjects = await find_subjects(supervisor, patterns, options.expressions)
    targets = dict.fromkeys(one.target for one in subjects)
    cases = {target: tuple(_engine.cases(target, options.edition)) for target in targets}
    if not any(rulebook.for_target(target) for target in targets):
        raise SelectionError("none of the rules that are left binds any of these subjects", hint="see --list")
    chosen = choose_cases(cases, options.case_patterns) if options.case_patterns else {}
    return Plan(
        options, rulebook, tuple(one for one in subjects if chosen.get(one.target, True)), cases, chosen
    )


def choose_cases(cases: Mapping[str, Sequence[str]], patterns: Sequence[str]) -> dict[str, Ranges]:
    """For each target the cases that match any of the globs, as ranges of their numbers.

    Raises SelectionError for a glob that matches no case of any target.
    """
    wanted = {pattern: re.compile(fnmatch.translate(pattern)) for pattern in patterns}
    matched: set[str] = set()
    chosen = {}
    for target, names in cases.items():
        indices = []
        for index, name in enumerate(names):
            hits = [pattern for pattern, regex in wanted.items() if regex.match(name)]
            if hits:
                matched.update(hits)
                indices.append(index)
        chosen[target] = ranges_from_indices(indices)
    for pattern in patterns:
        if pattern not in matched:
            raise SelectionError(
                f"no case matches {pattern!r}",
                where=f"--case {pattern}",
                hint=near_names(
                    pattern,
                    {area_of(name) + ".*" for names in cases.values() for name in names},
                    otherwise="bufspec check --list names the cases",
                ),
            )
    return chosen
