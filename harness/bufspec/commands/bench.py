"""The command `bufspec bench`: what judging costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import click

from bufspec.commands.ending import ending_well, need_engine
from bufspec.commands.options import format_option
from bufspec.reports.console import console
from bufspec.tables.rulebook import load_rulebook
from bufspec.tables.words import CURRENT

if TYPE_CHECKING:
    pass


@click.command()
@format_option("pretty", "json")
@ending_well
def bench(output: str) -> None:
    """Measure what judging costs, as ratios within this run."""
    need_engine()
    from bufspec.reports.measurements import print_bench

    measured = anyio.run(_bench)
    if output == "json":
        print(json.dumps(measured.to_json(), indent=2))
    else:
        print_bench(console(), measured)


async def _bench() -> Any:
    from bufspec import _engine
    from bufspec.measure.bench import bench
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        return await bench(load_rulebook(CURRENT, _engine.rule_ids()), work)
