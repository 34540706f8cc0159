"""Is what lay in a place still there, byte for byte, where what was to replace it cannot be written?"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from bufspec.cli import main
from bufspec.errors import BufspecError, OutputError
from bufspec.files import written
from bufspec.fuzz import stream
from bufspec.interposed.recording import SUFFIX
from bufspec.isolation.process import Ended
from bufspec.pairs.kept import finished_in as finished_pairs_in
from bufspec.pairs.record import PAIRS_FILE
from bufspec.reports.site import site
from bufspec.run.plan import Options
from bufspec.run.record import EVENTS_FILE, Recorder
from bufspec.run.resume import FOLDER, begun, clear, continued, finished_in
from bufspec.spec import guide
from bufspec.zoo import packages, records
from bufspec.zoo.environment import Environment
from click.testing import CliRunner
from command_line import run
from made_records import many, write_record
from made_shards import made_shards

Spoil = Callable[[pytest.MonkeyPatch], None]
ASKED = Options(patterns=("stdlib.bytes",))
HEAD, FOOT = {"event": "run-started"}, {"event": "run-finished", "complete": True}
KNOWN = """\
expectations:
  - {subject: mine.gone, rule: field.len.product, reason: "known for long", link: "https://example.org/1"}
"""
SUBJECTS = """\
from bufspec.declare import exporter

exporter("mine.one")(lambda: b"abcd")
"""
WRITERS: dict[str, tuple[str, ...]] = {
    "expect update": ("expect", "update", "../known"),
    "formats": ("formats", "i", "--markdown", "old.md"),
    "init": ("init", "--force"),
    "merge": ("merge", "../shards/shard1", "../shards/shard2", "--force", "--out", "record"),
    "report --html": ("report", "record", "--html", "old.html"),
    "report --junit": ("report", "record", "--junit", "old.xml"),
    "report --sarif": ("report", "record", "--sarif", "old.json"),
    "spec site": ("spec", "site", "guide"),
    "statement": ("statement", "record", "--json", "old.json"),
    "trend": ("trend", "../shards/shard1", "--partial", "--html", "old.html"),
    "zoo report": ("zoo", "report", "--json", "old.json"),
    "zoo report --html": ("zoo", "report", "--html", "guide"),
}


def files_in(folder: Path) -> dict[str, bytes]:
    """What each file below the folder holds, by its name there, but for what Python compiled."""
    files = (one for one in folder.rglob("*") if one.is_file() and one.suffix != ".pyc")
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


def full(patch: pytest.MonkeyPatch) -> None:
    """Let no file of ours take more than ten bytes."""

    def write(descriptor: int, text: bytes) -> None:
        os.write(descriptor, text[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(written, "_write_all", write)


def read_only(patch: pytest.MonkeyPatch) -> None:
    """Let no new file be made."""

    @contextlib.contextmanager
    def new(file: Path, mode: int) -> Iterator[int]:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        yield 0

    patch.setattr(written, "_new", new)


def vanishing(patch: pytest.MonkeyPatch) -> None:
    """Take the folder away, as far as files of ours see, once a file was written in it."""

    def replace(half: Path, file: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    patch.setattr(Path, "replace", replace)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with old files in the place of all that the commands write, and what they write it from."""
    made = tmp_path_factory.mktemp("sources")
    project = made / "project"
    (project / "own").mkdir(parents=True)
    (project / "own" / "__init__.py").write_text("class Rows(bytearray): pass\n")
    (project / "pyproject.toml").write_text('[project]\nname = "own"\n')
    (project / "tests").mkdir()
    (project / "tests" / "bufspec_subjects.py").write_text("the only copy\n")
    (project / "guide").mkdir()
    (project / "guide" / "index.html").write_text("the only copy\n")
    for name in {words[-1] for words in WRITERS.values() if words[-1].startswith("old.")}:
        (project / name).write_text(f"the only copy of {name}\n")
    (project / "record").mkdir()
    write_record(project / "record", many(50))
    made_shards(made / "shards", shards=2, events=10)
    (project / "known.yaml").write_text(KNOWN)
    (made / "mine.py").write_text(SUBJECTS)
    known = (
        "mine.*",
        "--subjects",
        "../mine.py",
        "--expectations",
        "known.yaml",
        "--out",
        "../known",
        "--fail-on",
        "none",
    )
    assert run("check", *known, cwd=project).returncode in (0, 1)
    return made


