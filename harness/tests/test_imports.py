"""Does a command import what it needs, and no more?  The set of modules, not the clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from bufspec.cli import COMMANDS, main

HEAVY = {"anyio", "asyncio", "attr", "cattrs", "jsonschema", "packaging", "rich", "yaml"}
"""What `bufspec --version` has no use for; another command imports each, so that none is misspelt."""
ENGINE = "bufspec._engine"

PROGRAM = """
import sys
from bufspec.cli import main
try:
    main(sys.argv[1:], prog_name="bufspec", standalone_mode=False)
except SystemExit as ending:
    assert not ending.code, ending.code
print(*sorted(sys.modules), file=sys.stderr)
"""


def imported_by(*words: str) -> set[str]:
    """The modules that are there when a command has ended well."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, *words], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--version"], ["--help"]], ids=" ".join)
def test_the_command_line_alone_imports_click_and_no_more(words: list[str]) -> None:
    modules = imported_by(*words)
    assert "click" in modules
    assert modules & {*HEAVY, ENGINE} == set()
    assert {one for one in modules if one.startswith("bufspec.commands")} == set()


@pytest.mark.slow
def test_one_command_does_not_import_the_others() -> None:
    modules = imported_by("check", "stdlib.bytearray", "--case", "request.word_0x000")
    commands = {
        one.removeprefix("bufspec.commands.") for one in modules if one.startswith("bufspec.commands.")
    }
    own = {one for one in commands if one.startswith("check")}
    assert commands - own == {"configured", "ending", "formats", "options", "signals"}
    # Only files of expectations that somebody names are held against their schema.
    assert {*HEAVY, ENGINE} - modules == {"cattrs", "jsonschema"}
    assert modules & {"bufspec.worker.main", "bufspec.reports.formats.markdown", "bufspec.pairs.run"} == set()


@pytest.mark.slow
def test_the_tables_are_checked_with_the_schema() -> None:
    assert "jsonschema" in imported_by("spec", "show", "flags")


@pytest.mark.slow
def test_a_run_that_can_be_continued_keeps_what_is_finished(tmp_path: Path) -> None:
    words = ("check", "stdlib.bytearray", "--case", "request.word_0x000", "--out", str(tmp_path))
    assert "cattrs" in imported_by(*words)


def test_each_command_is_found_by_its_name_and_has_a_line_that_is_not_cut() -> None:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "bufspec.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [line for line in COMMANDS.values() if line not in shown] == []
    assert main.get_command(context, "no_such_command") is None
