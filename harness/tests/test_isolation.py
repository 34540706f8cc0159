"""Do the parts of isolation do what they are for: patience, last words, surroundings, limits of memory?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.last_words import last_words, tells_of_memory
from bufspec.isolation.patience import Patience
from bufspec.processes.memory import resident
from bufspec.processes.running import is_running, start_time
from bufspec.wire.channel import Descriptor
from bufspec.wire.ranges import ranges_from_indices, size
from command_line import COMMAND, FAKES, REQUESTS, exporters, record, run

CASES = [f"{area}.case_{number}" for area in ("first", "second", "third", "fourth") for number in range(10)]


def death(index: int, *, outcome: Outcome = Outcome.CRASH, step: int = 0, signal: str = "SIGSEGV") -> Death:
    return Death(outcome, CASES[index], index, step, signal=signal)


def patient() -> Patience:
    return Patience(CASES, ((0, len(CASES)),))


def test_two_like_deaths_skip_nothing() -> None:
    patience = patient()
    for index in (0, 5):
        patience.after(death(index))
    assert (patience.ranges, patience.skipped) == (((6, 40),), 0)


def test_the_third_gives_up_its_area_and_only_that() -> None:
    patience = patient()
    for index in (0, 1, 2):
        patience.after(death(index))
    assert patience.ranges == ((10, 40),)
    assert patience.skipped == 7
    assert patience.reasons == ["3 identical crashes, the process crashed: SIGSEGV"]


def test_further_areas_are_given_up_at_their_first_and_then_everything() -> None:
    patience = patient()
    for index in (0, 1, 2, 10):
        patience.after(death(index))
    assert patience.ranges == ((20, 40),)
    patience.after(death(20))
    assert patience.ranges == ()
    assert patience.skipped == len(CASES) - 5


@pytest.mark.parametrize("differing", ["step", "signal"])
def test_deaths_that_differ_are_counted_apart(differing: str) -> None:
    patience = patient()
    for number, index in enumerate((0, 1, 2, 3)):
        one = death(index, step=number) if differing == "step" else death(index, signal=f"SIG{number}")
        patience.after(one)
    assert patience.skipped == 0


def test_the_third_hang_gives_up_everything() -> None:
    patience = patient()
    for index in (0, 1, 2):
        patience.after(death(index, outcome=Outcome.HANG, signal=""))
    assert patience.ranges == ()
    assert patience.skipped == 37


def test_many_deaths_that_all_differ_end_a_subject_too() -> None:
    patience = patient()
    for index in range(30):
        patience.after(death(index, step=index))
    assert patience.ranges == ()
    assert patience.reasons == ["30 crashes, hangs or exits"]


def test_a_chosen_part_of_the_cases_stays_that_part() -> None:
    patience = Patience(CASES, ((2, 4), (15, 17)))
    patience.after(death(2))
    assert patience.ranges == ((3, 4), (15, 17))
    assert size(patience.ranges) == 3
    assert ranges_from_indices([1, 2, 3, 7, 9, 10]) == ((1, 4), (7, 8), (9, 11))


def test_last_words_are_those_of_the_runtimes_without_addresses() -> None:
    said = "\n".join(
        [
            "a subject prints of an overflow, and to abort",
            "free(): invalid pointer",
            "Fatal Python error: Aborted",
            "",
            "Current thread 0x00007f12 (most recent call first):",
            '  File "/somewhere/deep/module.py", line 7 in inner',
            '  File "/somewhere/deep/module.py", line 9 in outer',
            '  File "/somewhere/deep/module.py", line 11 in outermost',
            "",
            "Extension modules: numpy (total: 1)",
        ]
    )
    assert last_words(said) == (
        "free(): invalid pointer, Fatal Python error: Aborted, in inner (module.py:7), in outer (module.py:9)"
    )
    assert last_words("it all went well\n") == ""
    ours = """Fatal Python error: Aborted

  File "/somewhere/bufspec/worker/main.py", line 7 in _judge
  File "<frozen runpy>", line 88 in _run_code
"""
    assert last_words(ours) == "Fatal Python error: Aborted"
    writing = ours.replace(
        "\n\n", '\n\n  File "/usr/lib/python3.11/json/encoder.py", line 258 in iterencode\n'
    )
    forked = ours + '  File "/usr/lib/python3.11/asyncio/events.py", line 80 in _run\n'
    assert last_words(forked) == "Fatal Python error: Aborted"
    assert last_words(writing) == "Fatal Python error: Aborted"
    reading = writing.replace("bufspec/worker", "package")
    assert last_words(reading).endswith("in iterencode (encoder.py:258), in _judge (main.py:7)")
    assert (
        last_words("memory allocation of 8 bytes failed, 0x7f")
        == "memory allocation of 8 bytes failed, 0x..."
    )
    assert len(last_words("*** " + "x" * 5000)) == 200


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("MemoryError", True),
        ("terminate called after throwing an instance of 'std::bad_alloc'", True),
        ("memory allocation of 8 bytes failed", True),
        ("it remembers everything", False),
    ],
)
def test_a_lack_of_memory_is_heard(said: str, is_found: bool) -> None:
    assert tells_of_memory(f"before\n{said}\nafter") is is_found


def test_a_descriptor_that_means_another_file_is_not_written_to(tmp_path: Path) -> None:
    mine, other = (os.open(tmp_path / name, os.O_WRONLY | os.O_CREAT) for name in ("mine", "other"))
    descriptor = Descriptor(mine)
    assert descriptor.write(b"mine")
    os.dup2(other, mine)
    assert not descriptor.write(b"lost")
    assert (tmp_path / "other").read_bytes() == b""
    os.close(mine)
    os.close(other)


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    here = os.getpid()
    assert resident() > 1 << 20
    assert is_running(here, start_time(here))
    assert not is_running(here, "1")
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert not is_running(ended.pid, start_time(ended.pid))


def test_surroundings_are_put_back(tmp_path: Path) -> None:
    code = """
