"""The command line: gathers the commands, and loads the one that is asked for.

Nothing but click is imported here, so that `bufspec --version` and `bufspec --help` cost no more than that.
How commands print and end is in commands/ending.py.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import click

from bufspec.reports.terminal.console import WIDTH

COMMANDS = {
    "bisect": "Name the first interpreter in which a rule differs.",
    "check": "Judge subjects, and objects of your own.",
    "completion": "Write what completes commands and options in your shell.",
    "diff": "Compare the records of two runs: what broke, what was fixed.",
    "doctor": "Say what works here, and what to install for the rest.",
    "expect": "Keep files of known failures true.",
    "formats": "Show what each parser makes of a format string.",
    "fuzz": "Try random scenarios on subjects, for what nobody thought of.",
    "init": "Write a starting gate for the package in this folder.",
    "judge": "Say which rules a recorded application broke, and by whom.",
    "man": "Write the manual page.",
    "merge": "Put the records of shards together.",
    "mutants": "Show that bufspec finds bugs, on subjects that break one rule.",
    "pairs": "Run every consumer on every exporter, and say who is at fault.",
    "record": "Run an application and record its buffer requests.",
    "remote": "Help for authors of peers, subjects in other processes.",
    "replay": "Run one case of one subject and show all of it.",
    "report": "Write the record of a run in other formats.",
    "runtimes": "Judge subjects in several interpreters, side by side.",
    "spec": "Check, show and compare the rule tables.",
    "statement": "Write a conformance statement of a record, or check one again.",
    "subjects": "List what can be judged here, and why the rest cannot.",
    "trend": "Show what became of each subject from record to record.",
    "zoo": "Install, judge and show packages that people use.",
}
"""The name of each command, and its line in `bufspec --help`."""
MODULES = {"formats": "format_strings"}
"""The module of a command where it is not called like the command: commands/formats.py is that of records."""
SELDOM = 50_000
"""After so many new objects Python looks for cycles among them; the usual 700 cost a tenth of a start."""
FOR_DEVELOPERS = {"bench": "Measure what judging costs, as ratios within this run."}
"""The same of commands that say nothing about a user's subject."""


class Gathered(click.Group):
    """The commands by name; the module of one is imported when that command is asked for."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """Run the command line; that nothing can be printed any more is said and ends with 3."""
        gc.set_threshold(SELDOM)
        try:
            with _ended_by_interrupts():
                return super().main(*arguments, **settings)
        except OSError as error:
            sys.exit(import_module("bufspec.commands.ending").ended_by_the_system(error))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for, and what is left for it; UsageError for an option that is empty."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing:
            _refuse_empty(click.Context(command, ctx, name, **command.context_settings), rest)
        return name, command, rest

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they are shown."""
        return [*COMMANDS, *FOR_DEVELOPERS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None if there is none."""
        if cmd_name not in COMMANDS and cmd_name not in FOR_DEVELOPERS:
            return None
        module = import_module(f"bufspec.commands.{MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lines of the commands; none of them is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("For developers of bufspec"):
            formatter.write_dl(list(FOR_DEVELOPERS.items()))


@contextmanager
def _ended_by_interrupts() -> Iterator[None]:
    """Let an interrupt end the process where no command is there yet to do it (commands/signals.py).

    For click it would be a reason to end with 1, which means a new failure.  And who started this process
    may have ignored the ends of children, which does not go for those that are waited for here.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _refuse_empty(context: click.Context, arguments: list[str]) -> None:
    """Raise UsageError for an option or a path that is empty, as a variable is that the shell does not have.

    Taken for what it says, it would be the current folder, or the default.
    """
    command = context.command
    if isinstance(command, click.Group):
        found = command.get_command(context, arguments[0]) if arguments else None
        if found is not None:
            _refuse_empty(click.Context(found, context, found.name, **found.context_settings), arguments[1:])
        return
    try:
        given, _, _ = command.make_parser(context).parse_args(list(arguments))
    except click.UsageError:
        return  # which says so itself
    for one in command.params:
        values = given.get(one.name)
        if "" in (values if isinstance(values, list | tuple) else [values]):
            if isinstance(one, click.Option):
                raise click.UsageError(f"{one.opts[-1]} is empty", context)
            if one.type is not click.UNPROCESSED and one.metavar != "FORMAT...":
                raise click.UsageError(f"{one.human_readable_name} is empty", context)


def _print_version(context: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from bufspec import __version__

        click.echo(f"bufspec {__version__}")
        context.exit()


@click.group(
    cls=Gathered, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Judge whether exporters, consumers and the runtime follow the Python buffer protocol."""


def program() -> None:
    """The command line as a process of its own: what `__main__.py` runs, and `python -m bufspec.cli`.

    Ends as sys.exit() does, but without taking apart what was imported: that is a seventh of a short run.
    """
    try:
        main(prog_name="bufspec")
    except SystemExit as end:
        if isinstance(end.code, int) and threading.active_count() == 1:
            atexit._run_exitfuncs()
            with suppress(OSError, ValueError, AttributeError):  # a stream that is closed, or none
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(end.code)
        raise


if __name__ == "__main__":
    program()
