"""Do campaigns find what `bufspec check` misses?  The deep mutants, each with a budget of steps, twice.

A deep mutant conforms until a sequence of events.  Its campaign ends with its first finding: what counts is
how many steps were judged by then.
"""

from __future__ import annotations

import fnmatch
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
from attrs import define, evolve, field, frozen

from bufspec import _engine
from bufspec.errors import SelectionError, near_names
from bufspec.fuzz.finding import Finding
from bufspec.fuzz.options import FuzzOptions
from bufspec.fuzz.stream import Stream
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.selection import Listed
from bufspec.run.workspace import load_engine
from bufspec.tables.files import spec_directory, tree_from
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.profile import Profile
from bufspec.words import CURRENT

LIBRARY = str(Path(_engine.__file__).with_name("libbufspec_deep_mutants.so"))
TABLE = "deep_mutants.yaml"
BUDGET = 2_000_000
"""Steps of each campaign."""
SEEDS = 5
FAST_STEPS = 40
"""More steps than a scenario has on the average: so many scenarios are within a budget."""


@frozen
class DeepMutant:
    """A row of spec/deep_mutants.yaml."""

    id: str
    class_: str
    note: str

    @property
    def subject(self) -> str:
        """Its name as a subject."""
        return f"deep.{self.id}"


@define
class DeepScore:
    """One mutant: the steps of each seed until it was found, None where it was not within the budget."""

    mutant: DeepMutant
    guided: list[int | None] = field(factory=list)
    unguided: list[int | None] = field(factory=list)

    @staticmethod
    def median(steps: Sequence[int | None], budget: int) -> float:
        """The median over the seeds; what was not found counts as the whole budget."""
        return statistics.median(budget if one is None else one for one in steps)

    @property
    def is_found(self) -> bool:
        """Whether most seeds found it, guided."""
        return sum(one is not None for one in self.guided) * 2 > len(self.guided)

    def to_json(self, budget: int) -> dict[str, Any]:
        """The score as plain values."""
        return {
            "mutant": self.mutant.id,
            "class": self.mutant.class_,
            "found": self.is_found,
            "guided": self.guided,
            "unguided": self.unguided,
            "median_guided": self.median(self.guided, budget),
            "median_unguided": self.median(self.unguided, budget),
        }


def deep_mutants() -> list[DeepMutant]:
    """The rows of the table."""
    rows = tree_from(spec_directory() / TABLE)["deep_mutants"]
    return [DeepMutant(row["id"], row["class"], row["note"]) for row in rows]


async def explore_mutants(
    globs: Sequence[str],
    work: Path,
    *,
    budget: int = BUDGET,
    seeds: int = SEEDS,
    jobs: int = 1,
    on_done: Callable[[DeepScore], None] = lambda score: None,
) -> list[DeepScore]:
    """Explore each mutant whose id matches a glob; raises SelectionError for a glob that matches none."""
    known = [one.id for one in deep_mutants()]
    for glob in globs:
        if not fnmatch.filter(known, glob):
            raise SelectionError(
                f"no deep mutant matches {glob!r}",
                where="bufspec mutants --fuzz",
                hint=near_names(glob, known, otherwise=f"spec/{TABLE} lists them"),
            )
    chosen = [one for one in deep_mutants() if any(fnmatch.fnmatch(one.id, glob) for glob in globs)]
    scores = [DeepScore(one) for one in chosen]
    tables = load_engine(load_rulebook(CURRENT, _engine.rule_ids()), work)
    waiting = iter(scores)

    async def take(number: int) -> None:
        async with Supervisor(work / f"worker{number}.log") as supervisor:
            for score in waiting:
                request = {
                    "do": "profile",
                    "subject": score.mutant.subject,
                    "files": [LIBRARY],
                    "discover": True,
                }
                profile = Profile.from_answer(await supervisor.ask(request))
                for seed in range(1, seeds + 1):
                    for guided, steps in ((True, score.guided), (False, score.unguided)):
                        steps.append(
                            await _steps(
                                score.mutant, profile, seed, guided, budget, supervisor, work, tables
                            )
                        )
                on_done(score)

    async with anyio.create_task_group() as group:
        for number in range(jobs):
            group.start_soon(take, number)
    return scores


async def _steps(
    mutant: DeepMutant,
    profile: Profile,
    seed: int,
    guided: bool,
    budget: int,
    supervisor: Supervisor,
    work: Path,
    tables: Path,
) -> int | None:
    """How many steps were judged until the mutant was found; None if it was not within the budget."""
    options = FuzzOptions(files=(LIBRARY,), seed=seed, guided=guided, runs=budget)
    met: list[Finding] = []
    folder = work / f"{mutant.id}-{seed}-{'guided' if guided else 'unguided'}"
    folder.mkdir(exist_ok=True)
    stream = Stream(
        Listed(mutant.subject, "exporter", file=LIBRARY), profile, 0, options, folder, tables, [], met.append
    )
    stream.stops = True
    stream.open()
    while not stream.has_found and stream.totals["steps"] < budget and not stream.lost:
        per_scenario = max(stream.totals["steps"] / max(stream.totals["executions"], 1), FAST_STEPS)
        scenarios = int((budget - stream.totals["steps"]) / per_scenario) + 1
        stream.options = evolve(options, runs=stream.totals["executions"] + scenarios)
        await stream.explore(supervisor, time.monotonic() + 1e6, lambda one: None)
    return int(stream.totals["steps"]) if stream.has_found else None


def summary_of(scores: Sequence[DeepScore], budget: int) -> dict[str, Any]:
    """How many were found, and how many times fewer steps the guided campaigns took, in the median."""
    ratios = [
        DeepScore.median(one.unguided, budget) / max(DeepScore.median(one.guided, budget), 1)
        for one in scores
    ]
    return {
        "budget": budget,
        "mutants": len(scores),
        "found": sum(one.is_found for one in scores),
        "times_faster": statistics.median(ratios) if ratios else 0.0,
    }
