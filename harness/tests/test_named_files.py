"""Does each command that writes files leave an old one whole where it cannot write the new one, and say so?

What writes past bufspec.files.written, which alone is made to fail here, replaces the old file and is seen.
"""

from __future__ import annotations

import errno
import importlib.resources
import os
import re
from pathlib import Path

import pytest
from bufspec.cli import main
from bufspec.errors import OutputError
from bufspec.files import written
from bufspec.fuzz.finding import Finding, Status
from bufspec.fuzz.promote import promote
from bufspec.measure.figures import keep
from bufspec.project.starting_gate import Start, write
from bufspec.run.record import EVENTS_FILE
from bufspec.run.resume import begun
from click.testing import CliRunner
from command_line import run
from hostile_files.state_inputs import ASKED
from made_records import every_way, plain, write_record
from made_shards import made_shards

OLD = "what was there\n"
REPORTS = ("html", "markdown", "junit", "sarif", "tap", "json", "csv", "badge", "badge-svg")
COMMANDS = {
    **{f"report --{name}": f"report record --{name} FILE" for name in REPORTS},
    "merge": "merge shard1 shard2 --out FOLDER --force",
    "trend": "trend record --html FILE",
    "statement --json": "statement whole --json FILE",
    "statement --markdown": "statement whole --markdown FILE",
    "spec site": "spec site FOLDER",
    "replay --picture": "replay stdlib.ctypes_array/request.word_0x018 --picture FILE",
}
"""Of each command a line that writes FILE, or into FOLDER."""
NAMES = {"merge": "events.jsonl", "spec site": "index.html"}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a record, shards, and a complete record of one subject."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "record").mkdir()
    write_record(folder / "record", plain(every_way()))
    made_shards(folder, shards=2, events=20)
    whole = run("check", "stdlib.bytes", "--case", "request.word_0x018", "--out", str(folder / "whole"))
    assert whole.returncode == 0, whole.stderr
    return folder


def full(descriptor: int, text: bytes) -> int:
    """What the system says of each write to a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_leaves_the_old_file_whole(
    name: str, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / NAMES.get(name, "file")
    file.write_text(OLD)
    words = COMMANDS[name].replace("FILE", str(file)).replace("FOLDER", str(tmp_path)).split(" ")
    monkeypatch.chdir(records)
    monkeypatch.setattr("bufspec.reports.site.site.site_files", lambda guide: [("index.html", "new")])
    monkeypatch.setattr(written, "_write_all", full)
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, "No space left on device" in done.output) == (3, True), done.output
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {file.name: OLD}


def test_so_do_figures_findings_and_what_is_added_to_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Finding(
        "abc123", "a.b", "exporter", "a.b.c", "", "00", 1, 1, status=Status.NEWS, replay="bufspec replay x"
    )
    (tmp_path / "campaign" / "findings").mkdir(parents=True)
    monkeypatch.setattr(
        "bufspec.fuzz.promote.Findings", lambda folder: type("", (), {"by_id": {one.id: one}})
    )
    file = promote(tmp_path / "campaign", "abc", tmp_path)
    monkeypatch.setattr(written, "_write_all", full)
    for attempt in (
        lambda: promote(tmp_path / "campaign", "abc", tmp_path),
        lambda: keep((), file),
        lambda: write(tmp_path, [Start(Path(file.name), "more", is_addition=True)], force=False),
        lambda: written.write_bytes(file, b"more"),
    ):
        before = file.read_bytes()
        with pytest.raises(OutputError, match="No space left"):
            attempt()
        assert file.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"campaign", file.name}


@pytest.mark.parametrize("words", ["trend record --html", "statement whole --json", "report record --tap"])
def test_a_file_is_named_as_users_name_files(
    words: str, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(records)
    deep, pipe = tmp_path / "new" / "folder" / "file", tmp_path / "pipe"
    assert CliRunner().invoke(main, [*words.split(" "), str(deep)]).exit_code == 0
    assert deep.stat().st_mode & 0o444 == 0o444
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert CliRunner().invoke(main, [*words.split(" "), str(pipe)]).exit_code == 0
    assert pipe.is_fifo() and os.read(reader, 10) == deep.read_bytes()[:10]
    os.close(reader)
    (tmp_path / "plain").write_text(OLD)
    done = CliRunner().invoke(main, [*words.split(" "), str(tmp_path / "plain" / "file")])
    assert (done.exit_code, "cannot be written: Not a directory" in done.output) == (3, True)


def test_nothing_writes_files_of_its_own_way() -> None:
    """Only temporary files, logs of programs, and the copies of made sources are written without care."""
    careless = re.compile(r"\.write_(?:text|bytes)\(|\.open\([\"'][wax]|\bopen\([^)\n]*[\"'][wax]b?[\"']")
    root = importlib.resources.files("bufspec")
    allowed = {"worker/main.py", "scripts/trial.py", "interpreters/built.py", "commands/ending.py"}
    allowed |= {"remote/schemas.py", "fuzz/target.py", "fuzz/target_run.py"}
    found = set()
    with importlib.resources.as_file(root) as folder:
        for part in ("commands", "files", "fuzz", "measure", "merge", "project", "reports", "run", "zoo"):
            for path in (folder / part).rglob("*.py"):
                if careless.search(path.read_text(encoding="utf-8")):
                    found.add(path.relative_to(folder).as_posix())
    assert found <= allowed


def test_a_run_that_cannot_begin_replaces_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / EVENTS_FILE).write_text(OLD)
    monkeypatch.setattr(written, "_write_all", full)
    with pytest.raises(OutputError, match="No space left"), begun(tmp_path, ASKED, force=True):
        raise AssertionError("it has begun")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {EVENTS_FILE: OLD}
