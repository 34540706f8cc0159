"""The command `bufspec man`: the manual page, made from what --help shows.

Thin: the page is bufspec.manual.
"""

from __future__ import annotations

import click

from bufspec.commands.ending import ending_well

EXIT_CODES = [
    ("0", "As expected."),
    (
        "1",
        "A new failure, a crash, a hang, an outdated expectation, or a subject that was not judged.",
    ),
    ("2", "Wrong usage or configuration."),
    ("3", "The run could not finish."),
    ("128 + n", "Ended by signal n."),
]


@click.command()
@ending_well
def man() -> None:
    """Write the manual page to standard output.

    \b
    bufspec man | man -l -
    bufspec man > ~/.local/share/man/man1/bufspec.1
    """
    from bufspec import __version__
    from bufspec.manual.page import manual_page

    context = click.get_current_context().find_root()
    click.echo(manual_page(context, __version__, EXIT_CODES), nl=False)
