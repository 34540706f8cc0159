"""The commands about remote subjects: `bufspec remote validate`.

Thin: what is sent is bufspec.remote.validate, and bufspec.remote.model_peer the other way round.
"""

from __future__ import annotations

import sys

import click

from bufspec.commands.ending import Ending, ending_well
from bufspec.errors import EXIT_BROKEN
from bufspec.visible import visible

MARKS = {"ok": "green", "skipped": "yellow", "wrong": "red"}


@click.group()
def remote() -> None:
    """Help for authors of peers: subjects in other processes, in any language."""


@remote.command(short_help="Say whether a command starts a peer, and what is wrong with it.")
@click.argument("command", required=False)
@click.option("--as-peer", is_flag=True, help="Be a peer: check the lines of a driver, and answer them.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the peer may take for an answer.",
)
@ending_well
def validate(command: str | None, as_peer: bool, timeout: float) -> None:
    """Send a peer a small set of messages and say of each answer whether it is right, and why not.

    The protocol is described in harness/adapters/remote/README.md; each error names its heading there.

    \b
    bufspec remote validate 'python3 peer.py'
    echo '{"type":"hello","protocol":1}' | bufspec remote validate --as-peer

    Exit code: 0 all answers are right; 1 one is wrong; 2 wrong usage.
    """
    if as_peer == bool(command):
        raise click.UsageError("name the COMMAND of a peer, or --as-peer")
    if as_peer:
        from bufspec.remote.model_peer import serve

        raise Ending(EXIT_BROKEN if serve(sys.stdin.buffer, sys.stdout.buffer) else 0)
    assert command is not None
    from bufspec.remote.peer import command_from
    from bufspec.remote.validate import WRONG, Validation

    counts = dict.fromkeys(MARKS, 0)
    for row in Validation(command_from(command), timeout).rows():
        counts[row.outcome] += 1
        said = f": {visible(row.said)}" if row.said else ""
        click.echo(click.style(f"{row.outcome:8}", fg=MARKS[row.outcome]) + f"{visible(row.what)}{said}")
        if row.hint:
            click.echo(f"{'':8}{row.hint}")
    click.echo(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
    raise Ending(EXIT_BROKEN if counts[WRONG] else 0)
