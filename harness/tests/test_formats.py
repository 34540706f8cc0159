"""Is each format made from the record alone, by check and report alike, and a standing file left whole?"""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from bufspec.errors import OutputError
from bufspec.files.written import write_named
from bufspec.reports.formats.all import FORMATS
from command_line import REQUESTS, run
from made_records import many, write_record

BROKEN = ["--consumer", "bad_consumers:forgetful", "--case", "consumer.reads_bytes_*"]
NAMES = [one.name for one in FORMATS]


def asked(folder: Path) -> list[str]:
    """The options that write each format to a file of its name."""
    return [word for name in NAMES for word in (f"--{name}", str(folder / name))]


def written(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text(encoding="utf-8") for name in NAMES}


def test_check_writes_what_report_makes_of_its_record(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    done = run("check", *BROKEN, "--out", str(tmp_path / "out"), *asked(tmp_path))
    assert done.returncode == 1, done.stderr
    assert run("report", str(tmp_path / "out"), *asked(tmp_path / "again")).returncode == 0
    assert written(tmp_path) == written(tmp_path / "again")
    assert all("forgetful" in text for name, text in written(tmp_path).items() if "badge" not in name)


def test_no_record_need_be_kept(tmp_path: Path) -> None:
    done = run("check", "stdlib.bytes", *REQUESTS, *asked(tmp_path))
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == sorted(NAMES)
    assert "1 subject" in done.stdout


def test_a_file_that_cannot_be_written_loses_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    place, other = str(tmp_path / "file" / "junit.xml"), tmp_path / "absent" / "summary.md"
    out = tmp_path / "out"
    done = run("check", *BROKEN, "--out", str(out), "--junit", place, "--markdown", str(other))
    assert done.returncode == 3
    assert f"cannot be written: Not a directory\n  where: {place}" in done.stderr
    assert "1 subject" in done.stdout
    assert other.read_text().startswith("# Buffer protocol")
    assert run("report", str(out), "--junit", "-").returncode == 0


def test_the_format_alone_is_on_standard_output() -> None:
    done = run("check", "stdlib.bytes", *REQUESTS, "--markdown", "-")
    assert done.stdout.startswith("# Buffer protocol\n")
    assert done.stdout.count("stdlib.bytes") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--markdown", ""], "empty"),
        (["--list", "--markdown", "file"], "--list"),
        (["--out", "o", "--markdown", "o/../o/events.jsonl"], "the record itself"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(arguments: list[str], said: str) -> None:
    done = run("check", *arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_named_device_or_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No space left"):
        write_named(Path("/dev/full"), ["a"])
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_named(pipe, ["a", "b"])
    reader.join()
    assert read == ["ab"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    for name in (tmp_path, Path("."), Path("/")):
        with pytest.raises(OutputError, match="Is a directory"):
            write_named(name, ["a"])


OLD = "what was there before\n"


def endless() -> Iterator[str]:
    """A text that no disk holds."""
    while True:
        yield "x" * 65536


def refused(file: Path, pieces: Iterable[str], said: str) -> None:
    """To write these pieces is refused in these words, and what is there stays, alone."""
    before = sorted(os.listdir(file.parent)), file.read_text()
    with pytest.raises(OutputError, match=said):
        write_named(file, pieces)
    assert (sorted(os.listdir(file.parent)), file.read_text()) == before


def in_a_child(function: Callable[[], None]) -> None:
    """Call a function in a process of its own, which may give up what this one still needs."""
    child = os.fork()
    if not child:
        status = 1
        try:
            function()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_a_disk_that_gets_full_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(OLD)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        refused(tmp_path / "file", endless(), "File too large")

    in_a_child(full)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk_that_gets_full_leaves_the_old_file(tmp_path: Path) -> None:
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "bufspec-test", str(tmp_path)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        (tmp_path / "file").write_text(OLD)
        refused(tmp_path / "file", endless(), "No space left on device")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_folder_that_may_not_be_written_to_keeps_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text(OLD)
    for one in (folder, *folder.parents):
        if one.owner() == tmp_path.owner() and one != Path("/"):
            one.chmod(one.stat().st_mode | 0o555)
    folder.chmod(0o555)

    def unprivileged() -> None:
        if os.geteuid() == 0:
            os.seteuid(65534)
        refused(folder / "file", ["new"], "Permission denied")

    in_a_child(unprivileged)


def test_a_folder_that_vanishes_while_a_file_is_written_is_said(tmp_path: Path) -> None:
    folder, moved = tmp_path / "folder", tmp_path / "moved"
    folder.mkdir()
    (folder / "file").write_text(OLD)

    def moving() -> Iterator[str]:
        yield "new"
        folder.rename(moved)
        yield "er"

    with pytest.raises(OutputError, match="No such file or directory"):
        write_named(folder / "file", moving())
    assert (moved / "file").read_text() == OLD

    def removing() -> Iterator[str]:
        yield "new"
        shutil.rmtree(moved)
        yield "er"

    with pytest.raises(OutputError, match="No such file or directory"):
        write_named(moved / "file", removing())
    assert not moved.exists()


def test_a_report_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(OLD)

    def failing() -> Iterator[str]:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_named(tmp_path / "file", failing())
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == OLD


MEASURED = r"""
import re, sys, time
from pathlib import Path
from bufspec.files.written import write_named
from bufspec.reports.formats.all import FORMATS, Sources
from bufspec.run.recorded import open_record

begun = time.process_time()
record = open_record(Path(sys.argv[1]))
opened = time.process_time() - begun
for one in FORMATS:
    if one.name in sys.argv[3:]:
        begun = time.process_time()
        write_named(Path(sys.argv[2]) / one.name, one.text(Sources((record,))))
        # Not getrusage(), which counts what the process had before it became this program.
        memory = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) >> 10
        print(one.name, opened + time.process_time() - begun, memory)
"""


def measured(record: Path, out: Path, *names: str) -> dict[str, tuple[float, float]]:
    """The seconds of processor time and the megabytes at most that each format of a record takes."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", MEASURED, str(record), str(out), *names],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    return {name: (float(seconds), float(memory)) for name, seconds, memory in rows}


def test_a_record_of_a_thousand_events_is_written_in_a_moment(tmp_path: Path) -> None:
    found = measured(write_record(tmp_path, many(1_000)), tmp_path, *NAMES)
    assert list(found) == NAMES
    assert {name: cost for name, cost in found.items() if cost[0] >= 1 or cost[1] >= 150} == {}


@pytest.mark.nightly
@pytest.mark.parametrize("rules", [40, 1])
def test_a_record_of_a_million_events_takes_a_minute_and_half_a_gigabyte(tmp_path: Path, rules: int) -> None:
    record = write_record(tmp_path, many(1_000_000, rules=rules))
    found: dict[str, tuple[float, float]] = {}
    for name in NAMES:  # each in a process of its own, whose memory is that of the format
        found |= measured(record, tmp_path, name)
    (tmp_path / "events.jsonl").unlink()
    print(found)
    assert {name: cost for name, cost in found.items() if cost[0] >= 60 or cost[1] >= 500} == {}
