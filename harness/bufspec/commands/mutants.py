"""The command `bufspec mutants`: whether the suite sees what it should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import Ending, ending_well, need_engine
from bufspec.commands.options import (
    force_option,
    format_option,
    processors,
    refuse_force_alone,
    refuse_with_resume,
    resume_option,
    timeout_option,
    trust_option,
)
from bufspec.commands.signals import run_in_loop
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, RecordError
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.mutants.score import MutantOptions, Score


AFTERWARDS = ("resume", "trust", "jobs", "output", "cases")
"""The options that change nothing in what is judged, and so may differ where a run is continued."""
SCORE_FILE = "mutants.json"


@click.command()
@click.argument("globs", nargs=-1, metavar="[GLOB]...")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes.")
@timeout_option
@click.option(
    "--cases", is_flag=True, help="Also list case groups that were never among the first to catch a mutant."
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the score, mutants.json, there."
)
@force_option
@resume_option
@trust_option
@click.option("--fuzz", is_flag=True, help="Give the deep mutants, which check misses, to campaigns.")
@click.option(
    "--budget", type=click.IntRange(1000), metavar="N", help="Steps of each campaign.  [default: 2000000]"
)
@click.option("--seeds", type=click.IntRange(1, 99), metavar="N", help="Campaigns of each.  [default: 5]")
@format_option("pretty", "json")
@ending_well
def mutants(
    globs: tuple[str, ...],
    jobs: int | None,
    timeout: float,
    cases: bool,
    out: Path | None,
    force: bool,
    resume: Path | None,
    trust: bool,
    fuzz: bool,
    budget: int | None,
    seeds: int | None,
    output: str,
) -> None:
    """Show that bufspec finds bugs: judge subjects that break one rule each.

    Unusual ones that break none are judged, too. Exporters, consumers, whose names begin with consumer_, and
    sets of library functions, which begin with runtime_.

    \b
    bufspec mutants
    bufspec mutants obj_null 'consumer_*' 'runtime_*' --jobs 2
    bufspec mutants --fuzz 'reopened*' --budget 500000

    Exit code: 0 if every mutant is caught by its rule and nothing else is reported, 1 if not.
    """
    need_engine()
    from bufspec.mutants.score import MutantOptions
    from bufspec.reports.terminal.mutants import print_score

    if fuzz:
        raise Ending(run_in_loop(_explore, globs or ("*",), budget, seeds, jobs or processors(), output))
    if budget or seeds:
        raise click.UsageError("--budget and --seeds are about --fuzz")
    refuse_force_alone(force, out)
    if trust and not resume:
        raise click.UsageError("--trust is about a --resume")
    options = MutantOptions(globs or ("*",), jobs or processors(), timeout)
    if resume:
        from attrs import evolve

        from bufspec.run.resume import asked_of, clear

        refuse_with_resume(AFTERWARDS)
        if (resume / SCORE_FILE).is_file():  # which is written last
            clear(resume)
            raise RecordError("the run is over", where=str(resume / SCORE_FILE), hint="the score is there")
        options = evolve(asked_of(resume, "mutants", MutantOptions, trust=trust), jobs=options.jobs)
    score = run_in_loop(_mutants, options, out, force, resume, trust)
    if output == "json":
        print(json.dumps(score.to_json(), indent=2))
    else:
        print_score(console(), score, cases=cases)
    raise Ending(EXIT_AS_EXPECTED if score.good else EXIT_BROKEN)


async def _explore(
    globs: tuple[str, ...], budget: int | None, seeds: int | None, jobs: int, output: str
) -> int:
    from bufspec.fuzz.deep import BUDGET, SEEDS, explore_mutants, summary_of
    from bufspec.reports.terminal.fuzz import deep_line, print_deep
    from bufspec.run.workspace import working_directory

    budget = budget or BUDGET
    quiet = output == "json"
    with working_directory() as work:
        scores = await explore_mutants(
            globs,
            work,
            budget=budget,
            seeds=seeds or SEEDS,
            jobs=jobs,
            on_done=lambda one: None if quiet else deep_line(console(), one.to_json(budget)),
        )
    summary = summary_of(scores, budget)
    if quiet:
        print(json.dumps({**summary, "scores": [one.to_json(budget) for one in scores]}, indent=2))
    else:
        print_deep(console(), summary)
    return EXIT_AS_EXPECTED if summary["found"] == len(scores) else EXIT_BROKEN


async def _mutants(
    options: MutantOptions, out: Path | None, force: bool, resume: Path | None, trust: bool
) -> Score:
    from bufspec.files.written import write_whole
    from bufspec.mutants.score import judge_mutants
    from bufspec.reports.terminal.progress import progress
    from bufspec.run.resume import run_folder
    from bufspec.wire.profile import DEFAULT_SEED

    folder = out or resume
    with run_folder(options, out, resume, "mutants", SCORE_FILE, force=force) as work:
        score = await judge_mutants(
            options.globs,
            work,
            jobs=options.jobs,
            seed=DEFAULT_SEED,
            timeout=options.timeout,
            watch=progress,
            keep=folder is not None,
            trust=trust,
        )
        if folder:
            write_whole(folder / SCORE_FILE, json.dumps(score.to_json(), indent=2) + "\n")
    return score
