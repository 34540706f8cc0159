"""Is a pipe, a device, a link or nothing at all, in place of a file that bufspec wrote or reads, met well?

And a pipe that nobody reads, where it prints.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from bufspec import _engine
from bufspec.zoo.environment import Environment
from bufspec.zoo.records import _parts_in
from command_line import COMMAND, run

ASKED = ("fuzz", "stdlib.bytearray", "--runs", "6", "--out", "camp")
FIRST = "camp/state/*-0.{}"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign")
    done = run(*ASKED[:-3], "5", "--out", "camp", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def of_mine(campaign: Path, tmp_path: Path) -> Path:
    shutil.copytree(campaign / "camp", tmp_path / "camp")
    return tmp_path


def pipe(file: Path) -> None:
    file.unlink(missing_ok=True)
    os.mkfifo(file)


def endless(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.symlink_to("/dev/zero")


def folder_in_place(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


@pytest.mark.parametrize("puts", [pipe, endless, folder_in_place])
@pytest.mark.slow
def test_a_journal_that_is_no_file_is_refused(of_mine: Path, puts: Callable[[Path], None]) -> None:
    (state,) = of_mine.glob(FIRST.format("state"))
    puts(state.with_suffix(".journal"))
    done = run(*ASKED, cwd=of_mine)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert ", not a file" in done.stderr


@pytest.mark.parametrize("puts", [pipe, endless, folder_in_place])
@pytest.mark.slow
def test_a_log_that_is_no_file_is_made_anew(of_mine: Path, puts: Callable[[Path], None]) -> None:
    puts(of_mine / "camp/state/plan.log")
    done = run(*ASKED, cwd=of_mine)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_counters_that_cannot_be_are_refused(of_mine: Path) -> None:
    (state,) = of_mine.glob(FIRST.format("state"))
    whole = state.read_bytes()
    head, rest = whole[:4096], whole[4096:]
    executions = _engine.CampaignState(str(state), False).totals()["executions"]
    state.write_bytes(head.replace(executions.to_bytes(8, "little"), b"\xff" * 8) + rest)
    done = run(*ASKED, cwd=of_mine)
    assert (done.returncode, "more than can be" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("spent", [None, [], {}, "x", "nan", -1e308, 1e308])
def test_a_time_that_cannot_have_been_spent_is_refused(of_mine: Path, spent: object) -> None:
    file = of_mine / "camp/campaign.json"
    known = json.loads(file.read_text())
    known["spent"]["stdlib.bytearray"] = spent
    file.write_text(json.dumps(known))
    done = run(*ASKED, cwd=of_mine)
    assert (done.returncode, "it is no campaign: spent" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check", "stdlib.bytes", "--case", "request.word_0x000"), 3),
        (("subjects",), 3),
        (("spec", "show", "flags"), 3),
        (("doctor",), 3),
    ],
)
@pytest.mark.slow
def test_a_pipe_that_nobody_reads_is_no_new_failure(words: tuple[str, ...], code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, *words], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("pairs", "--exporters", "stdlib.bytes", "--consumers", "stdlib.bytes*", "--reuse", "."),
        ("report", "pairs.jsonl", "--html", "out.html"),
        ("expect", "update", "pairs.jsonl", "--file", "known.yaml"),
    ],
)
def test_a_record_of_pairs_that_is_not_there_is_said_to_be_missing(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, "there is no record" in done.stderr) == (2, True), done.stderr


def test_a_link_to_nothing_beside_recordings_is_named(tmp_path: Path) -> None:
    code = "b = bytearray(9); memoryview(b).release()"
    assert run("record", "--out", "requests", "--", COMMAND[0], "-c", code, cwd=tmp_path).returncode == 0
    (tmp_path / "requests" / "a.unrecorded").symlink_to("nowhere")
    done = run("judge", "requests", cwd=tmp_path)
    assert (done.returncode, "a.unrecorded" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("puts", [pipe, endless, folder_in_place, lambda file: file.symlink_to(file)])
@pytest.mark.slow
def test_a_page_of_decisions_that_is_no_text_is_refused(tmp_path: Path, puts: Callable[[Path], None]) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(Path(__file__).resolve().parents[2] / "spec", spec)
    puts(spec / "decisions" / "zz.md")
    done = run("spec", "site", "out", "--spec", "spec", cwd=tmp_path)
    assert (done.returncode, "zz.md" in done.stderr) == (2, True), done.stderr


@pytest.mark.slow
def test_names_of_expectations_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("expectations: []\n")
    asked = ("check", "stdlib.bytes", "--rule", "request.format.present", "--out", "record")
    assert run(*asked, "--expectations", "known.yaml", cwd=tmp_path).returncode == 0
    (tmp_path / "loop").symlink_to("loop")
    done = run("expect", "update", "record", "--file", "loop", cwd=tmp_path)
    assert (done.returncode, "itself failed" in done.stderr) == (2, False), done.stderr
    events = tmp_path / "record" / "events.jsonl"
    events.write_text(events.read_text().replace('"known.yaml"', '"a\\u0000b"', 1))
    done = run("expect", "update", "record", "--file", "known.yaml", cwd=tmp_path)
    assert (done.returncode, "itself failed" in done.stderr) == (2, False), done.stderr


def test_a_current_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    (tmp_path / "gone").mkdir()
    words = ["sh", "-c", script, "sh", str(tmp_path / "gone"), *COMMAND, "check", "stdlib.bytes"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "it is gone" in done.stderr) == (3, True), done.stderr


@pytest.mark.parametrize("variables", [{"XDG_CACHE_HOME": "rel", "XDG_STATE_HOME": "rel"}, {"HOME": "rel"}])
@pytest.mark.slow
def test_relative_places_of_the_user_are_ignored(variables: dict[str, str], tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""} | variables
    done = run("check", "stdlib.bytes", "--case", "request.word_0x000", cwd=tmp_path, environment=environment)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, []), done.stderr


def test_names_of_files_that_were_written_are_shown_as_escapes(tmp_path: Path) -> None:
    case = "stdlib.bytes/request.word_0x000"
    done = run("replay", case, "--picture", "a\u202e\nb.svg", cwd=tmp_path)
    assert "picture: a\\u202e\\nb.svg" in done.stdout, done.stdout + done.stderr


def test_an_interpreter_that_prints_without_end_is_refused(tmp_path: Path) -> None:
    flood = tmp_path / "flood"
    flood.write_text("#!/bin/sh\nexec yes xxxxxxxxxxxxxxxxxxxx\n")
    flood.chmod(0o755)
    done = run("check", "stdlib.bytes", "--python", str(flood), cwd=tmp_path)
    assert (done.returncode, "does not run a program of Python" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("puts", [pipe, endless, lambda file: file.write_text("[" * 200_000)])
def test_what_the_zoo_wrote_may_be_anything(tmp_path: Path, puts: Callable[[Path], None]) -> None:
    puts(tmp_path / "not_installed.json")
    assert Environment(tmp_path).reasons() == {}
    puts(tmp_path / "made_of.json")
    assert _parts_in(tmp_path / "made_of.json") is None
