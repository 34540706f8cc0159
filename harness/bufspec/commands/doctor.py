"""The command `bufspec doctor`: what works here, and what to install for the rest.

Thin: looking is bufspec.doctor, printing reports/terminal/health.py.
"""

from __future__ import annotations

import json

import click

from bufspec.commands.ending import ending_well, need_engine
from bufspec.commands.options import format_option
from bufspec.reports.terminal.console import console


@click.command()
@format_option("pretty", "json")
@ending_well
def doctor(output: str) -> None:
    """Say what works here, and what to install for the rest.

    \b
    bufspec doctor
    bufspec doctor --format json

    Exit code: 0, also if what is optional is missing; 3 if the engine is, without which nothing can be
    judged.
    """
    from bufspec import __version__
    from bufspec.doctor.installation import installation, optional_packages
    from bufspec.doctor.machine import machine

    rows = [*installation(), *machine(), *optional_packages()]
    if output == "json":
        works = all(row.found for row in rows if row.needed)
        print(
            json.dumps(
                {"version": __version__, "works": works, "rows": [row.to_json() for row in rows]}, indent=2
            )
        )
    else:
        from bufspec.reports.terminal.health import print_health

        print_health(console(), __version__, rows)
    need_engine()
