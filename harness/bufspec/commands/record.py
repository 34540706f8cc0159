"""The command `bufspec record`: an application runs, and the requests that it makes are recorded.

Thin: running and counting is bufspec.interposed.recording.
"""

from __future__ import annotations

from pathlib import Path

import click

from bufspec.commands.ending import Ending, complain, ending_well

MOST = 1024


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bufspec-requests"),
    show_default=True,
    metavar="DIR",
    help="Write the recordings there, one file a process.",
)
@click.option("--stacks", is_flag=True, help="Record every frame of Python, not the innermost alone.")
@click.option(
    "--most",
    type=click.IntRange(2, 1 << 20),
    default=MOST,
    show_default=True,
    metavar="MB",
    help="Record so much of a process, and count what is more.",
)
@click.option(
    "--force", is_flag=True, help="Replace what was recorded in DIR before, if anything is recorded now."
)
@ending_well
def record(command: tuple[str, ...], out: Path, stacks: bool, most: int, force: bool) -> None:
    """Run an application and record every buffer request that its Python processes make.

    \b
    bufspec record -- python app.py
    bufspec record --out requests -- pytest tests

    `bufspec judge DIR` says afterwards which rules were broken, and by whom. Each request, answer and release
    is recorded with the type of the exporter and the place in the application. bufspec need not be installed
    where the application runs: CPython 3.11 or later is recorded that obeys PYTHONPATH (no -I, -E or -S).

    Exit code: that of the application; 2 if it cannot be started, or DIR cannot be used.
    """
    from bufspec.interposed.recording import record_application
    from bufspec.interposed.summary import lines_of_recording

    recorded = record_application(command, out, most=most, stacks=stacks, force=force)
    for line in lines_of_recording(recorded):
        complain(line)
    raise Ending(recorded.code)
