"""Is nothing lost and nothing counted twice where parts of a campaign run elsewhere, and workers die?"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bufspec.cli import main
from bufspec.errors import RecordError, SelectionError
from bufspec.files import written
from bufspec.fuzz.cluster import ClusterCampaign
from bufspec.fuzz.finding import Finding, Findings, Status
from bufspec.fuzz.gathered import counted_in, gather
from bufspec.run.workspace import claim
from click.testing import CliRunner
from command_line import FAKES
from test_whole_files import files_in

RUNS = 400
"""Each death of the subject costs a worker."""


def bufspec(*words: str, cwd: Path, code: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bufspec.cli", *words], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


A, B, OLD = "a" * 12, "b" * 12, "0" * 12
"""Ids of findings."""


def part_of_two(folder: Path, part: int, *ids: str, seed: int = 1) -> Path:
    """The folder of one part, with findings of these ids, all of one likeness."""
    asked = {"subjects": ["x"], "shard": [part, 2], "seed": seed}
    findings = Findings(folder / "findings")
    for id in ids:
        one = Finding(id, "x", "exporter", "", "exit 7", "00", 3, part, status=Status.NEWS)
        one.likeness, one.script = "exit 7 x mutate", "print('it shows')"
        findings.save(one)
    place = folder / "corpus" / "exporter"
    place.mkdir(parents=True)
    for name in ("both", f"part{part}"):
        (place / name).write_bytes(name.encode())
    counted = {"executions": 30 * part, "seconds": 1.0, "failed": {"r": part}}
    (folder / "campaign.json").write_text(json.dumps({"asked": asked, "subjects": {"x": counted}}))
    return folder


def test_parts_put_together_have_each_finding_once_and_all_executions(tmp_path: Path) -> None:
    one, two = part_of_two(tmp_path / "1", 1, A), part_of_two(tmp_path / "2", 2, A, B)
    done = CliRunner().invoke(main, ["merge", str(one), str(two), str(one), "--out", str(tmp_path / "whole")])
    assert done.exit_code == 0 and "1 new, 1 like one of these" in done.output
    whole = counted_in(tmp_path / "whole")["x"]
    assert whole["executions"] == 90 and whole["failed"] == {"r": 3}
    assert {file.name for file in (tmp_path / "whole" / "corpus" / "exporter").iterdir()} == {
        "both",
        "part1",
        "part2",
    }
    assert (tmp_path / "whole" / "findings" / f"{A}.py").read_text() == "print('it shows')"
    again = CliRunner().invoke(main, ["merge", str(one), str(two), "--out", str(tmp_path / "whole")])
    assert again.exit_code == 2 and "--force writes over it" in again.output
    with pytest.raises(SelectionError, match="asked something else"):
        gather([one, part_of_two(tmp_path / "3", 2, seed=2)], tmp_path / "other")
    with pytest.raises(SelectionError, match="is in"):
        gather([one, part_of_two(tmp_path / "4", 1)], tmp_path / "other")


def test_put_together_by_force_they_are_what_they_are_in_an_empty_folder(tmp_path: Path) -> None:
    """Nothing is left of the campaign that was there, be it one of the parts; what else lies there stays."""
    one, two = part_of_two(tmp_path / "1", 1, A), part_of_two(tmp_path / "2", 2, A, B)
    gather([one, two], tmp_path / "empty")
    used = part_of_two(tmp_path / "used", 1, OLD)
    (used / "corpus" / "consumer").mkdir()
    (used / "corpus" / "consumer" / "old").write_bytes(b"old")
    (used / "notes.txt").write_text("mine")
    for folder in (used, one):
        (folder / "state").mkdir()
        (folder / "state" / "x-0.state").write_bytes(b"old")
    for out in (used, one):
        done = CliRunner().invoke(main, ["merge", str(one), str(two), "--out", str(out), "--force"])
        assert done.exit_code == 0, done.output
        found = files_in(out)
        assert found.pop("notes.txt", b"mine") == b"mine"
        assert found == files_in(tmp_path / "empty")


def test_put_together_by_force_they_replace_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write or rename fails."""
    one, two = part_of_two(tmp_path / "1", 1, A), part_of_two(tmp_path / "2", 2, A, B)
    gather([one, two], tmp_path / "empty")
    out = part_of_two(tmp_path / "used", 1, OLD)
    before, write_all, rename = files_in(out), written._write_all, Path.rename

    def failing(call: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0 and left[0] > -2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*arguments)

        return called

    for name, holder, call in (("_write_all", written, write_all), ("rename", Path, rename)):
        for last in range(50):
            left = [last]
            with monkeypatch.context() as patch:
                patch.setattr(holder, name, failing(call, left))
                done = CliRunner().invoke(main, ["merge", str(one), str(two), "--out", str(out), "--force"])
            if left[0] >= 0:
                break
            assert done.exit_code == 3, done.output
            assert "cannot be written: No space left on device" in done.output
            assert files_in(out) == before
        assert last > 4
        assert files_in(out) == files_in(tmp_path / "empty")
        shutil.rmtree(out)
        part_of_two(out, 1, OLD)


