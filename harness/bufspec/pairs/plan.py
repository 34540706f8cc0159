"""What a run of bufspec pairs will try: exporters, consumers, and which goes with which."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from bufspec import _engine
from bufspec.declare import CONSUMER, EXPORTER
from bufspec.errors import SelectionError
from bufspec.isolation.process import Ended
from bufspec.library import is_library
from bufspec.pairs.blocks import PairSupervisor
from bufspec.pairs.outdated import Choice
from bufspec.run.catalogue import every_group, list_groups
from bufspec.run.expectations.entry import Expectations
from bufspec.run.expectations.files import load_expectations
from bufspec.run.packages import packages_from
from bufspec.run.selection import Listed, ListedGroup, listed_expression, select
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import Rulebook, load_rulebook
from bufspec.words import CURRENT


@frozen
class PairOptions:
    """What is asked for: globs of names, MODULE:EXPRESSION names, files, and how to run."""

    exporters: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    exporter_expressions: tuple[str, ...] = ()
    consumer_expressions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    only_touching: str = ""
    expectations: tuple[str, ...] = ()
    rules_of: str = ""
    expects_known: bool = True
    python: str = ""
    jobs: int = 1
    timeout: float = 10.0


@frozen
class PairPlan:
    """The pairs that will be tried: exporters and consumers in canonical order, each exporter with its
    own."""

    options: PairOptions
    rulebook: Rulebook
    exporters: tuple[Listed, ...]
    consumers: tuple[Listed, ...]
    expectations: Expectations
    choice: Choice

    def with_exporter(self, exporter: Listed) -> list[Listed]:
        """The consumers that it is tried with."""
        name = self.options.only_touching
        if not name or touches(exporter.name, name):
            return list(self.consumers)
        return [one for one in self.consumers if touches(one.name, name)]

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """Of each subject that has one the file of one's own that a worker has to load for it."""
        return {one.name: one.files for one in (*self.exporters, *self.consumers) if one.files}

    @property
    def blocks(self) -> list[tuple[Listed, list[Listed]]]:
        """Each exporter that has pairs, with its consumers."""
        pairs = [(one, self.with_exporter(one)) for one in self.exporters]
        return [(exporter, consumers) for exporter, consumers in pairs if consumers]


def touches(subject: str, name: str) -> bool:
    """Whether a subject is the one of that name, of the package of that name, or matches it as a glob."""
    return subject == name or subject.startswith(f"{name}.") or fnmatch.fnmatchcase(subject, name)


async def plan_pairs(options: PairOptions, work: Path) -> PairPlan:
    """The plan of a run; raises SelectionError where nothing matches, as make_plan() does."""
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    load_engine(rulebook, work)
    for file in filter(is_library, options.files):
        raise SelectionError(
            "the subjects of a shared library make no pairs with objects of Python",
            where=file,
            hint=f"bufspec check --native {file} judges them",
        )
    known: dict[str, ListedGroup] = {}
    async with PairSupervisor(work / "plan.log") as supervisor:
        sides: list[tuple[Listed, ...]] = []
        for target, globs, expressions in (
            (EXPORTER, options.exporters, options.exporter_expressions),
            (CONSUMER, options.consumers, options.consumer_expressions),
        ):
            patterns = globs or (() if expressions else ("*",))
            groups = await list_groups(supervisor, patterns or ("*",), options.files)
            known |= {one.name: one for one in groups}
            chosen = _of_target(groups, patterns, target)
            for name in dict.fromkeys(expressions):
                chosen.append(listed_expression(name))
                with suppress(Ended):
                    await supervisor.ask({"do": "resolve", "subject": name})
            sides.append(tuple(chosen))
        packages = packages_from(list(known.values()), await every_group(supervisor))
    expectations = load_expectations(
        options.expectations,
        rulebook.every_id,
        ours=options.expects_known,
        packages={one.name.partition(".")[0] for side in sides for one in side},
    )
    every = [one for group in known.values() for one in group.subjects]
    choice = Choice(
        tuple(one.name for one in every if one.target == EXPORTER),
        tuple(one.name for one in every if one.target == CONSUMER),
        frozenset(one.name for one in packages),
        frozenset(one.name for one in every if one.unavailable),
        _whole_sides(options, known.values()),
    )
    plan = PairPlan(options, rulebook, sides[0], sides[1], expectations, choice)
    if not plan.blocks:
        name = options.only_touching
        raise SelectionError(
            f"no pair touches {name!r}" if name else "no pair of an exporter and a consumer is selected",
            where="bufspec pairs",
            hint="bufspec subjects lists them; --only-touching takes a package or a subject",
        )
    return plan


def _whole_sides(options: PairOptions, groups: Iterable[ListedGroup]) -> frozenset[str]:
    """The sides of which these options leave nothing out; none where a package cannot be looked at."""
    if any(one.unavailable for one in groups):
        return frozenset()
    asked = {
        EXPORTER: (options.exporters, options.exporter_expressions),
        CONSUMER: (options.consumers, options.consumer_expressions),
    }
    return frozenset(side for side, (globs, expressions) in asked.items() if not globs and not expressions)


def _of_target(groups: Sequence[ListedGroup], patterns: Sequence[str], target: str) -> list[Listed]:
    chosen: dict[str, Listed] = {}
    for pattern in patterns:
        found = [one for one in select(groups, [pattern]) if one.target == target]
        if not found:
            raise SelectionError(
                f"no {target} matches {pattern!r}",
                where=f"bufspec pairs --{target}s {pattern}",
                hint="bufspec subjects lists them",
            )
        chosen |= {one.name: one for one in found}
    names = [one for group in groups for one in group.subjects if one.name in chosen]
    return list(dict.fromkeys(names))
