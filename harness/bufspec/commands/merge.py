"""The command `bufspec merge`: the records of shards become the record that one run would have given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bufspec.commands.ending import complain, ending_well, need_engine
from bufspec.errors import SelectionError
from bufspec.reports.counting import counted

if TYPE_CHECKING:
    from bufspec.merge.merged import Merged


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Write the record there."
)
@click.option(
    "--partial", is_flag=True, help="Do without what is missing; the record says that it is incomplete."
)
@click.option("--force", is_flag=True, help="Write over a record that is there.")
@ending_well
def merge(records: tuple[Path, ...], out: Path, partial: bool, force: bool) -> None:
    """Put the records of shards together, each made with check --shard I/N --out DIR, in any order.

    \b
    bufspec check 'stdlib.*' --shard 1/2 --out one
    bufspec check 'stdlib.*' --shard 2/2 --out two
    bufspec merge one two --out whole

    Folders of campaigns (fuzz --shard I/N --out DIR) are put together, too: findings and scenarios once each.
    With --force nothing is left of the campaign that was there.

    The record is the one that a run without --shard gives, but for times.  Records of other plans, tables,
    editions or versions are refused, as are two of the same shard, and gaps.

    Exit code: 0 written; 2 wrong usage, or records that cannot be used; 3 the record cannot be written.
    """
    need_engine()
    from bufspec.fuzz.gathered import counted_in, finish_gathered, is_campaign
    from bufspec.fuzz.gathered import gather as gather_campaigns

    for one in (*records, out):
        finish_gathered(one)
    if all(is_campaign(one) for one in records):
        if is_campaign(out) and not force:
            raise SelectionError("there is a campaign already", where=str(out), hint="--force writes over it")
        from bufspec.reports.terminal.console import console
        from bufspec.reports.terminal.fuzz import print_gathered

        found = gather_campaigns(records, out)
        print_gathered(console(), counted_in(out), found, out)
        return
    from bufspec.files.written import write_pieces
    from bufspec.merge.merged import Merged
    from bufspec.merge.pieces import gather
    from bufspec.run.record import EVENTS_FILE, record_folder
    from bufspec.run.resume import FOLDER, clear, refuse_if_claimed, refuse_used

    file = out / EVENTS_FILE
    refuse_if_claimed(out / FOLDER)
    if not force:
        refuse_used(out, EVENTS_FILE)
    merged = Merged.of(gather(records, partial=partial), str(out))
    if merged.missing and not partial:
        raise _incomplete(merged)
    record_folder(out)
    write_pieces(file, merged.lines())
    clear(out)
    if merged.missing:
        complain(f"incomplete: {merged.in_words()} missing")
    print(f"{counted(len(records), 'record')}, {counted(len(merged.subjects), 'subject')}: {file}")


def _incomplete(merged: Merged) -> SelectionError:
    shards = [one.get("shard", "") for one in merged.found.heads]
    counts = {one.partition("/")[2] for one in shards}
    absent: list[str] = []
    if len(counts) == 1 and (count := counts.pop()).isdigit():
        absent = [one for number in range(int(count)) if (one := f"{number + 1}/{count}") not in shards]
    hint = f"run and name --shard {', '.join(absent[:8])}" if absent else "name the records of all shards"
    return SelectionError(
        f"not all is there: {merged.in_words()} missing",
        where="bufspec merge",
        hint=f"{hint}; --partial goes without",
    )
