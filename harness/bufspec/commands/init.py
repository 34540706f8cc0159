"""The command `bufspec init`: a gate for the package in the current folder, to be filled in."""

from __future__ import annotations

from pathlib import Path

import click

from bufspec.commands.ending import ending_well


@click.command()
@click.argument("package", required=False, metavar="[MODULE]")
@click.option(
    "--ci",
    type=click.Choice(("github", "gitlab", "none")),
    help="The CI step to write.  [default: gitlab where .gitlab-ci.yml is, else github]",
)
@click.option("--force", is_flag=True, help="Write over files that are there already.")
@ending_well
def init(package: str | None, ci: str | None, force: bool) -> None:
    """Write a starting subjects file, the configuration and a CI step for the package in this folder.

    Imports the package, or the named module, and looks for types with buffer slots. A type of which no object
    could be made becomes a comment. Files that are there stay, unless --force is given; pyproject.toml gets a
    table at its end.

    \b
    bufspec init
    bufspec init mypackage --ci none

    Exit code: 0 written; 2 wrong usage, no package, or a file that is there already; 3 a file cannot be
    written.
    """
    from bufspec.project.starting_gate import files_to_write, package_of, write
    from bufspec.project.starting_subjects import text_of_subjects, types_of

    folder = Path.cwd()
    package = package or package_of(folder)
    types = types_of(package)
    starts = files_to_write(folder, package, text_of_subjects(package, types), ci)
    write(folder, starts, force=force)
    for one in starts:
        click.echo(f"{'added to' if one.is_addition else 'wrote'} {one.file}")
    made = sum(one.arguments is not None for one in types)
    click.echo(f"{package}: {made} of {len(types)} types with buffer slots are subjects")
    if made:
        click.echo("next: bufspec check")
    else:
        click.echo(f"next: declare a subject in {starts[0].file}, then bufspec check")
