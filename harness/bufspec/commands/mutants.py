"""The command `bufspec mutants`: whether the suite sees what it should."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import Ending, ending_well, need_engine
from bufspec.commands.options import format_option, processors, timeout_option
from bufspec.commands.signals import run_in_loop
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN
from bufspec.reports.console import console

if TYPE_CHECKING:
    from bufspec.mutants.score import Score


@click.command()
@click.argument("glob", default="*", metavar="[GLOB]")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes.")
@timeout_option
@click.option(
    "--cases", is_flag=True, help="Also list case groups that were never among the first to catch a mutant."
)
@format_option("pretty", "json")
@ending_well
def mutants(glob: str, jobs: int | None, timeout: float, cases: bool, output: str) -> None:
    """Show that bufspec finds bugs: judge subjects that break one rule each.

    Unusual ones that break none are judged, too. Exporters and consumers; the names of consumers begin with
    consumer_.

    Exit code: 0 if every mutant is caught by its rule and nothing else is reported, 1 if not.
    """
    need_engine()
    from bufspec.reports.mutants import print_score

    score = run_in_loop(_mutants, glob, jobs or processors(), timeout)
    if output == "json":
        print(json.dumps(score.to_json(), indent=2))
    else:
        print_score(console(), score, cases=cases)
    raise Ending(EXIT_AS_EXPECTED if score.good else EXIT_BROKEN)


async def _mutants(glob: str, jobs: int, timeout: float) -> Score:
    from bufspec.mutants.score import judge_mutants
    from bufspec.reports.progress import progress
    from bufspec.run.workspace import working_directory
    from bufspec.wire.profile import DEFAULT_SEED

    with working_directory() as work:
        return await judge_mutants(
            glob,
            work,
            jobs=jobs,
            seed=DEFAULT_SEED,
            timeout=timeout,
            watch=lambda n: progress(console(error=True), n),
        )
