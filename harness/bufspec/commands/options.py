"""Which options do several commands have?"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from bufspec.words import CURRENT, EDITIONS

LONGEST_SECONDS = 1_000_000.0


class Seconds(click.FloatRange):
    """A time limit: a number, and a finite one."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that is spelt; nan passes every comparison, so it is refused by name."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail(f"{value} is not a number of seconds", param, ctx)
        return seconds


SECONDS = Seconds(min=0.1, max=LONGEST_SECONDS)
Command = TypeVar("Command", bound=Callable[..., object])
edition_option = click.option(
    "--edition",
    type=click.Choice(EDITIONS),
    default=CURRENT,
    show_default=True,
    help="Specification to judge against.",
)
timeout_option = click.option(
    "--timeout",
    type=SECONDS,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for each case.",
)
setup_timeout_option = click.option(
    "--setup-timeout",
    type=SECONDS,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for making an object, and for a peer to say hello (110 by default): neither counts for "
    "a case.",
)
resume_option = click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Continue the interrupted run of that --out.",
)
force_option = click.option("--force", is_flag=True, help="Replace what an earlier run wrote to that --out.")
trust_option = click.option(
    "--trust", is_flag=True, help="Continue a --resume even if its state is not signed by you."
)


def version_given(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A version X.Y as it is spelt, or no text; raises BadParameter for anything else."""
    if value and not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", value):
        raise click.BadParameter(f"{value} is not a version like 0.1")
    return value


rules_of_option = click.option(
    "--rules-of",
    default="",
    callback=version_given,
    metavar="X.Y",
    help="Show rules that are newer than bufspec X.Y, but do not fail for them.",
)
files_option = click.option(
    "--subjects",
    "--native",
    "files",
    multiple=True,
    metavar="FILE",
    help="Also use the subjects of this file: FILE.py that declares them, or a shared library that describes "
    "them by bufspec_subject.h.  [repeatable]",
)

remote_option = click.option(
    "--remote",
    "peers",
    multiple=True,
    metavar="COMMAND",
    help="Also the subjects of the peer that this command starts.  [repeatable]",
)

python_option = click.option(
    "--python",
    default="",
    metavar="PATH",
    help="Judge in this interpreter instead of the one that runs bufspec.",
)


def judge_in_python(path: str) -> None:
    """From now on judge in the interpreter of that path, if one is named; raises InterpreterError if it
    cannot be."""
    if path:
        from bufspec.interpreters.chosen import judged_at
        from bufspec.interpreters.judged import judge_in

        judge_in(judged_at(path))


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The option --format with these choices, the first of them the default."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )


def verbose_option(text: str) -> Callable[[Command], Command]:
    """The option -v, which `text` explains."""
    return click.option("-v", "--verbose", is_flag=True, help=text)


def refuse_force_alone(force: bool, out: Path | None) -> None:
    """Raise UsageError for a --force without the --out that it is about."""
    if force and out is None:
        raise click.UsageError("--force is about an --out")


def refuse_with_resume(may_differ: Collection[str]) -> None:
    """Raise UsageError for options that a continued run already has from its start."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in may_differ:
            raise click.UsageError(
                f"--resume uses the options of the interrupted run; {parameter.opts[-1]} cannot be changed"
            )


def processors() -> int:
    """How many processors this process may use: the default of --jobs."""
    return len(os.sched_getaffinity(0))
