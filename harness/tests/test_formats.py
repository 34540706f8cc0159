"""Is each format made from the record alone, by check and report alike, and a standing file left whole?"""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from bufspec.errors import OutputError
from bufspec.files.written import write_named
from bufspec.reports.formats.all import FORMATS
from command_line import REQUESTS, run

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
    gone = str(tmp_path / "absent" / "file")
    out = tmp_path / "out"
    done = run("check", *BROKEN, "--out", str(out), f"--{NAMES[0]}", gone)
    assert done.returncode == 3
    assert f"cannot be written: No such file or directory\n  where: {gone}" in done.stderr
    assert "1 subject" in done.stdout
    assert run("report", str(out), f"--{NAMES[0]}", "-").returncode == 0


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
