"""Is it said that output cannot be written, is what there is kept, and does nobody choose where it goes?"""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from bufspec.errors import OutputError
from bufspec.files import written
from bufspec.run.kept import Kept
from bufspec.run.resume import FOLDER, begun, clear
from bufspec.run.workspace import remove_abandoned
from command_line import COMMAND, FAKES, run
from hostile_files.state_inputs import ASKED, genuine, interrupted

ONE_CASE = ["stdlib.bytes", "--case", "request.word_0x018"]


def ended(
    *arguments: str,
    stdout: int | str = subprocess.DEVNULL,
    first: Callable[[], None] | None = None,
    **environment: str,
) -> tuple[int, str]:
    """The exit code and the error stream of a command."""
    where = open(stdout, "w") if isinstance(stdout, str) else stdout  # noqa: SIM115
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=FAKES,
        env={**os.environ, **environment},
        stdout=where,
        stderr=subprocess.PIPE,
        preexec_fn=first,
        timeout=300,
        check=False,
    )
    if not isinstance(where, int):
        where.close()
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    "arguments", [["check", *ONE_CASE], ["check", *ONE_CASE, "--format", "json"], ["--version"]], ids=str
)
@pytest.mark.slow
def test_a_full_standard_output_is_said_and_ends_with_3(arguments: list[str]) -> None:
    code, said = ended(*arguments, stdout="/dev/full")
    assert code == 3
    assert said.startswith("error: cannot be written: No space left on device\n")
    assert "Traceback" not in said and "Exception ignored" not in said


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_run_can_go_on(tmp_path: Path) -> None:
    def full() -> None:
        # For this process the disk is full after so many bytes of any one file: less than the tables have.
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    (tmp_path / "out").mkdir()
    code, said = ended("check", *ONE_CASE, "--out", str(tmp_path / "out"), first=full)
    assert (code, "error: cannot be written: File too large" in said) == (3, True), said
    assert (tmp_path / "out" / FOLDER / "options.json").exists()


def test_what_is_finished_is_kept_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path / "state")
    kept = Kept(tmp_path / "state" / FOLDER, genuine().plan)
    kept.begin()

    def full(descriptor: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(OutputError, match="No space left") as error:
        patch.setattr(written, "_write_all", full)
        kept.save(1, kept.finished[0])
    assert error.value.exit_code == 3
    again = Kept(tmp_path / "state" / FOLDER, genuine().plan)
    again.begin()
    assert again.finished == kept.finished
    assert not list((tmp_path / "state" / FOLDER).glob("*.half"))


@pytest.mark.slow
def test_a_folder_that_vanishes_is_said(tmp_path: Path) -> None:
    with written.Lines(tmp_path / "record") as lines:
        lines.write("{}\n")
        lines.refuse_if_gone()
        (tmp_path / "record").unlink()
        with pytest.raises(OutputError, match="cannot be written"):
            lines.refuse_if_gone()
        (tmp_path / "record").write_text("of another")
        with pytest.raises(OutputError, match="another file took the place"):
            lines.refuse_if_gone()
    code, said = ended("check", *ONE_CASE, TMPDIR="/nowhere/at/all", first=lambda: os.chdir("/proc"))
    assert code in (0, 3) and "Traceback" not in said  # the standard library falls back to other folders


@pytest.mark.slow
def test_a_terminal_that_knows_ascii_only_is_shown_escapes(tmp_path: Path) -> None:
    subject = "array:array('B', '\xe9\u4e2d'.encode())"
    arguments = ["check", "--exporter", subject, "--case", "request.word_0x018"]
    pretty = tmp_path / "pretty"
    assert ended(*arguments, stdout=str(pretty), PYTHONIOENCODING="ascii")[0] == 0
    assert r"array:array('B', '\xe9\u4e2d'.encode())" in pretty.read_text(encoding="ascii")
    lines = tmp_path / "lines"
    assert ended(*arguments, "--format", "json", stdout=str(lines), PYTHONIOENCODING="ascii")[0] == 0
    first = json.loads(lines.read_text(encoding="ascii").split("\n")[0])
    assert first["subjects"] == [subject]


@pytest.mark.slow
def test_closed_streams_are_not_mixed_up_with_the_record(tmp_path: Path) -> None:
    def close() -> None:
        for number in (0, 1, 2):
            os.close(number)

    code, _ = ended("check", *ONE_CASE, "--out", str(tmp_path / "out"), first=close)
    assert code == 0
    lines = (tmp_path / "out" / "events.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line)["event"] for line in lines if line] == [
        "run-started",
        "subject-finished",
        "run-finished",
    ]


@pytest.mark.parametrize("limit", ["nan", "inf", "-inf", "0", "1e300"])
@pytest.mark.parametrize("command", ["check", "replay", "pairs", "mutants"])
def test_a_time_limit_is_a_number_that_ends(command: str, limit: str) -> None:
    from bufspec.cli import main
    from click.testing import CliRunner

    done = CliRunner().invoke(main, [command, "--timeout", limit])
    assert (done.exit_code, "--timeout" in done.output) == (2, True)


def test_new_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with begun(tmp_path / "a" / "b", ASKED) as folder:
            for one in (tmp_path / "a", tmp_path / "a" / "b", folder):
                assert one.stat().st_mode & 0o777 == 0o700
            for file in folder.iterdir():
                assert file.stat().st_mode & 0o077 == 0
    finally:
        os.umask(before)
    assert not folder.exists()


def test_no_link_is_followed_when_a_folder_is_cleared(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (victim / "deep").mkdir(parents=True)
    (victim / "driver").write_text("1 0\n")
    (victim / "letter").write_text("dear")
    out = tmp_path / "out"
    out.mkdir()
    (out / FOLDER).symlink_to(victim)
    clear(out)
    assert sorted(one.name for one in victim.iterdir()) == ["deep", "driver", "letter"]
    done = run("check", *ONE_CASE, "--out", str(out))
    assert done.returncode == 2
    (out / FOLDER).unlink()
    (out / FOLDER).mkdir()
    (out / FOLDER / "driver").write_text("1 0\n")
    (out / FOLDER / "link").symlink_to(victim)
    clear(out)
    assert not (out / FOLDER).exists()
    assert (victim / "letter").read_text() == "dear"


def test_a_record_takes_the_place_of_a_link_and_not_of_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    (tmp_path / "record").symlink_to(tmp_path / "letter")
    with written.Lines(tmp_path / "record") as lines:
        lines.write("{}\n")
    assert ((tmp_path / "letter").read_text(), (tmp_path / "record").is_symlink()) == ("dear", False)
    written.write_whole(tmp_path / "record", "whole")
    assert (tmp_path / "record").read_text() == "whole"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["letter", "record"]


def test_folders_that_only_look_abandoned_are_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "elsewhere"
    mine.mkdir()
    (mine / "driver").write_text("1 0\n")
    (tmp_path / "bufspec-link").symlink_to(mine)
    (tmp_path / "bufspec-pipe").mkdir()
    os.mkfifo(tmp_path / "bufspec-pipe" / "driver")
    (tmp_path / "bufspec-old").mkdir()
    (tmp_path / "bufspec-old" / "driver").write_text("1 0\n")
    remove_abandoned(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bufspec-link", "bufspec-pipe", "elsewhere"]
    assert (mine / "driver").exists()
