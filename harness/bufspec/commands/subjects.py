"""The command `bufspec subjects`: what can be judged here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bufspec.commands.configured import configuration_options
from bufspec.commands.ending import ending_well, need_engine
from bufspec.commands.options import files_option, format_option, judge_in_python, python_option
from bufspec.commands.signals import run_in_loop
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.run.selection import ListedGroup


@click.command()
@python_option
@files_option
@format_option("pretty", "json")
@configuration_options()
@ending_well
def subjects(python: str, files: tuple[str, ...], output: str) -> None:
    """List what can be judged here, and why the rest cannot.

    \b
    bufspec subjects
    bufspec subjects --subjects my_subjects.py --format json
    """
    need_engine()
    judge_in_python(python)
    from bufspec.reports.terminal.listing import print_subjects, subjects_as_json

    groups = run_in_loop(_groups, files)
    if output == "json":
        print(json.dumps(subjects_as_json(groups), indent=2))
    else:
        print_subjects(console(), groups)


async def _groups(files: tuple[str, ...]) -> list[ListedGroup]:
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.run.catalogue import list_every_group
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        async with Supervisor(work / "subjects.log") as supervisor:
            return await list_every_group(supervisor, files)
