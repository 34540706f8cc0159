"""The command `bufspec statement`: what a record proves, as a statement, and whether one still holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bufspec.commands.ending import Ending, ending_well, write_text
from bufspec.commands.formats import refuse_in_its_place
from bufspec.errors import EXIT_BROKEN, SelectionError
from bufspec.visible import visible

if TYPE_CHECKING:
    from bufspec.run.recorded import Record

VERIFY = "verify"
MOST = 1 << 25
"""Bytes of a statement."""
SHOWN = 20


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="DIR | verify FILE [DIR]")
@click.option("--json", "json_file", metavar="FILE", help="Write it as JSON.")
@click.option("--markdown", metavar="FILE", help="Write it as Markdown, with the JSON at its end.")
@ending_well
def statement(words: tuple[str, ...], json_file: str | None, markdown: str | None) -> None:
    """Write the conformance statement of a record, or check one again.

    \b
    bufspec check 'mypackage.*' --out DIR
    bufspec statement DIR --json statement.json --markdown STATEMENT.md
    bufspec statement DIR                             prints the Markdown
    bufspec statement verify statement.json DIR       against the record
    bufspec statement verify STATEMENT.md             without the record

    A statement has the profile of each subject, the edition, versions, the digests of the rule tables and of
    the record, counts, and the known failures with their reasons.  A record that is not complete has none.

    Exit code: 0 written, or it holds; 1 it does not hold, with the fields; 2 wrong usage, or a file that
    cannot be used; 3 a file cannot be written.
    """
    from bufspec.reports.statement import markdown_of
    from bufspec.run.record import EVENTS_FILE

    if words[0] == VERIFY:
        _verify(words[1:], json_file or markdown)
        return
    if len(words) != 1:
        raise click.UsageError("name one record, or: statement verify FILE [DIR]")
    for option, file in (("--json", json_file), ("--markdown", markdown)):
        refuse_in_its_place(Path(words[0]) / EVENTS_FILE, option, file)
    values = _stated(Path(words[0]))
    if json_file:
        write_text(json_file, json.dumps(values, indent=2) + "\n")
    if markdown:
        write_text(markdown, markdown_of(values))
    if not json_file and not markdown:
        print(markdown_of(values), end="")


def _stated(place: Path) -> dict[str, Any]:
    """The statement of the record there; raises SelectionError for one that proves too little."""
    from bufspec.reports.statement import statement_of
    from bufspec.run.recorded import open_record

    record = open_record(place)
    what = ""
    if "shard" in record.head:
        what, hint = "it is the record of a part of a run", "bufspec merge puts the parts together"
    elif not record.foot["complete"]:
        reason = record.foot.get("reason", "a subject was not judged completely")
        what, hint = f"the run was not complete: {reason}", "only a complete run proves anything"
    if what:
        raise SelectionError(what, where=str(record.file), hint=hint)
    return statement_of(record, _digest(record))


def _digest(record: Record) -> str:
    from bufspec.files.opened import read_chunks
    from bufspec.run.recorded import MOST_RECORD

    found = hashlib.sha256()
    for chunk in read_chunks(record.file, MOST_RECORD):
        found.update(chunk)
    return found.hexdigest()


def _verify(words: tuple[str, ...], file: str | None) -> None:
    from bufspec.files.json_text import object_from_text
    from bufspec.files.opened import read_text
    from bufspec.reports.statement import KIND, VERSION, differences, markdown_of, values_in, within_itself

    if file or not 1 <= len(words) <= 2:
        raise click.UsageError("statement verify FILE [DIR]")
    name = words[0]
    try:
        text = read_text(Path(name), MOST)
    except FileNotFoundError:
        raise SelectionError("there is no statement", where=name) from None
    is_json = text.lstrip().startswith("{")
    said_text = text if is_json else values_in(text)
    if said_text is None:
        raise SelectionError("is no statement of bufspec: it has no values", where=name)
    said = object_from_text(said_text, name)
    if said.get("statement") != KIND or said.get("version") != VERSION:
        raise SelectionError(
            "is no statement that this bufspec reads", where=name, hint=f"{KIND}, version {VERSION}"
        )
    try:
        found = list(within_itself(said))
        if not is_json and markdown_of(said) != text:
            found.append("text: is not what the values say")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SelectionError(f"is no whole statement: {error!r:.80}", where=name) from error
    if len(words) == 2:
        of_text = [one for one in found if one.startswith("text")]
        found = [*differences(said, _stated(Path(words[1]))), *of_text]
    elif not found:
        print("it holds within itself; name the folder of its record to compare it with that")
        return
    if not found:
        print("it holds")
        return
    print("it does not hold:")
    for one in found[:SHOWN]:
        print(f"  {visible(one)}")
    if len(found) > SHOWN:
        print(f"  and {len(found) - SHOWN} more")
    raise Ending(EXIT_BROKEN)
