"""What a run will do: subjects in canonical order, and for each target the rules and the cases.

Plans with the rulebook, the engine's own lists and what the subject files declare; runs nothing of a subject
but what asking for an expression takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

from bufspec import _engine
from bufspec.errors import DeclarationError
from bufspec.isolation.job import SETUP_SECONDS
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.case_choice import refuse_unknown
from bufspec.run.catalogue import every_group, find_subjects
from bufspec.run.expectations.entry import Expectations
from bufspec.run.expectations.files import load_expectations
from bufspec.run.packages import Package, packages_from
from bufspec.run.selected import CaseChoice
from bufspec.run.selection import DEFAULT_PATTERNS, Listed
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import Rulebook, RuleText, load_rulebook
from bufspec.wire.profile import DEFAULT_SEED, Profile
from bufspec.wire.ranges import ranges_chosen
from bufspec.words import CURRENT


@frozen
class Options:
    """What a run is asked to do."""

    patterns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    expectations: tuple[str, ...] = ()
    expects_known: bool = True
    edition: str = CURRENT
    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    jobs: int = 1
    seed: int = DEFAULT_SEED
    timeout: float = 10.0
    setup_timeout: float = SETUP_SECONDS
    fail_fast: bool = False
    discover: bool = True
    bound: str = "short"
    case_patterns: tuple[str, ...] = ()
    memory_limit: int = 0
    in_process: bool = False
    repeat: int = 1
    rules_of: str = ""
    """The version of bufspec, X.Y, whose rules are news where they are broken; newer ones are shown."""
    shard: str = ""
    measures: bool = False
    python: str = ""
    """The interpreter in which is judged, empty for that of the driver."""

    @property
    def narrowed(self) -> bool:
        """Whether not every rule is selected."""
        return bool(self.rules or self.exclude)

    @property
    def filtered(self) -> bool:
        """Whether not every case of the subjects is tried."""
        return bool(self.narrowed or self.case_patterns or self.fail_fast or not self.discover)


@frozen
class Plan:
    """What will be run: subjects in canonical order, and for each target the rules and the cases.

    `cases` are those that every subject of a target has; what one has besides follows from its profile.
    """

    options: Options
    rulebook: Rulebook
    subjects: tuple[Listed, ...]
    cases: dict[str, _engine.Cases]
    expectations: Expectations
    packages: tuple[Package, ...] = ()
    """The packages all of whose subjects are known, in the run or not."""

    @property
    def whole_packages(self) -> tuple[Package, ...]:
        """The packages whose subjects are all in the run."""
        return tuple(one for one in self.packages if one.is_whole(self.subjects))

    def rules(self, target: str) -> list[RuleText]:
        """The rules that subjects of `target` are held against."""
        judged = set(_engine.rules_judged_on(target))
        return [rule for rule in self.rulebook.for_target(target) if rule.id in judged]

    def selected_rules(self, target: str) -> tuple[str, ...] | None:
        """The ids of the rules for subjects of `target` that are selected; None if all are."""
        return tuple(rule.id for rule in self.rules(target)) if self.options.narrowed else None

    def chosen(self, target: str) -> list[str]:
        """The ids of the cases that would run, of those that every subject of `target` has."""
        cases = self.cases[target]
        ranges = ranges_chosen(cases, self.options.case_patterns, self.selected_rules(target))
        return [cases[index] for first, end in ranges for index in range(first, end)]

    @property
    def targets(self) -> list[str]:
        """The targets of the subjects, in order of first appearance."""
        return list(dict.fromkeys(one.target for one in self.subjects))


async def make_plan(options: Options, work: Path, supervisor: Supervisor) -> Plan:
    """The plan of a run; raises a BufspecError of the selection if anything asked for is not to be had.

    `supervisor` is asked what there is.
    """
    everything = load_rulebook(options.edition, _engine.rule_ids())
    rulebook = everything.matching(options.rules, options.exclude)
    load_engine(rulebook, work)
    choice = CaseChoice(
        options.case_patterns,
        rulebook,
        narrowed=options.narrowed,
        seed=options.seed,
        bound=options.bound,
        setup_timeout=options.setup_timeout,
    )
    patterns = options.patterns or (() if options.expressions or options.files else DEFAULT_PATTERNS)
    every = await every_group(supervisor) if patterns or options.files else set()
    listed, groups = await find_subjects(
        supervisor, patterns, options.expressions, options.files, setup_timeout=options.setup_timeout
    )
    expectations = load_expectations(
        options.expectations,
        everything.every_id,
        ours=options.expects_known,
        peers=dict(one.peer for one in listed if one.peer),
        packages={one.name.partition(".")[0] for one in listed},
    )
    packages = packages_from(groups, every) if groups else ()
    named = dict.fromkeys(one.target for one in listed)
    profiles = {Profile(memories=one.memories) for one in listed}
    refuse_unknown(options.case_patterns, named, options.edition, options.seed, options.bound, profiles)
    subjects = await choice.select(supervisor, listed, discover=options.discover)
    targets = dict.fromkeys(one.target for one in subjects)
    cases = {
        target: Profile().cases(target, options.edition, options.seed, options.bound) for target in targets
    }
    _refuse_unexercised(subjects, cases, options)
    return Plan(options, rulebook, subjects, cases, expectations, packages)


def _refuse_unexercised(
    subjects: Iterable[Listed], cases: Mapping[str, _engine.Cases], options: Options
) -> None:
    """Raise DeclarationError for a consumer that is declared to accept what no case would show."""
    taken: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for one in subjects:
        if not one.accepts:
            continue
        what = (one.accepts, one.memories)
        if what not in taken:
            theirs = cases[one.target]
            if one.memories:
                profile = Profile(memories=one.memories)
                theirs = profile.cases(one.target, options.edition, options.seed, options.bound)
            taken[what] = theirs.exercised(one.accepts)
        if unused := [name for name in one.accepts if name not in taken[what]]:
            raise DeclarationError(
                f"{one.name} is declared to accept {', '.join(unused)}, which no case exercises",
                where=one.where,
                hint="memory has several of these at once: add the others, such as contiguous or strided and "
                "readonly, or leave it out",
            )
