"""The commands about files of expectations: `bufspec expect update`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bufspec.commands.ending import ending_well
from bufspec.run.news import FAIL_ON
from bufspec.visible import visible


@click.group()
def expect() -> None:
    """Keep files of known failures true."""


@expect.command(short_help="Rewrite a file by the record of a run.")
@click.argument("record", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--file",
    "--expectations",
    "file",
    metavar="FILE",
    help="The file to update.  [default: the one that the run used]",
)
@click.option("--reason", metavar="TEXT", help="Add the new failures, too, for this reason.")
@click.option("--link", metavar="URL", help="Where to read more of the --reason.")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="required",
    show_default=True,
    help="Lowest level of the new failures.",
)
@ending_well
def update(record: Path, file: str | None, reason: str | None, link: str | None, fail_on: str) -> None:
    """Rewrite a file of expectations by the record of a run, made with check --out DIR.

    Entries that no longer hold are removed, or narrowed to what still fails; comments and order stay. New
    failures are added only with a --reason: who knows a failure says why.

    \b
    bufspec check 'mypackage.*' --expectations known.yaml --out DIR
    bufspec expect update DIR --file known.yaml
    bufspec expect update DIR --reason 'Strides are left NULL, fixed in 2.0.' --link https://example.org/7

    A record of bufspec pairs --out DIR updates the entries about pairs; DIR/pairs.jsonl means it where both
    are there.

    A run with --rule, --exclude, --case, --fail-fast or --no-discover, a shard and an incomplete run are
    refused: they do not show what still fails. Of subjects that the run did not judge nothing is changed.

    Exit code: 0 updated, or nothing to update; 2 wrong usage, or a record or file that cannot be used; 3 the
    file cannot be written.
    """
    if (reason is None) != (link is None):
        raise click.UsageError(
            "--reason and --link go together: the link says where the failure is described, as in an issue"
        )
    from bufspec.files.written import write_whole
    from bufspec.pairs.recorded import has_pairs, open_pairs
    from bufspec.pairs.update import update_from_pairs
    from bufspec.run.expectations.files import refuse_unfit
    from bufspec.run.expectations.update import NOT_ADDED, Reason, update_from, used_file
    from bufspec.run.record import EVENTS_FILE
    from bufspec.run.recorded import open_record

    for key, text in {"reason": reason, "link": link}.items():
        if text is not None:
            refuse_unfit(key, text, f"--{key}")
    because = Reason(reason, link) if reason and link else None
    if has_pairs(record) and not (record / EVENTS_FILE).is_file():
        pairs = open_pairs(record)
        file = file or used_file(next(iter(pairs)).get("expectations", ()))
        update = update_from_pairs(pairs, file, because)
    else:
        found = open_record(record)
        file = file or used_file(found.head.get("expectations", ()))
        update = update_from(found, file, because, fail_on)
    if update.changed:
        place = Path(os.path.realpath(file))
        write_whole(place, update.text, mode=place.stat().st_mode & 0o777 if place.exists() else 0o644)
    for line in update.changed:
        click.echo(visible(line))
    for line in update.left:
        click.echo(visible(line))
    if not update.changed:
        click.echo(f"{file}: nothing to change")
    if not reason and any(line.startswith(NOT_ADDED) for line in update.left):
        click.echo("--reason TEXT --link URL adds the new failures")
