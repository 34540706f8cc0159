"""`bufspec bench`, for those who work on bufspec: what judging costs, and whether it has become dearer.

Thin: measuring is bufspec.measure.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import ending_well, need_engine
from bufspec.commands.options import format_option
from bufspec.commands.signals import run_in_loop
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.measure.bench import Bench


@click.command()
@click.option("--quick", is_flag=True, help="Measure next to nothing: whether every row can be measured.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the figures there: those of the repository are harness/bufspec/measure/figures.json.",
)
@format_option("pretty", "json")
@ending_well
def bench(quick: bool, keep: Path | None, output: str) -> None:
    """Measure what judging costs, as ratios within this run.

    A row that is worse by more than a fifth than the figure that the repository keeps is named.

    \b
    bufspec bench --quick
    """
    need_engine()
    from bufspec.measure import figures
    from bufspec.reports.terminal.measurements import print_bench

    measured = run_in_loop(_bench, quick)
    if keep:
        figures.keep(measured.rows, keep)
    if output == "json":
        print(json.dumps(measured.to_json(), indent=2))
    else:
        print_bench(console(), measured)


async def _bench(quick: bool) -> Bench:
    from bufspec import _engine
    from bufspec.measure.bench import bench
    from bufspec.measure.extent import QUICK, WHOLE
    from bufspec.run.workspace import working_directory
    from bufspec.tables.rulebook import load_rulebook
    from bufspec.words import CURRENT

    with working_directory() as work:
        return await bench(load_rulebook(CURRENT, _engine.rule_ids()), work, QUICK if quick else WHOLE)
