"""The commands about the tables: `bufspec spec check|show|diff|coverage|site`.

Thin: reading, checking and rendering tables is bufspec.spec.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
from rich.console import Console

from bufspec.commands.ending import Ending, ending_well
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_USAGE, SelectionError, TablesError
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.spec.check import Registry
    from bufspec.spec.tables import Spec


class Shown(Protocol):
    """What a command about the tables prints."""

    def to_json(self) -> dict[str, object]:
        """Plain values."""

    def render(self, console: Console) -> None:
        """Print it for people."""


output_option = click.option(
    "--format", "output", type=click.Choice(["pretty", "json"]), default="pretty", show_default=True
)
directory_option = click.option(
    "--spec",
    "directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Other tables than the packaged ones.",
)


@click.group()
def spec() -> None:
    """Check, show and compare the rule tables."""


@spec.command("check")
@click.argument("directory", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@output_option
@ending_well
def check_tables(directory: Path | None, output: str) -> None:
    """Check the tables, report errors with file:line:column.

    Also proves that every request has exactly one answer.

    \b
    bufspec spec check
    bufspec spec check spec
    """
    from bufspec.spec.check import check_directory
    from bufspec.spec.tables import default_directory

    directory = directory or default_directory()
    if not directory.is_dir():
        raise TablesError("no such directory", where=str(directory), hint="bufspec spec check [DIR]")
    report = check_directory(directory, _registry())
    _print(report, output)
    raise Ending(EXIT_AS_EXPECTED if report.ok else EXIT_USAGE)


@spec.command("show")
@click.argument("name", required=False, default="", metavar="[NAME]")
@directory_option
@output_option
@ending_well
def show_tables(name: str, directory: Path | None, output: str) -> None:
    """Show a rule, one of the tables, or what became of a clause; without NAME, list all rules.

    \b
    bufspec spec show                       all rules, one a line
    bufspec spec show 'request.nd.*'        rules by id or glob
    bufspec spec show requests              a table: requests, flags, formats, layouts
    bufspec spec show C-REQ-12              a clause of the documents, and the rules that implement it
    bufspec spec show AMB-6                 a question that the documents leave open
    """
    from bufspec.spec.named import nearest, page_named

    tables = _load(directory)
    page = page_named(tables, name)
    if page.empty:
        raise SelectionError(
            f"nothing is called {name!r}", where=f"bufspec spec show {name}", hint=nearest(tables, name)
        )
    _print(page, output)


@spec.command("diff")
@click.argument("left", default="2010")
@click.argument("right", default="current")
@directory_option
@output_option
@ending_well
def compare_editions(left: str, right: str, directory: Path | None, output: str) -> None:
    """Show how two editions differ, in rules and in the answers that requests get.

    \b
    bufspec spec diff 2010 current
    """
    from bufspec.spec.diff import diff
    from bufspec.spec.problems import TableError

    tables = _load(directory)
    try:
        difference = diff(tables, left, right)
    except TableError as error:
        known = ", ".join(edition.name for edition in tables.editions)
        raise SelectionError(
            error.problems[0].message, where=f"bufspec spec diff {left} {right}", hint=f"known: {known}"
        ) from error
    _print(difference, output)


@spec.command("site")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@directory_option
@ending_well
def write_site(folder: Path, directory: Path | None) -> None:
    """Write the guide to the protocol to DIR, as pages to read and to search in a browser.

    \b
    bufspec spec site guide                 then open guide/index.html

    Every rule and table, clause by clause, the editions side by side, with a picture for each named layout.
    Nothing is loaded from a network. Files of that name in DIR are replaced.
    """
    from bufspec.files.written import write_together
    from bufspec.reports.site.site import site_files
    from bufspec.spec.guide import guide

    files = list(site_files(guide(_load(directory))))
    write_together((folder / name, text) for name, text in files)
    print(f"{len(files)} files in {folder}: open {folder / 'index.html'}")


@spec.command("coverage")
@directory_option
@output_option
@ending_well
def cover_clauses(directory: Path | None, output: str) -> None:
    """Show for each clause of the sources which rules cover it, and how they are judged.

    \b
    bufspec spec coverage
    """
    from bufspec.spec.coverage import coverage

    _print(coverage(_load(directory)), output)


@spec.command("drift")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--text", metavar="KEY", help="Which text FILE is a copy of; otherwise it is recognised.")
@click.option(
    "--accept", "read", metavar="COPY", help="Take FILE's passages as read; COPY says which copy it is."
)
@directory_option
@output_option
@ending_well
def find_drift(file: Path, text: str | None, read: str | None, directory: Path | None, output: str) -> None:
    """Show which clauses' passages changed in FILE, a saved copy of one of the documents.

    \b
    curl -o buffer.html https://docs.python.org/3/c-api/buffer.html
    bufspec spec drift buffer.html
    bufspec spec drift buffer.html --spec spec --accept "Python 3.15.2, c-api/buffer.html"

    FILE is HTML, reStructuredText, plain text, or a header in C.
    The exit code is 1 if a passage changed, is gone, or is new in a section of clauses.
    """
    from bufspec.spec.accept import accept
    from bufspec.spec.drift import drift_of

    if read is not None and directory is None:
        hint = "--spec DIR: the folder spec of a checkout"
        raise SelectionError("--accept changes tables: say which", where="--accept", hint=hint)
    tables = _load(directory)
    try:
        if read is not None:
            written, count = accept(tables, file, text, read)
            print(f"{count} new digests in {written}")
            return
        drift = drift_of(tables, file, text)
    except FileNotFoundError as error:
        hint = "save the document first"
        raise SelectionError("there is no such file", where=str(file), hint=hint) from error
    _print(drift, output)
    raise Ending(EXIT_BROKEN if drift.drifted else EXIT_AS_EXPECTED)


def _load(directory: Path | None) -> Spec:
    from bufspec.spec.problems import TableError
    from bufspec.spec.tables import Spec

    try:
        return Spec.load(directory)
    except TableError as error:
        first = error.problems[0]
        raise TablesError(
            f"these tables are refused: {first.message}",
            where=f"{error.directory}/{first}",
            hint="bufspec spec check",
        ) from error


def _print(shown: Shown, output: str) -> None:
    if output == "json":
        print(json.dumps(shown.to_json(), indent=2, default=list))
    else:
        shown.render(console())


def _registry() -> Registry | None:
    """What the engine judges; None where there is no engine.  That every call of a case has a function is the
    oracle suite's to show, so calls are not looked at."""
    from bufspec.spec.check import Registry

    try:
        from bufspec import _engine
    except ImportError:
        return None
    return Registry(judged=_engine.rule_ids())
