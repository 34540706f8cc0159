"""The command `bufspec zoo`: packages that people use, installed apart and judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bufspec.commands.ending import Ending, complain, ending_well, need_engine
from bufspec.errors import SelectionError

if TYPE_CHECKING:
    from bufspec.zoo.packages import Package
    from bufspec.zoo.records import Readable, Recorded

Read = TypeVar("Read", bound="Readable")
FOLDER = Path("build") / "zoo"

folder_option = click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where the environment and the records are.",
)


@click.group()
def zoo() -> None:
    """Install, judge and show packages that people use.

    \b
    bufspec zoo install
    bufspec zoo check
    bufspec zoo pairs
    bufspec zoo report --html build/zoo/pages
    """


@zoo.command("list")
@ending_well
def list_() -> None:
    """List the packages by group, and whether bufspec has subjects of them.

    \b
    bufspec zoo list
    """
    from bufspec.zoo.packages import every_package, has_subjects

    for one in every_package():
        rest = "" if has_subjects(one) else "  (no subjects)"
        print(f"{one.group:15} {one.module:20} {' '.join(one.requirements)}{rest}")


@zoo.command()
@click.argument("words", nargs=-1, metavar="[PACKAGE|GROUP]...")
@folder_option
@click.option("--newest", is_flag=True, help="The newest versions, and not those of the lock file.")
@click.option(
    "--write-lock",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the versions that are installed then to FILE.",
)
@ending_well
def install(words: tuple[str, ...], folder: Path, newest: bool, write_lock: Path | None) -> None:
    """Install packages into an environment of their own, in the exact versions of the lock file.

    Only built packages (wheels) are taken. One that cannot be installed is named with the reason, and the
    others are installed all the same. A second run installs what is missing.

    \b
    bufspec zoo install
    bufspec zoo install images lxml
    bufspec zoo install --newest --write-lock lock.txt

    Exit code: 0 installed, or named with the reason; 2 wrong usage, or no environment can be made.
    """
    from bufspec.files.written import write_named
    from bufspec.zoo.environment import Environment
    from bufspec.zoo.packages import LOCK, lock_from, packages_named, zoo_directory

    chosen = packages_named(words)
    environment = Environment(folder, None if newest else zoo_directory() / LOCK)
    environment.make()

    def said(package: Package, reason: str) -> None:
        print(f"{package.module}: {f'not installed: {reason}' if reason else 'installed'}", flush=True)

    environment.install(chosen, said)
    if write_lock:
        write_named(write_lock, (lock_from(environment.freeze()),))


@zoo.command()
@click.argument("words", nargs=-1, metavar="[PACKAGE|GROUP]...")
@folder_option
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes of each run.")
@click.option("--again", is_flag=True, help="Judge also what has a whole record.")
@ending_well
def check(words: tuple[str, ...], folder: Path, jobs: int | None, again: bool) -> None:
    """Judge the packages one by one, each in processes of its own.

    What has a whole record of these versions, subject files, known failures, rules and engine is not judged
    again, and a run that was cut short goes on where it was.

    \b
    bufspec zoo check
    bufspec zoo check images --again

    Exit code: 0 as expected; 1 a new failure in one of them; 2 wrong usage; 3 one could not be judged to the
    end.
    """
    need_engine()
    from bufspec.reports.zoo import line_of, totals_of
    from bufspec.zoo.environment import Environment
    from bufspec.zoo.judged import judge
    from bufspec.zoo.packages import has_subjects, packages_named

    environment = Environment(folder)
    environment.refuse_missing()
    each = (
        (one, judge(environment, one, jobs=jobs, again=again))
        for one in packages_named(words)
        if has_subjects(one)
    )
    rows, worst = _printed(each, line_of, "judged")
    print(f"\n{totals_of(rows)}")
    if worst == 1:
        complain(f"new failures: bufspec report {folder}/record/PACKAGE --markdown - shows them")
    raise Ending(worst)


@zoo.command()
@click.argument("words", nargs=-1, metavar="[PACKAGE|GROUP]...")
@folder_option
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="PACKAGE|GROUP",
    help="Only with the consumers of these packages.  [repeatable; default: all]",
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes of each run.")
@click.option("--again", is_flag=True, help="Try also what has a whole record.")
@ending_well
def pairs(
    words: tuple[str, ...], folder: Path, others: tuple[str, ...], jobs: int | None, again: bool
) -> None:
    """Try the packages' exporters with the zoo's consumers, and say who is at fault where a pair fails.

    Packages that `bufspec zoo check` has judged, each with all consumers in one run. What has a whole record
    is not tried again.

    \b
    bufspec zoo pairs
    bufspec zoo pairs bitarray --with bytes --with zmq

    Exit code: 0 as expected; 1 a new failure in one of them; 2 wrong usage; 3 one could not be tried to the
    end.
    """
    need_engine()
    from bufspec.reports.zoo import CONSUMER, EXPORTER
    from bufspec.reports.zoo_pairs import line_of_pairs, totals_of_pairs
    from bufspec.zoo.environment import Environment
    from bufspec.zoo.judged import row_from_record
    from bufspec.zoo.packages import packages_named
    from bufspec.zoo.paired import pair

    environment = Environment(folder)
    environment.refuse_missing()
    named, with_these = packages_named(words), packages_named(others)

    def that_have(target: str, packages: list[Package]) -> list[Package]:
        rows = ((one, row_from_record(environment, one)) for one in packages)
        return [one for one, row in rows if row and row.of_target(target)]

    consumers = that_have(CONSUMER, with_these)
    exporters = that_have(EXPORTER, named)
    if not consumers or not exporters:
        raise SelectionError(
            "no exporter and no consumer of them was judged" if not exporters else "no consumer was judged",
            where="bufspec zoo pairs",
            hint="bufspec zoo check comes first",
        )
    each = ((one, pair(environment, one, consumers, jobs=jobs, again=again)) for one in exporters)
    found, worst = _printed(each, line_of_pairs, "tried")
    print(f"\n{totals_of_pairs(found)}")
    if worst == 1:
        complain(f"new failures: bufspec report {folder}/pairs/PACKAGE --html PAGE shows them")
    raise Ending(worst)


def _printed(
    each: Iterable[tuple[Package, Recorded[Read]]], line_of: Callable[[Read], str], done: str
) -> tuple[list[Read], int]:
    """Print a line for each package as it comes; what the records say, and the worst exit code.

    `done` is what was done to a package.
    """
    from bufspec.visible import visible

    found, worst = [], 0
    for package, came in each:
        worst = max(worst, came.code)
        if came.found is None:
            print(f"{package.module}: not {done}: {visible(came.reason)}", flush=True)
            continue
        found.append(came.found)
        print(line_of(came.found) + (f"  ({done} before)" if came.kept else ""), flush=True)
    return found, worst


@zoo.command()
@folder_option
@click.option(
    "--html",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a page for each package, and one that compares all.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="The small file.")
@click.option("--markdown", type=click.Path(path_type=Path), metavar="FILE", help="The table.")
@click.option(
    "--pairs-json", type=click.Path(path_type=Path), metavar="FILE", help="The small file of the pairs."
)
@click.option(
    "--pairs-markdown", type=click.Path(path_type=Path), metavar="FILE", help="The tables of the pairs."
)
@ending_well
def report(
    folder: Path,
    html: Path | None,
    json_file: Path | None,
    markdown: Path | None,
    pairs_json: Path | None,
    pairs_markdown: Path | None,
) -> None:
    """Show what the packages came to: a line each; as pages, as JSON and as Markdown.

    \b
    bufspec zoo report
    bufspec zoo report --html build/zoo/pages --json reports/published/zoo.json
    bufspec zoo report --pairs-markdown reports/published/pairs.md

    Exit code: 0 shown; 2 wrong usage; 3 a file cannot be written.
    """
    from bufspec import __version__
    from bufspec.files.written import new_folder, write_named, write_whole
    from bufspec.reports.zoo import index_page, line_of, markdown_of, published, totals_of
    from bufspec.reports.zoo_pairs import line_of_pairs, markdown_of_pairs, published_pairs, totals_of_pairs
    from bufspec.zoo.environment import Environment
    from bufspec.zoo.judged import record_of, row_from_record, write_page
    from bufspec.zoo.packages import every_package
    from bufspec.zoo.paired import pairs_folder, pairs_in_record
    from bufspec.zoo.records import facts_in

    environment = Environment(folder)
    environment.refuse_missing()
    found = [(one, row) for one in every_package() if (row := row_from_record(environment, one))]
    rows = [row for _, row in found]
    for row in rows:
        print(line_of(row))
    print(f"\n{totals_of(rows)}")
    tried = [(one, came) for one in every_package() if (came := pairs_in_record(environment, one))]
    paired = [one for _, one in tried]
    if paired:
        print("\nPairs")
        for each in paired:
            print(line_of_pairs(each))
        print(f"\n{totals_of_pairs(paired)}")
    made_by = (__version__, facts_in(environment).version)
    if json_file:
        write_named(json_file, (json.dumps(published(rows, *made_by), indent=1) + "\n",))
    if markdown:
        write_named(markdown, (markdown_of(rows),))
    if pairs_json:
        write_named(pairs_json, (json.dumps(published_pairs(paired, *made_by), indent=1) + "\n",))
    if pairs_markdown:
        write_named(pairs_markdown, (markdown_of_pairs(paired),))
    if html:
        new_folder(html)
        write_whole(html / "index.html", index_page(rows, paired), mode=0o644)
        for package, _ in found:
            write_page(record_of(environment, package), html / f"{package.module}.html")
        for package, _ in tried:
            write_page(pairs_folder(environment, package), html / f"{package.module}.pairs.html")