class Killed(BaseException):
    """The process has ended: nothing is tidied up after it."""


def test_a_kill_while_they_replace_a_campaign_loses_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before or after whichever rename or removal: what uses the folder next finds the old or the new one."""
    one, two = part_of_two(tmp_path / "1", 1, A), part_of_two(tmp_path / "2", 2, A, B)
    gather([one, two], tmp_path / "empty")
    new, out = files_in(tmp_path / "empty"), tmp_path / "used"
    words = ["merge", str(one), str(two), "--out", str(out)]
    rename, found = Path.rename, []
    for last in range(50):
        part_of_two(out, 1, OLD)
        (out / "state").mkdir()
        (out / "state" / "x-0.state").write_bytes(b"old")
        old, left = files_in(out), [last]

        def renamed(source: Path, target: Path, left: list[int] = left) -> Path:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return rename(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", renamed)
            patch.setattr("bufspec.fuzz.gathered.clear", lambda out: None)
            with suppress(Killed):
                CliRunner().invoke(main, [*words, "--force"])
        with monkeypatch.context() as patch:
            patch.setattr("bufspec.fuzz.gathered.claimed_by", lambda folder: 0)
            refused = CliRunner().invoke(main, words)
        assert refused.exit_code == 2 and "--force writes over it" in refused.output, refused.output
        assert files_in(out) in (old, new)
        found.append(files_in(out) == new)
        shutil.rmtree(out)
        if left[0] >= 0:
            break
    assert found == sorted(found) and found.count(False) == 1 and len(found) > 6


def test_they_are_not_put_where_a_campaign_is_running(tmp_path: Path) -> None:
    one, two = part_of_two(tmp_path / "1", 1, A), part_of_two(tmp_path / "2", 2, B)
    (two / "state").mkdir()
    claim(two / "state")
    done = CliRunner().invoke(main, ["merge", str(one), str(two), "--out", str(two), "--force"])
    assert done.exit_code == 2 and "is still running there" in done.output
    assert (two / "findings" / f"{B}.json").is_file()


def test_a_part_is_written_once_however_often_it_ran(tmp_path: Path) -> None:
    asked = {"subjects": ["x"], "shard": [1, 2], "seed": 1}
    text = json.dumps({"asked": asked, "subjects": {"x": {"executions": 7, "seconds": 1.0}}}).encode()
    told: list[int] = []
    campaign = ClusterCampaign(["x"], 2, "local", tmp_path, lambda done, of, findings: told.append(done))
    campaign._begin()
    for _ in range(2):
        campaign._take(1, {"campaign.json": text})
    assert told == [1] and campaign.done == [1]
    assert counted_in(tmp_path / "whole")["x"]["executions"] == 7
    with pytest.raises(RecordError, match="another campaign"):
        ClusterCampaign(["y"], 2, "local", tmp_path, lambda *_: None)._begin()


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for one in started:
        one.kill()
        one.wait()


def start_cluster(cwd: Path, started: list[subprocess.Popen[bytes]], port: int) -> str:
    """A scheduler and two workers, each a process of its own."""
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["dask", "scheduler", "--host", "127.0.0.1", "--port", f"{port}", "--no-dashboard"]
    worker = ["dask", "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    for words in (scheduler, worker, worker):
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[1], *words[2:]]
        started.append(
            subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
    return address


@pytest.mark.nightly
@pytest.mark.parametrize("victim", ["worker", "scheduler"])
def test_a_kill_on_the_cluster_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, processes: list[subprocess.Popen[bytes]], victim: str
) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "faulty.py").write_text((FAKES / "deadly.py").read_text("utf-8"))
    address = start_cluster(tmp_path, processes, 18786)
    words = ["fuzz", "faulty.deadly", "--subjects", "faulty.py", "--runs", f"{RUNS}", "--no-minimise"]
    command = [*words, "--jobs", "4", "--out", "campaign", "--dask"]
    driver = subprocess.Popen(
        [sys.executable, "-m", "bufspec.cli", *command, address], cwd=tmp_path, stdout=subprocess.PIPE
    )
    parts = tmp_path / "campaign" / "parts"
    deadline = time.monotonic() + 120
    while driver.poll() is None and time.monotonic() < deadline:
        if parts.is_dir() and any(one.name.isdecimal() for one in parts.iterdir()):
            break
        time.sleep(0.05)
    os.kill(processes[1 if victim == "worker" else 0].pid, signal.SIGKILL)
    driver.wait(120)
    if victim == "scheduler" and driver.returncode == 3:
        again = start_cluster(tmp_path, processes, 18787)
        bufspec(*command, again, cwd=tmp_path, code=1)
    else:
        assert driver.returncode == 1
    assert sorted(one.name for one in parts.iterdir()) == ["1", "2", "3", "4"]
    assert counted_in(tmp_path / "campaign" / "whole")["faulty.deadly"]["executions"] == RUNS
    found = gather(sorted(parts.iterdir()), tmp_path / "all")
    assert len(found.of("news")) == 1
