"""Does a run that was killed go on where it was, and come to the record of one that never was?

One moment is tried of each command, which a fixed seed draws; nightly fifty.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bufspec.run.workspace import claim
from command_line import COMMAND, FAKES, REQUESTS, Event, events_from_lines, exporters, record, run
from conftest import drawn

MOMENTS = [pytest.param(moment, marks=() if moment < 1 else pytest.mark.nightly) for moment in range(50)]
SUBJECTS = [
    "stdlib.bytes*",
    "stdlib.ctypes_array*",
    *exporters(["exporter(0x003, segfault)", "exporter(0x020, leave)"]),
    *REQUESTS,
]
TIMED = ("seconds", "started")


def untimed(events: list[Event]) -> list[str]:
    """The lines of a record without what differs from run to run."""
    return [json.dumps({key: value for key, value in one.items() if key not in TIMED}) for one in events]


def recorded(out: Path) -> list[str]:
    return untimed(events_from_lines((out / "events.jsonl").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def whole() -> tuple[float, list[str]]:
    """How long a run is at work, in seconds, and its record."""
    begun = time.monotonic()
    events = record(*SUBJECTS).events
    return time.monotonic() - begun, untimed(events)


@pytest.fixture(scope="module")
def undisturbed(whole: tuple[float, list[str]]) -> list[str]:
    return whole[1]


def killed(out: Path, seconds: float, *, jobs: int) -> bool:
    """Begin a run and kill its driver so long after it began to work; whether it was still at work."""
    return killed_in(["check", *SUBJECTS, "--jobs", str(jobs), "--format", "json"], out, seconds)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_record_of_an_undisturbed_one(
    moment: int, whole: tuple[float, list[str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("row", "resume check"))
    draw = random.Random(moment)
    duration, undisturbed = whole
    was_killed = killed(tmp_path, duration * draw.random(), jobs=draw.choice((1, 2)))
    done = run("check", "--resume", str(tmp_path), "--jobs", str(draw.choice((1, 2))))
    assert done.returncode == 1, (was_killed, done.stderr)
    assert recorded(tmp_path) == undisturbed
    assert not (tmp_path / "unfinished").exists()


@pytest.mark.slow
def test_a_run_may_be_killed_again_and_again(tmp_path: Path, undisturbed: list[str]) -> None:
    killed(tmp_path, 0.3, jobs=1)
    for seconds in (0.4, 0.8):
        command = [*COMMAND, "check", "--resume", str(tmp_path)]
        with subprocess.Popen(
            command, cwd=FAKES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as driver:
            time.sleep(seconds)
            driver.send_signal(signal.SIGKILL)
    assert run("check", "--resume", str(tmp_path)).returncode == 1
    assert recorded(tmp_path) == undisturbed


@pytest.mark.slow
def test_finished_subjects_are_not_run_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    out = tmp_path / "out"
    subjects = exporters(["leaves_a_mark()", "exporter(0x003, hang)"])
    command = [*COMMAND, "check", *subjects, "--out", str(out), "--jobs", "1", "--timeout", "1", *REQUESTS]
    environment = {**os.environ, "BUFSPEC_TEST_MARKS": str(marks)}
    with subprocess.Popen(command, cwd=FAKES, env=environment, stdout=subprocess.DEVNULL) as driver:
        deadline = time.monotonic() + 30
        while not list(out.glob("unfinished/*.finished.json")) and time.monotonic() < deadline:
            time.sleep(0.01)
        driver.send_signal(signal.SIGKILL)
    judged = len(list(marks.iterdir()))
    done = run("check", "--resume", str(out), environment={"BUFSPEC_TEST_MARKS": str(marks)})
    assert done.returncode == 1
    # Once more for the look at whether it is an exporter at all, and not for each case.
    assert judged <= len(list(marks.iterdir())) <= judged + 2


@pytest.mark.slow
def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    out = tmp_path / "of mine"
    interrupted(out, signal.SIGINT)
    complaint = (tmp_path / "complaint").read_text(encoding="utf-8")
    command = complaint.partition("interrupted by SIGINT: go on with ")[2]
    assert shlex.split(command) == ["bufspec", "check", "--resume", str(out)], complaint
    done = run(*shlex.split(command)[1:])
    assert (done.returncode, "hang" in done.stdout) == (1, True)


def interrupted(out: Path, by: signal.Signals = signal.SIGKILL) -> list[str]:
    """A run that was ended in its last subject; returns what it was asked, for another."""
    asked = [
        "stdlib.bytes",
        *exporters(["exporter(0x003, hang)"]),
        "--timeout",
        "1",
        "--jobs",
        "1",
        *REQUESTS,
    ]
    with (
        (out.parent / "complaint").open("w") as complaint,
        subprocess.Popen(
            [*COMMAND, "check", *asked, "--out", str(out)],
            cwd=FAKES,
            stdout=subprocess.DEVNULL,
            stderr=complaint,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as driver,
    ):
        deadline = time.monotonic() + 30
        while not (out / "unfinished" / "0001.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        driver.send_signal(by)
    return asked


def tear_options(out: Path) -> None:
    (out / "unfinished" / "options.json").write_text("{")


def change_plan(out: Path, key: str) -> None:
    file = out / "unfinished" / "plan.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: "others"}))


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (lambda out: None, "no run was interrupted there"),
        (tear_options, "options.json:1:2"),
        (lambda out: change_plan(out, "tables"), "started with other tables"),
        (lambda out: change_plan(out, "versions"), "started with other versions"),
        (lambda out: claim(out / "unfinished"), "is still running there"),
    ],
    ids=["none", "torn options", "other tables", "other versions", "still running"],
)
@pytest.mark.slow
def test_what_cannot_be_continued_is_refused(
    prepare: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    if told != "no run was interrupted there":
        interrupted(tmp_path)
    prepare(tmp_path)
    done = run("check", "--resume", str(tmp_path))
    assert done.returncode == 2
    assert told in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.slow
def test_torn_journals_and_half_files_do_no_harm(tmp_path: Path) -> None:
    asked = interrupted(tmp_path)
    folder = tmp_path / "unfinished"
    for file in folder.glob("*.jsonl"):
        file.write_bytes(file.read_bytes()[:-5] + b'{"start": 0}\n{"ru')
    (folder / "0000.finished.json.half").write_text("{")
    for file in folder.glob("*.ledger"):
        file.write_bytes(b"x")
    assert run("check", "--resume", str(tmp_path)).returncode == 1
    assert recorded(tmp_path) == untimed(record(*asked).events)


def test_a_continued_run_is_not_asked_again(tmp_path: Path) -> None:
    done = run("check", "--resume", str(tmp_path), "--rule", "field.*")
    assert done.returncode == 2
    assert "--rule cannot be changed" in done.stderr


@pytest.mark.slow
def test_a_whole_record_is_shown_again(tmp_path: Path) -> None:
    first = run("check", "stdlib.bytes", *REQUESTS, "--out", str(tmp_path))
    again = run("check", "--resume", str(tmp_path))
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "letter").write_text("dear")
    done = run("check", "stdlib.bytes", "--out", str(tmp_path))
    assert done.returncode == 2
    assert (tmp_path / "unfinished" / "letter").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "stdlib.bytse"),
        ("check", "stdlib.bytes", "--expectations", "not_there.yaml"),
        ("check", "--exporter", "not_there:value"),
        ("pairs", "stdlib.bytse", "stdlib.bytes"),
    ],
    ids=lambda arguments: "_".join(arguments[:3]),
)
def test_a_run_that_cannot_be_planned_leaves_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """So the same command, put right, is not taken for one that meets an interrupted run."""
    done = run(*arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path)}
    command = [*COMMAND, "check", *exporters(["exporter(0x001, hang)"])]
    with subprocess.Popen(
        command, cwd=FAKES, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as driver:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob("bufspec-*/*.ledger")) and time.monotonic() < deadline:
            time.sleep(0.01)
        (mine,) = tmp_path.glob("bufspec-*")
        run("check", "stdlib.bytes", *REQUESTS, environment=environment)
        assert mine.exists(), "its driver is at work"
        driver.send_signal(signal.SIGKILL)
    run("check", "stdlib.bytes", *REQUESTS, environment=environment)
    assert list(tmp_path.glob("bufspec-*")) == []


@pytest.mark.parametrize("jobs", drawn(["1", "3"], 2))
@pytest.mark.slow
def test_any_number_of_jobs_gives_the_same_record(jobs: str, undisturbed: list[str]) -> None:
    assert untimed(record(*SUBJECTS, "--jobs", jobs).events) == undisturbed


PAIRS = [
    "pairs",
    *("--exporters", "stdlib.bytes*", "--exporters", "stdlib.array_b"),
    *("--consumers", "stdlib.bytes_add", "--consumers", "stdlib.bytes_join", "--consumers", "stdlib.a2b_uu"),
]
MUTANTS = ["mutants", "*shape*"]
SHORT = [pytest.param(moment, marks=() if moment < 1 else pytest.mark.nightly) for moment in range(50)]


def killed_in(command: list[str], out: Path, seconds: float) -> bool:
    """Begin that run and kill its driver so long after it began to work; whether it was still at work."""
    asked = [*COMMAND, *command, "--out", str(out)]
    with subprocess.Popen(asked, cwd=FAKES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver:
        deadline = time.monotonic() + 60
        while not (out / "unfinished" / "options.json").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        try:
            driver.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            driver.send_signal(signal.SIGKILL)
    return driver.returncode == -signal.SIGKILL


def recorded_by(command: str, out: Path) -> list[str]:
    if command == "mutants":
        return (out / "mutants.json").read_text(encoding="utf-8").splitlines()
    return untimed([json.loads(line) for line in (out / "pairs.jsonl").read_text("utf-8").splitlines()])


Undisturbed = Callable[[list[str]], tuple[float, list[str]]]


@pytest.fixture(scope="module")
def undisturbed_run(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """How long a command works, and its record; each is run once, when it is asked for."""
    found: dict[str, tuple[float, list[str]]] = {}

    def of(command: list[str]) -> tuple[float, list[str]]:
        if command[0] not in found:
            out = tmp_path_factory.mktemp(command[0])
            begun = time.monotonic()
            assert run(*command, "--out", str(out)).returncode in (0, 1)
            found[command[0]] = time.monotonic() - begun, recorded_by(command[0], out)
        return found[command[0]]

    return of


@pytest.mark.parametrize(
    "command",
    [pytest.param(PAIRS, id="pairs"), pytest.param(MUTANTS, id="mutants", marks=pytest.mark.nightly)],
)
@pytest.mark.parametrize("moment", SHORT)
@pytest.mark.slow
def test_runs_of_other_commands_go_on_as_well(
    moment: int,
    command: list[str],
    undisturbed_run: Undisturbed,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    request.node.user_properties.append(("row", f"resume {command[0]}"))
    seconds, undisturbed = undisturbed_run(command)
    was_killed = killed_in(command, tmp_path, seconds * random.Random(moment).random())
    if was_killed:
        done = run(command[0], "--resume", str(tmp_path))
        is_over = "the run is over" in done.stderr  # it was killed after its record
        assert done.returncode in ((2,) if is_over else (0, 1)), done.stderr
    assert recorded_by(command[0], tmp_path) == undisturbed
    assert not (tmp_path / "unfinished").exists()


@pytest.mark.slow
def test_pairs_of_which_the_record_is_whole_are_shown_again(tmp_path: Path) -> None:
    first = run(*PAIRS, "--out", str(tmp_path))
    again = run("pairs", "--resume", str(tmp_path))
    assert (again.returncode, again.stdout) == (first.returncode, first.stdout)


def test_the_state_of_one_command_is_none_of_another(tmp_path: Path) -> None:
    assert killed_in(PAIRS, tmp_path, 0.0)
    for command in ("check", "mutants"):
        done = run(command, "--resume", str(tmp_path))
        assert done.returncode == 2
        assert "a run of another command, 'pairs'" in done.stderr
