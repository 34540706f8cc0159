"""Does a campaign find what a few steps bring out, once, made small, and lose nothing when it is killed?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from bufspec.errors import SelectionError
from bufspec.fuzz.deep import LIBRARY, deep_mutants
from bufspec.fuzz.options import FuzzOptions, seconds_from, shard_from
from bufspec.fuzz.run import MOST_INPUT, inputs_in
from command_line import FAKES, run

FAULTY = (FAKES / "deadly.py").read_text("utf-8")


def fuzz(*words: str, cwd: Path, code: int | None = None) -> subprocess.CompletedProcess[str]:
    done = run("fuzz", *words, cwd=cwd)
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done


def as_json(*words: str, cwd: Path, code: int) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(fuzz(*words, "--format", "json", cwd=cwd, code=code).stdout)
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "faulty.py").write_text(FAULTY)
    return tmp_path


@pytest.mark.slow
def test_what_keeps_every_rule_is_tried_and_nothing_is_found(folder: Path) -> None:
    found = as_json("stdlib.bytearray", "--runs", "300", cwd=folder, code=0)
    counts = found["subjects"]["stdlib.bytearray"]
    assert counts["executions"] == 300
    assert counts["steps"] > 3000 and counts["kept"] > 50 and counts["buckets"] > counts["kept"]
    assert found["findings"] == []


@pytest.mark.slow
def test_a_campaign_in_pieces_is_the_campaign_in_one(folder: Path) -> None:
    def counts(out: str, runs: str) -> dict[str, Any]:
        found = as_json("stdlib.bytearray", "--runs", runs, "--out", out, cwd=folder, code=0)
        one: dict[str, Any] = found["subjects"]["stdlib.bytearray"]
        return {name: one[name] for name in ("executions", "steps", "buckets", "kept")}

    whole = counts("whole", "200")
    assert counts("pieces", "61")["steps"] < whole["steps"]
    assert counts("pieces", "200") == whole


DEATHS = {"exit": "os._exit(7)", "crash SIGABRT": "os.abort()", "hang": "__import__('time').sleep(1000)"}


@pytest.mark.parametrize(
    "death", ["exit", *(pytest.param(one, marks=pytest.mark.nightly) for one in ("crash SIGABRT", "hang"))]
)
@pytest.mark.slow
def test_deaths_are_found_made_small_written_once_and_promoted(folder: Path, death: str) -> None:
    (folder / "faulty.py").write_text(FAULTY.replace(DEATHS["exit"], DEATHS[death]))
    words = ("faulty.deadly", "--subjects", "faulty.py", "--runs", "40", "--out", "out", "--timeout", "3")
    found = as_json(*words, cwd=folder, code=1)
    news = {one["outcome"]: one for one in found["findings"] if one["status"] == "news"}
    assert {name: one["described"] for name, one in news.items()} == {death: "operation 0; operation 1"}
    assert len(news) == sum(one["status"] == "news" for one in found["findings"])
    assert found["subjects"]["faulty.deadly"]["executions"] == 40
    for one in news.values():
        script = (folder / "out" / "findings" / f"{one['id']}.py").read_text()
        assert "bufspec" not in "".join(line for line in script.splitlines() if line.startswith("import"))
        assert one["replay"].startswith("bufspec replay --subjects faulty.py faulty.deadly/scenario:")
    # Once more with the same folder nothing is left to do, and nothing is found twice.
    assert as_json(*words, cwd=folder, code=1) == found
    one = news[death]
    name = fuzz("promote", one["id"][:5], "--out", "out", cwd=folder, code=0).stdout.strip()
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", name], cwd=folder, capture_output=True)
    assert tested.returncode == 1, "it fails while the finding shows"
    (folder / "faulty.py").write_text(FAULTY.replace(DEATHS["exit"], "pass"))
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", name], cwd=folder, capture_output=True)
    assert tested.returncode == 0, tested.stdout.decode()


@pytest.mark.slow
def test_known_failures_are_no_news(folder: Path) -> None:
    entry = "subject: faulty.deadly, rule: death, reason: of this test alone, cases: '*', link: 'https://example.org/1'"
    lines = [f"  - {{{entry}, outcome: {one}}}" for one in ("exit",)]
    (folder / "known.yaml").write_text("\n".join(["expectations:", *lines, ""]))
    words = ("faulty.deadly", "--subjects", "faulty.py", "--runs", "60", "--expectations", "known.yaml")
    found = as_json(*words, cwd=folder, code=0)
    assert found["findings"]
    assert {one["status"] for one in found["findings"]} == {"known"}


def workers_of(driver: int) -> list[int]:
    """The grandchildren of the driver: a keeper each, and under it a worker."""

    def children(number: int) -> list[int]:
        try:
            return [int(one) for one in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
        except OSError:
            return []

    return [worker for keeper in children(driver) for worker in children(keeper)]


@pytest.mark.parametrize("victim", ["driver", "worker"])
@pytest.mark.slow
def test_a_kill_loses_nothing_and_counts_nothing_twice(folder: Path, victim: str) -> None:
    words = ["stdlib.bytearray", "--runs", "800", "--out", "killed"]
    command = [sys.executable, "-m", "bufspec.cli", "fuzz", *words]
    driver = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    state = None
    for _ in range(1500):
        files = list(folder.glob("killed/state/*.state"))
        if files and (state := _engine.CampaignState(str(files[0]), False)).totals()["executions"] > 100:
            break
        time.sleep(0.02)
    assert state is not None
    kept = state.totals()["kept"]
    if victim == "driver":
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait()
    else:
        for worker in workers_of(driver.pid):
            os.kill(worker, signal.SIGKILL)
        driver.wait()
    found = as_json(*words, cwd=folder, code=0)
    counts = found["subjects"]["stdlib.bytearray"]
    assert counts["executions"] == 800
    assert not any(one["status"] == "news" for one in found["findings"])
    assert counts["kept"] >= kept
    assert counts["deaths"] <= (victim == "worker")
    if victim == "driver":  # the same as if nobody had killed it; a worker that was killed counts as a death
        words[-1] = "whole"
        whole = as_json(*words, cwd=folder, code=0)["subjects"]["stdlib.bytearray"]
        assert {**counts, "seconds": 0} == {**whole, "seconds": 0}


@pytest.mark.slow
def test_an_interrupt_ends_it_cleanly(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bufspec.cli",
        "fuzz",
        "stdlib.bytearray",
        "--time",
        "5m",
        "--out",
        "out",
    ]
    driver = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell that starts the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not list(folder.glob("out/state/*.state")):
        time.sleep(0.02)
    time.sleep(0.3)
    driver.send_signal(signal.SIGINT)
    said, _ = driver.communicate(timeout=30)
    assert driver.returncode == 130
    assert "Traceback" not in said and "the same command goes on with it" in said
    assert json.loads((folder / "out" / "campaign.json").read_text())["subjects"]


def test_shards_try_other_scenarios_and_share_the_runs() -> None:
    parts = [FuzzOptions(runs=10, jobs=2, shard=(part, 3)) for part in (1, 2, 3)]
    streams = [stream for part in parts for stream in part.streams]
    assert sorted(streams) == list(range(6))
    assert sum(part.runs_of(stream) for part in parts for stream in part.streams) == 10


@pytest.mark.slow
def test_another_campaign_in_the_same_folder_is_refused(folder: Path) -> None:
    fuzz("stdlib.bytearray", "--runs", "5", "--out", "out", cwd=folder, code=0)
    said = fuzz("stdlib.bytearray", "--runs", "5", "--seed", "7", "--out", "out", cwd=folder).stderr
    assert "another campaign is there" in said and "Traceback" not in said


@pytest.mark.parametrize("text", ["", "ten", "0", "-5m", "nan", "1w"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="is no time"):
        seconds_from(text)


def test_times_and_parts_are_read() -> None:
    assert (seconds_from("90"), seconds_from("1.5h"), seconds_from("10m")) == (90.0, 5400.0, 600.0)
    assert shard_from("2/5") == (2, 5)
    for text in ("0/3", "4/3", "2", "a/b"):
        with pytest.raises(SelectionError, match="is no part"):
            shard_from(text)


@pytest.mark.slow
def test_a_consumer_and_a_function_are_explored(folder: Path) -> None:
    found = as_json("stdlib.zlib_crc32", "runtime.flags", "--runs", "60", cwd=folder, code=0)
    assert all(one["executions"] == 60 and one["steps"] > 0 for one in found["subjects"].values())


def test_a_campaign_finds_a_deep_mutant_guided_and_not(folder: Path) -> None:
    words = ["mutants", "--fuzz", "used_with_writable", "--seeds", "1"]
    done = run(*words, "--budget", "200000", "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    score = json.loads(done.stdout)
    assert (score["found"], score["mutants"]) == (1, 1)
    assert score["scores"][0]["guided"][0] < 200000


@pytest.mark.slow
def test_the_table_of_deep_mutants_names_those_of_the_library_and_their_own_code_is_seen(
    tmp_path: Path,
) -> None:
    listed = [one["name"] for one in _engine.native_subjects(LIBRARY)["subjects"]]
    assert listed == [one.subject for one in deep_mutants()]
    assert len(listed) >= 40
    words = (listed[0], "--native", LIBRARY, "--runs", "20")
    found = as_json(*words, cwd=tmp_path, code=0)
    assert found["subjects"][listed[0]]["covered"]


@pytest.mark.nightly
def test_check_misses_each_deep_mutant(tmp_path: Path) -> None:
    done = run("check", "--native", LIBRARY, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_what_is_no_file_is_no_scenario(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, target in (("device", "/dev/zero"), ("memory", "/proc/self/mem"), ("loop", "loop")):
        (tmp_path / name).symlink_to(target)
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    assert [len(one) for one in inputs_in(str(tmp_path), "exporter")] == [2 * MOST_INPUT]
