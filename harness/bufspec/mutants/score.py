"""What the suite sees of the mutants: runs them, their twins and the odd ones, and keeps the score.

Exporters and consumers alike: a mutant is caught if one of the rules that it is said to break is reported;
any rule that nobody announced is a false alarm, and so is every break of a twin or of one that conforms.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from attrs import asdict, define, evolve, field, frozen

from bufspec.declare import TARGETS
from bufspec.errors import SelectionError, near_names
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.check import run_plan
from bufspec.run.kept import Kept
from bufspec.run.plan import Options, make_plan
from bufspec.run.record import Event, json_from_event
from bufspec.tables.mutant_rows import Bug, Row
from bufspec.tables.mutants import Mutants, load_mutants
from bufspec.words import DEATH, MUTANTS

JSON = dict[str, Any]
_GROUP = re.compile(r"[a-z]+\.[a-z]+")


@frozen
class MutantOptions:
    """What is asked for."""

    globs: tuple[str, ...] = ("*",)
    jobs: int = 1
    timeout: float = 10.0


@frozen
class Seen:
    """What was reported of one subject: broken rules (and `death`), and the groups of cases that reported."""

    broken: frozenset[str] = frozenset()
    groups: dict[str, frozenset[str]] = field(factory=dict)
    error: str = ""


@frozen
class MutantScore:
    """One mutant: whether it was caught, by which rules, and what was reported beyond what it announces."""

    mutant: Row
    unavailable: str
    caught_by: tuple[str, ...]
    unannounced: tuple[str, ...]
    error: str = ""

    @property
    def caught(self) -> bool:
        """Whether one of the rules that must be reported was."""
        return bool(self.caught_by)


@frozen
class FalseAlarm:
    """A rule that was reported although nothing breaks it, or a run that failed for our own fault."""

    subject: str
    rule: str
    kind: str


@define
class Score:
    """The whole: one entry a mutant, the false alarms, and what the case groups are good for."""

    table: Mutants
    mutants: list[MutantScore] = field(factory=list)
    false_alarms: list[FalseAlarm] = field(factory=list)
    conforming: Counter[str] = field(factory=Counter)
    twins: Counter[str] = field(factory=Counter)
    idle_groups: list[str] = field(factory=list)
    """Groups of cases that were among the first five to catch no mutant; later ones are not recorded."""

    @property
    def targets(self) -> list[str]:
        """What was judged: exporters, consumers or both."""
        judged = {one.mutant.target for one in self.mutants} | {*self.twins, *self.conforming}
        return [target for target in TARGETS if target in judged]

    @property
    def missed(self) -> list[MutantScore]:
        """The mutants that nobody reported, those left out that cannot be made here."""
        return [one for one in self.mutants if not one.caught and not one.unavailable]

    @property
    def good(self) -> bool:
        """Whether every mutant was caught and no alarm was false."""
        return not self.missed and not self.false_alarms

    def by(self, key: Callable[[Row], str], target: str = "") -> dict[str, tuple[int, int]]:
        """(caught, all) of the mutants, or those of `target`, by `key`, in order of first appearance."""
        counts: dict[str, tuple[int, int]] = {}
        for one in self.mutants:
            if not one.unavailable and target in ("", one.mutant.target):
                caught, every = counts.get(key(one.mutant), (0, 0))
                counts[key(one.mutant)] = (caught + one.caught, every + 1)
        return counts

    @property
    def bugs(self) -> list[tuple[Bug, MutantScore]]:
        """Every bug row with a mutant that stands for it, by row."""
        pairs = [(bug, one) for one in self.mutants for bug in one.mutant.bugs]
        return sorted(pairs, key=lambda pair: (pair[0].row, pair[1].mutant.name))

    def to_json(self) -> JSON:
        """The score as plain values."""
        return {
            "good": self.good,
            "mutants": len(self.mutants),
            "caught": sum(one.caught for one in self.mutants),
            "unavailable": {one.mutant.name: one.unavailable for one in self.mutants if one.unavailable},
            "twins": sum(self.twins.values()),
            "conforming": sum(self.conforming.values()),
            "missed": [one.mutant.name for one in self.missed],
            "false_alarms": [asdict(one) for one in self.false_alarms],
            "rules": counts_to_json(self.by(lambda one: one.rule)),
            "classes": counts_to_json(self.by(lambda one: one.class_)),
            "targets": {
                target: {
                    "mutants": sum(one.mutant.target == target for one in self.mutants),
                    "caught": sum(one.caught and one.mutant.target == target for one in self.mutants),
                    "twins": self.twins[target],
                    "conforming": self.conforming[target],
                    "rules": counts_to_json(self.by(lambda one: one.rule, target)),
                    "classes": counts_to_json(self.by(lambda one: one.class_, target)),
                }
                for target in self.targets
            },
            "bugs": [
                {
                    "row": bug.row,
                    "reference": bug.reference,
                    "class": one.mutant.class_,
                    "mutant": one.mutant.name,
                    "caught": one.caught,
                }
                for bug, one in self.bugs
            ],
            "out_of_reach": [asdict(bug) for bug in self.table.out_of_reach],
            "unmutated": dict(self.table.unmutated),
            "idle_case_groups": self.idle_groups,
        }


async def judge_mutants(
    globs: Sequence[str],
    work: Path,
    *,
    jobs: int,
    seed: int,
    timeout: float,
    watch: Callable[[int], AbstractContextManager[Callable[[str], None]]],
    keep: bool = False,
    trust: bool = False,
) -> Score:
    """Judge the mutants and odd subjects whose name matches one of `globs`, and the twins, as any run does.

    `watch` shows how far so many subjects are.  With `keep` what is finished is kept in `work`, and what lies
    finished there is not judged again; with `trust` it need not be signed.  Raises SelectionError for a
    glob that matches none.
    """
    table = load_mutants()
    known = [one.name for one in (*table.mutants, *table.conforming)]
    names: set[str] = set()
    for glob in globs:
        matching = fnmatch.filter(known, glob)
        if not matching:
            raise SelectionError(
                f"no mutant matches {glob!r}",
                where="bufspec mutants",
                hint=near_names(glob, known, otherwise="the tables of mutants in spec list them"),
            )
        names.update(matching)
    mutants = [one for one in table.mutants if one.name in names]
    conforming = [one for one in table.conforming if one.name in names]
    twins = [one for one in dict.fromkeys(table.twins[one.name] for one in mutants) if one not in conforming]
    every = (*mutants, *twins, *conforming)
    events: list[JSON] = []
    cases: list[str] = []

    def emit(event: Event) -> None:
        events.append(json_from_event(event))

    for edition in dict.fromkeys(one.edition for one in every):
        wanted = {one.subject for one in every if one.edition == edition}
        options = Options(patterns=(f"{MUTANTS}.*",), edition=edition, jobs=jobs, seed=seed, timeout=timeout)
        folder = work / edition
        folder.mkdir(exist_ok=keep)
        async with Supervisor(folder / "plan.log") as supervisor:
            plan = await make_plan(options, folder, supervisor)
        plan = evolve(plan, subjects=tuple(one for one in plan.subjects if one.name in wanted))
        with watch(len(plan.subjects)) as on_progress:
            kept = Kept(folder, plan, trust=trust) if keep else None
            if kept:
                kept.begin()
            await run_plan(plan, folder, emit, on_progress=on_progress, kept=kept, confirms=False)
        cases += [case for target in plan.targets for case in plan.cases[target]]
    return score_from(table, mutants, twins, conforming, events, cases)


def score_from(
    table: Mutants,
    mutants: Sequence[Row],
    twins: Sequence[Row],
    conforming: Sequence[Row],
    events: Iterable[JSON],
    cases: Iterable[str],
) -> Score:
    """The score that a record comes to."""
    seen = seen_from(events)
    score = Score(
        table,
        twins=Counter(one.target for one in twins),
        conforming=Counter(one.target for one in conforming),
    )
    useful: set[str] = set()
    for mutant in mutants:
        one = seen.get(mutant.subject)
        if one is None:
            score.mutants.append(MutantScore(mutant, mutant.needs or "not declared", (), ()))
            continue
        caught = tuple(sorted(one.broken & set(mutant.expected)))
        unannounced = tuple(sorted(rule for rule in one.broken if not mutant.announces(rule)))
        score.mutants.append(MutantScore(mutant, "", caught, unannounced, one.error))
        score.false_alarms += [FalseAlarm(mutant.name, rule, "mutant") for rule in unannounced]
        if one.error:
            score.false_alarms.append(FalseAlarm(mutant.name, one.error, "error"))
        useful.update(*(one.groups.get(rule, frozenset()) for rule in mutant.expected))
    for kind, rows in (("twin", twins), ("conforming", conforming)):
        for row in rows:
            one = seen.get(row.subject, Seen(error="" if row.needs else "it was not judged"))
            score.false_alarms += [
                FalseAlarm(row.name, rule, kind) for rule in sorted(one.broken - set(row.also))
            ]
            if one.error:
                score.false_alarms.append(FalseAlarm(row.name, one.error, "error"))
    groups = dict.fromkeys(group_of(case) for case in cases)
    score.idle_groups = [group for group in groups if group not in useful]
    return score


def counts_to_json(counts: dict[str, tuple[int, int]]) -> JSON:
    """(caught, all) of each name, as plain values."""
    return {name: {"caught": caught, "of": every} for name, (caught, every) in counts.items()}


def group_of(case: str) -> str:
    """The group of a case: its area and the first word of its name."""
    found = _GROUP.match(case)
    return found[0] if found else case


def seen_from(events: Iterable[JSON]) -> dict[str, Seen]:
    """What a record says of each subject."""
    groups: dict[str, dict[str, set[str]]] = {}
    seen: dict[str, Seen] = {}
    for event in events:
        if event["event"] == "case-failed":
            reporting = groups.setdefault(event["subject"], {}).setdefault(event["rule"] or DEATH, set())
            reporting.add(group_of(event["case"] or ""))
        elif event["event"] == "subject-finished":
            broken = {id_ for id_, rule in event["rules"].items() if rule["outcome"] == "fail"}
            if event["deaths"]:
                broken.add(DEATH)
            reported = {rule: frozenset(some) for rule, some in groups.get(event["subject"], {}).items()}
            seen[event["subject"]] = Seen(frozenset(broken), reported, event.get("error") or "")
    return seen
