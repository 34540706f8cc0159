"""Which options do several commands have?"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import click

from bufspec.tables.words import CURRENT, EDITIONS

Command = TypeVar("Command", bound=Callable[..., object])
edition_option = click.option(
    "--edition",
    type=click.Choice(EDITIONS),
    default=CURRENT,
    show_default=True,
    help="The text that is held against.",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For one case.",
)
files_option = click.option(
    "--subjects",
    "files",
    multiple=True,
    metavar="FILE.py",
    help="Also what this file declares.  [repeatable]",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The option --format with these choices, the first of them the default."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Of the output.",
    )


def processors() -> int:
    """How many processors this process may use: the default of --jobs."""
    return len(os.sched_getaffinity(0))