import faults, os, signal, sys
from bufspec.worker.surroundings import Surroundings
before = Surroundings()
for name in NAMES:
    getattr(faults, name)()
left = before.restore()
assert left == [], left
assert os.getcwd() == before.directory
assert os.umask(0o22) == before._umask
assert "PATH" in os.environ
assert sys.getrecursionlimit() == before.recursion_limit
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
assert isinstance(sys.modules["json"], type(sys))
import gc; assert gc.isenabled()
print("put back")
"""
    names = [
        "change_directory",
        "change_umask",
        "clear_environment",
        "block_signals",
        "leave_an_alarm",
        "break_builtins",
        "replace_streams",
        "close_streams",
        "trace_everything",
        "stop_collecting",
        "forget_modules",
        "lower_the_recursion_limit",
    ]
    code = "import json\n" + code.replace("NAMES", repr(names))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=FAKES,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(FAKES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "put back\n", done.stderr


def test_what_all_subjects_use_is_put_back_as_it_was_before_any_of_them() -> None:
    code = """
import array, json, pathlib, resource
from bufspec.worker.surroundings import Surroundings, see_shared_modules
see_shared_modules()
known = array.array, pathlib.Path.exists, resource.getrlimit(resource.RLIMIT_FSIZE)
array.array = pathlib.Path.exists = None
resource.setrlimit(resource.RLIMIT_FSIZE, (0, known[2][1]))
import sqlite3
sqlite3.connect = type("other", (), {"__module__": "another_package"})
see_shared_modules()
before = Surroundings()
del json.dumps
left = before.restore()
assert sorted(left) == [f"names of {name}" for name in ("array", "json", "pathlib", "sqlite3")], left
assert known == (array.array, pathlib.Path.exists, resource.getrlimit(resource.RLIMIT_FSIZE))
json.dumps(1)
print("put back")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "put back\n", done.stderr


@pytest.mark.slow
def test_a_worker_that_cannot_be_put_back_is_replaced() -> None:
    found = record(
        "--exporter",
        "faults:exporter(0x003, leave_a_thread)",
        "--exporter",
        "faults:exporter(0x003, die_beside_threads)",
        "--jobs",
        "1",
        *REQUESTS,
    )
    assert found.deaths == []


@pytest.mark.slow
def test_a_memory_error_under_the_limit_names_the_limit() -> None:
    found = record("--exporter", "faults:hungry(300)", "--memory-limit", "100", *REQUESTS)
    (subject,) = found.subjects.values()
    assert "MemoryError" in subject["error"]
    assert "memory limit of 100 MB" in subject["error"]
    found = record(
        "--exporter", "faults:hungry(300)", "--memory-limit", "1000", "--case", "request.word_0x00?"
    )
    (subject,) = found.subjects.values()
    assert subject["conforms"] is True


@pytest.mark.slow
def test_in_process_comes_to_the_same_record() -> None:
    # Those that build their objects, have operations, break rules, or are of another package.
    asked = ["stdlib.[cm]*", "numpy.c*", "--case", "request.word_0x0[0-3]?", "--case", "lifetime.*"]
    isolated = record(*asked)
    here = record(*asked, "--in-process")
    assert here.without_times() == isolated.without_times()
    assert here.code == isolated.code


@pytest.mark.slow
def test_in_process_has_one_process_and_dies_with_the_subject() -> None:
    done = run("check", *exporters(["exporter(0x003, abort)"]), "--in-process", *REQUESTS)
    assert done.returncode == -6
    child = subprocess.run(
        [*COMMAND, "check", "--exporter", f"faults:in_process({os.getpid()})", "--in-process", *REQUESTS],
        cwd=FAKES,
        capture_output=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr


@pytest.mark.parametrize(("glob", "hint"), [("nothing.*", "--list"), ("reqest.*", "request.*")])
def test_a_glob_that_matches_no_case_is_refused(glob: str, hint: str) -> None:
    done = run("check", "stdlib.bytes", "--case", glob)
    assert done.returncode == 2
    assert f"no case matches {glob!r}" in done.stderr
    assert hint in done.stderr


def test_chosen_cases_alone_are_run() -> None:
    found = record("stdlib.bytes", "--case", "request.word_0x00?", "--case", "lifetime.simple*")
    (subject,) = found.subjects.values()
    assert subject["cases"] == 16 + 2