ONE_BY_ONE: dict[str, Callable[[Path], object]] = {
    "write_whole": lambda file: written.write_whole(file, "new"),
    "write_pieces": lambda file: written.write_pieces(file, ("n", "ew")),
    "write_bytes": lambda file: written.write_bytes(file, b"new"),
    "write_named": lambda file: written.write_named(file, ("new",)),
    "write_together": lambda file: written.write_together([(file, "new"), (file.with_name("other"), "new")]),
}


@pytest.mark.parametrize("spoil", [full, read_only, vanishing], ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_a_file_that_cannot_be_replaced_stays(name: str, spoil: Spoil, tmp_path: Path) -> None:
    for one in ("file", "other"):
        (tmp_path / one).write_text("the only copy")
    before = files_in(tmp_path)
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(OutputError, match="cannot be written: ") as said,
    ):
        spoil(patch)
        ONE_BY_ONE[name](tmp_path / "file")
    assert said.value.exit_code == 3
    assert files_in(tmp_path) == before
    ONE_BY_ONE[name](tmp_path / "file")
    assert (tmp_path / "file").read_text() == "new"


def test_of_files_that_belong_together_none_is_replaced_if_one_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("the only copy")
    (tmp_path / "two").mkdir()
    with pytest.raises(OutputError, match="Is a directory"):
        written.write_together([(tmp_path / "one", "new"), (tmp_path / "two", "new")])
    assert files_in(tmp_path) == {"one": b"the only copy"}


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_command_cannot_replace_stays(
    name: str, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sources, tmp_path / "copy")
    project = tmp_path / "copy" / "project"
    monkeypatch.chdir(project)
    monkeypatch.setattr(Environment, "refuse_missing", lambda self: None)
    monkeypatch.setattr(packages, "every_package", lambda: ())
    monkeypatch.setattr(guide, "guide", lambda tables: None)
    monkeypatch.setattr(
        site, "site_files", lambda guide: [("index.html", "new" * 9), ("new.html", "new" * 9)]
    )
    monkeypatch.setattr(records, "facts_in", lambda environment: SimpleNamespace(version="3"))
    before = files_in(project)
    full(monkeypatch)
    done = CliRunner().invoke(main, WRITERS[name])
    assert done.exit_code == 3, done.output
    assert "cannot be written: No space left on device" in done.output, done.output
    assert files_in(project) == before


def begun_again(out: Path, end: type[BaseException] | None = None) -> None:
    """What a run does that writes over the record in `out`, but for the judging; it may be ended before."""
    with begun(out, ASKED, force=True) as work, Recorder.open(out, work=work) as recorder:
        recorder.write(HEAD)
        if end is not None:
            raise end
        recorder.write(FOOT)


