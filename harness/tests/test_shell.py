"""Do shells complete bufspec, has it a manual page, and does every command show an example?"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from bufspec.cli import main
from command_line import run

SHELLS = {"bash": "complete -o nosort -F", "zsh": "#compdef bufspec", "fish": "complete --no-files"}


def commands(context: click.Context) -> Iterator[click.Context]:
    """The context of each command, those of groups in place of the group."""
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield from commands(inner) if isinstance(command, click.Group) else [inner]


ALL = list(commands(click.Context(main, info_name="bufspec")))


@pytest.mark.parametrize("context", ALL, ids=lambda context: str(context.command_path))
def test_each_command_shows_an_example_of_itself(context: click.Context) -> None:
    shown = context.get_help()
    body = shown.split("\n", 1)[1]
    assert re.search(rf"^ +{re.escape(context.command_path)}( |$)", body, re.MULTILINE), shown


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_names_bufspec(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert SHELLS[shell] in done.stdout
    assert "_BUFSPEC_COMPLETE" in done.stdout
    if program := shutil.which(shell):
        checked = subprocess.run(
            [program, "-n"], input=done.stdout, text=True, capture_output=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("bufspec do", {"doctor"}),
        ("bufspec completion ", set(SHELLS)),
        ("bufspec check --fail", {"--fail-on", "--fail-fast"}),
        ("bufspec doctor --format j", {"json"}),
    ],
)
def test_bash_is_answered_with_what_can_follow(typed: str, completed: set[str]) -> None:
    words = typed.split(" ")
    done = run(
        environment={
            "_BUFSPEC_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        }
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == completed


def test_the_manual_page_has_every_command_and_its_options() -> None:
    done = run("man")
    assert (done.returncode, done.stderr) == (0, "")
    page = done.stdout
    for context in ALL:
        assert f".SS {context.command_path.replace('-', chr(92) + '-')}\n" in page
    assert r".B \-\-fail\-on" in page
    assert r"bufspec check stdlib.bytearray 'numpy.*'" in page
    # A line that begins with a point and is no request would vanish.
    assert set(re.findall(r"^[.']\w*", page, re.MULTILINE)) <= {
        *(".TH", ".SH", ".SS", ".B", ".PP", ".TP", ".RS", ".RE", ".nf", ".fi")
    }


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_is_formatted_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z"],
        input=run("man").stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