def test_a_run_by_force_that_cannot_go_on_leaves_the_record_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of its writes fails; and what it has finished is there to be continued once it has begun."""
    write_all, writes = written._write_all, 0
    for last in range(20):
        out = tmp_path / str(last)
        out.mkdir()
        write_record(out, many(3))
        before, writes = files_in(out), 0

        def write(descriptor: int, text: bytes, last: int = last) -> None:
            nonlocal writes
            writes += 1
            if writes > last:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write_all(descriptor, text)

        monkeypatch.setattr(written, "_write_all", write)
        try:
            begun_again(out)
            break
        except OutputError:
            assert {name: one for name, one in files_in(out).items() if FOLDER not in name} == before
            assert finished_in(out) is None or not (out / FOLDER).exists()
    assert last > 4
    assert (out / EVENTS_FILE).read_text().count("\n") == 2
    assert [one.name for one in out.iterdir()] == [EVENTS_FILE]


def test_a_run_by_force_that_was_killed_is_continued_and_replaces_the_record_then(tmp_path: Path) -> None:
    write_record(tmp_path, many(3))
    before = (tmp_path / EVENTS_FILE).read_bytes()
    with contextlib.suppress(ZeroDivisionError):
        begun_again(tmp_path, ZeroDivisionError)
    assert (tmp_path / EVENTS_FILE).read_bytes() == before
    assert finished_in(tmp_path) is None  # though the record that is there is whole
    (tmp_path / FOLDER / "driver").write_text("1 0\n")
    with continued(tmp_path) as work, Recorder.open(tmp_path, work=work) as recorder:
        recorder.write(HEAD)
        recorder.write(FOOT)
    assert (tmp_path / EVENTS_FILE).read_text().count("\n") == 2
    assert not (tmp_path / FOLDER).exists()


def test_an_interrupted_run_by_force_has_its_own_record(tmp_path: Path) -> None:
    write_record(tmp_path, many(3))
    with contextlib.suppress(KeyboardInterrupt):
        begun_again(tmp_path, KeyboardInterrupt)
    assert (tmp_path / EVENTS_FILE).read_text().count("\n") == 1


def test_pairs_that_an_interrupted_run_is_to_replace_are_not_those_of_that_run(tmp_path: Path) -> None:
    whole = json.dumps({"event": "pairs-finished", "complete": True}) + "\n"
    (tmp_path / PAIRS_FILE).write_text(whole)
    assert finished_pairs_in(tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / PAIRS_FILE).touch()
    assert finished_pairs_in(tmp_path) is None


def test_what_was_interrupted_before_stays_until_the_next_run_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.suppress(KeyboardInterrupt), begun(tmp_path, ASKED):
        raise KeyboardInterrupt
    (tmp_path / FOLDER / "driver").write_text("1 0\n")
    before = files_in(tmp_path)
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(BufspecError, match="No space left"):
            begun_again(tmp_path)
    assert files_in(tmp_path) == before
    begun_again(tmp_path)
    clear(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [EVENTS_FILE]


def test_no_link_is_followed_where_a_run_begins(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "driver").write_text("1 0\n")
    (victim / EVENTS_FILE).write_text("dear")
    for name in (FOLDER, f"{FOLDER}.next"):
        out = tmp_path / f"out-{name}"
        out.mkdir()
        (out / EVENTS_FILE).symlink_to(victim / EVENTS_FILE)
        (out / name).symlink_to(victim)
        with pytest.raises(BufspecError):
            begun_again(out)
        (out / name).unlink()
        begun_again(out)
        assert not (out / EVENTS_FILE).is_symlink()
    assert {name: one.decode() for name, one in files_in(victim).items()} == {
        "driver": "1 0\n",
        EVENTS_FILE: "dear",
    }


def test_a_recording_is_replaced_by_one_that_recorded_something(tmp_path: Path) -> None:
    old = tmp_path / f"1{SUFFIX}"
    old.write_text("the only copy")
    link = tmp_path / f"2{SUFFIX}"
    link.symlink_to(tmp_path / "letter")
    (tmp_path / "letter").write_text("dear")
    for command in (["/nowhere/at/all"], ["true"]):
        run("record", "--force", "--out", str(tmp_path), "--", *command)
        assert (old.read_text(), link.is_symlink()) == ("the only copy", True)
    done = run("record", "--force", "--out", str(tmp_path), "--", sys.executable, "-c", "bytes(bytearray(1))")
    assert done.returncode == 0, done.stderr
    assert not old.exists() and not link.is_symlink()
    assert (tmp_path / "letter").read_text() == "dear"
    assert not list(tmp_path.glob("before-*"))


def test_a_death_for_want_of_room_is_not_the_subjects(tmp_path: Path) -> None:
    """A state that is mapped grows when it is written to, and ends the worker where the disk is full."""
    met: list[object] = []
    subject = SimpleNamespace(name="mine.one", target="exporter")
    one = stream.Stream(subject, None, 0, None, tmp_path, tmp_path, [], met.append)  # type: ignore[arg-type]
    ledger = SimpleNamespace(place=lambda: {"step": 0})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OutputError, match="No space left"):
        patch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_blocks=9, f_bavail=0, f_frsize=4096))
        one._note_end(Ended(-signal.SIGBUS, hung=False, detail=""), ledger)  # type: ignore[arg-type]
    assert not met


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


OF_A_DISK = {
    "check": (("check", "stdlib.bytes"), EVENTS_FILE),
    "pairs": (("pairs", "--exporters", "stdlib.bytes", "--consumer", "zlib:crc32"), PAIRS_FILE),
}


@pytest.mark.slow
def test_a_campaign_says_that_there_is_no_room_for_its_state(small_disk: Path) -> None:
    done = run("fuzz", "stdlib.bytes", "--runs", "10", "--out", str(small_disk))
    assert done.returncode == 3, done.stderr
    assert "error: cannot be written: No space left on device\n" in done.stderr
    assert not list(small_disk.glob("findings/*"))


@pytest.mark.parametrize(("name", "room"), [("check", 0), ("check", 400), ("pairs", 8)])
def test_a_disk_that_fills_up_costs_no_record(small_disk: Path, name: str, room: int) -> None:
    """With so many kilobytes left: none, too few for the tables, enough for them but not for the rest."""
    words, record = OF_A_DISK[name]
    (small_disk / record).write_text("the only copy\n")
    disk = os.statvfs(small_disk)
    (small_disk / "more").write_bytes(bytes(disk.f_bavail * disk.f_frsize - 1024 * room))
    done = run(*words, "--out", str(small_disk), "--force")
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("error: cannot be written: No space left on device\n"), done.stderr
    assert (small_disk / record).read_text() == "the only copy\n"
