"""Does a run survive what its subjects do to their process, and tell which case did it?

Each fake in fakes/bad_exporters.py does one thing when it is asked with one flag word.  Many more are tried
in test_faults.py, in runs of the test's own process; here one of a kind by the command line, nightly all.
"""

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
from command_line import COMMAND, FAKES, REQUESTS, Event, events_from_lines, exporters, record, run
from conftest import drawn

STRIDES = 0x018
CASE = "request.word_0x018"


def judged_rules(subject: Event) -> dict[str, tuple[str, int]]:
    return {id_: (rule["outcome"], rule["cases"]) for id_, rule in subject["rules"].items()}


def planned_cases(*chosen: str) -> int:
    listing = json.loads(run("check", "stdlib.bytes", *chosen, "--list", "--format", "json").stdout)
    return len(listing["targets"]["exporter"]["cases"])


DEADLY = [
    ("segfault", "crash", "SIGSEGV"),
    ("abort", "crash", "SIGABRT"),
    ("terminate", "crash", "SIGTERM"),
    ("leave", "exit", None),
    ("lambda: leave(0)", "exit", None),
]


@pytest.mark.parametrize(
    ("misdeed", "outcome", "signal_name"), drawn(DEADLY, 3, kind=lambda deadly: deadly[1])
)
@pytest.mark.slow
def test_a_death_is_one_outcome_of_the_case_that_did_it(
    misdeed: str, outcome: str, signal_name: str | None
) -> None:
    found = record(*exporters([f"exporter({STRIDES}, {misdeed})"]), *REQUESTS)
    assert found.code == 1
    first = found.deaths[0]
    assert first["case"] == CASE
    assert first["outcome"] == outcome
    assert first.get("signal") == signal_name
    assert found.foot["complete"] is True
    (subject,) = found.subjects.values()
    assert subject["conforms"] is False


@pytest.mark.slow
def test_everything_before_and_after_a_death_is_kept(undisturbed: Event) -> None:
    found = record(*exporters(["exporter(0x003, segfault)"]), *REQUESTS)
    (death,) = found.deaths
    (subject,) = found.subjects.values()
    assert death["case"] == "request.word_0x003"
    assert subject["cases"] == undisturbed["cases"] - 1
    assert subject["cases_skipped"] == 0


@pytest.mark.parametrize("misdeed", drawn(["hang", "hang_with_the_lock"], 2))
@pytest.mark.slow
def test_a_hang_is_killed_and_is_one_outcome(misdeed: str, undisturbed: Event) -> None:
    found = record(*exporters([f"exporter(0x003, {misdeed})"]), "--timeout", "1", *REQUESTS)
    (death,) = found.deaths
    assert (death["outcome"], death["case"]) == ("hang", "request.word_0x003")
    (subject,) = found.subjects.values()
    assert subject["cases"] == undisturbed["cases"] - 1


@pytest.mark.slow
def test_after_three_like_deaths_the_rest_is_skipped_with_the_reason() -> None:
    found = record(*exporters(["exporter(lambda flags: not flags & 4, leave)"]), "--case", "request.word_*")
    (subject,) = found.subjects.values()
    assert [death["case"] for death in found.deaths] == [f"request.word_0x00{word}" for word in range(3)]
    assert subject["deaths"] == 3
    assert subject["cases_skipped"] == 1024 - 3
    assert subject["reason"] == "3 identical exits, the process exited with status 7"


@pytest.mark.slow
def test_identical_deaths_skip_their_area_and_then_everything() -> None:
    chosen = [*REQUESTS, "--case", "data.*"]
    found = record(*exporters(["exporter(lambda flags: not flags & 4, leave)"]), *chosen)
    (subject,) = found.subjects.values()
    areas = [str(death["case"]).partition(".")[0] for death in found.deaths]
    assert areas == ["request", "request", "request", "data"]
    assert subject["cases"] + subject["cases_skipped"] + subject["deaths"] == planned_cases(*chosen)


@pytest.mark.slow
def test_a_subject_that_always_hangs_costs_the_time_of_three_cases() -> None:
    found = record(*exporters(["exporter(lambda flags: not flags & 4, hang)"]), "--timeout", "1")
    assert [death["outcome"] for death in found.deaths] == ["hang"] * 3
    (subject,) = found.subjects.values()
    assert (subject["cases"], subject["cases_skipped"]) == (0, planned_cases() - 3)


@pytest.mark.parametrize("misdeed", drawn(["flood", "close_streams", "read_input", "fork"], 4))
def test_the_standard_streams_and_children_of_a_subject_disturb_nothing(
    misdeed: str, undisturbed: Event
) -> None:
    found = record(*exporters([f"exporter(0x003, {misdeed})"]), *REQUESTS)
    (subject,) = found.subjects.values()
    assert judged_rules(subject) == judged_rules(undisturbed)
    assert found.foot["complete"] is True


@pytest.mark.slow
def test_one_subject_dying_changes_nothing_for_the_others() -> None:
    alone = record("stdlib.bytes", "stdlib.memoryview", *REQUESTS)
    dying = exporters([f"exporter({STRIDES}, segfault)"])
    beside = record("stdlib.bytes", "stdlib.memoryview", *dying, *REQUESTS)
    for name, subject in alone.subjects.items():
        assert judged_rules(beside.subjects[name]) == judged_rules(subject)


@pytest.mark.slow
def test_nobody_is_blamed_for_what_an_earlier_subject_did() -> None:
    found = record(
        *exporters(["exporter(0x003, do_harm)", "exporter(0x003, suffer_harm)"]), "--jobs", "1", *REQUESTS
    )
    assert found.deaths == []
    assert found.code == 0


def notes_of_another(subject: Event) -> list[str]:
    """What is noted of rules that it may have broken by the fault of an earlier one."""
    return [one for one in subject["notes"] if "not again in a new one" in one]


@pytest.mark.slow
def test_nobody_breaks_a_rule_by_what_an_earlier_subject_did() -> None:
    harmed = "of_wrong_itemsize(__import__('bad_exporters').harm_is_done)"
    found = record(*exporters(["exporter(0x003, do_harm)", harmed]), "--jobs", "1", *REQUESTS)
    assert (found.code, found.named("case-failed")) == (0, [])
    (note,) = notes_of_another(found.subjects[f"bad_exporters:{harmed}"])
    assert "format.itemsize.agrees" in note


@pytest.mark.slow
def test_a_rule_that_a_new_worker_finds_broken_too_stays_broken() -> None:
    wrong = "of_wrong_itemsize(lambda: True)"
    alone = record(*exporters([wrong]), *REQUESTS)
    beside = record(*exporters(["exporter(0x003, do_harm)", wrong]), "--jobs", "1", *REQUESTS)
    assert beside.code == 1
    (of_alone,) = alone.subjects.values()
    of_beside = beside.subjects[f"bad_exporters:{wrong}"]
    assert judged_rules(of_beside) == judged_rules(of_alone)
    assert notes_of_another(of_beside) == []


@pytest.mark.slow
def test_a_death_before_the_first_case_ends_the_subject_only() -> None:
    found = record("stdlib.bytes", "--exporter", "os:_exit(3)")
    assert found.code == 1
    assert found.subjects["stdlib.bytes"]["conforms"] is True
    assert found.subjects["os:_exit(3)"]["conforms"] is False
    assert {death["outcome"] for death in found.deaths} == {"exit"}


def test_a_factory_that_fails_later_is_an_error_not_a_verdict() -> None:
    found = record(*exporters(["factory_failing_after(1)"]))
    (subject,) = found.subjects.values()
    assert found.code == 3
    assert subject["conforms"] is None
    assert "RuntimeError: the factory is out of objects" in subject["error"]
    assert found.foot["complete"] is False


def test_a_factory_that_exits_is_refused_as_configuration() -> None:
    done = run("check", *exporters(["factory_leaving()"]))
    assert done.returncode == 2
    assert "SystemExit" in done.stderr


@pytest.mark.slow
def test_the_report_tells_of_deaths_and_what_was_skipped() -> None:
    done = run("check", *exporters(["exporter(lambda flags: not flags & 4, leave)"]), *REQUESTS)
    assert done.returncode == 1
    assert "the process exited with status 7" in done.stdout
    assert "3 identical exits" in done.stdout
    assert "bufspec replay 'bad_exporters:" in done.stdout


def test_a_replay_of_a_death_shows_the_death() -> None:
    done = run("replay", *exporters([f"exporter({STRIDES}, abort)"]), CASE, "--format", "json")
    assert done.returncode == 1
    shown: dict[str, Any] = json.loads(done.stdout)
    assert (shown["outcome"], "SIGABRT" in shown["found"]) == ("crash", True)


def workers_of(driver: int) -> list[int]:
    """The processes whose parent is `driver`, by the process table."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == driver
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


ENDS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]


def hear_signals() -> None:
    """Tests in the background, or under nohup, are born deaf to some signals, and so would be the driver."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


HANGS = [(misdeed, end) for end in ENDS for misdeed in ("hang_visibly", "hang_visibly_with_the_lock")]


@pytest.mark.parametrize(
    ("misdeed", "end"),
    drawn(HANGS, 2, kind=lambda hang: hang[1]),
    ids=lambda one: one if isinstance(one, str) else one.name,
)
@pytest.mark.slow
def test_no_worker_outlives_the_driver(misdeed: str, end: signal.Signals, tmp_path: Path) -> None:
    asked = [*exporters([f"exporter(0x001, {misdeed})"]), "--timeout", "100", "--format", "json"]
    command = [*COMMAND, "check", *asked]
    with subprocess.Popen(
        command,
        cwd=FAKES,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "BUFSPEC_TEST_MARKS": str(tmp_path)},
        preexec_fn=hear_signals,
    ) as driver:
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        keepers = workers_of(driver.pid)
        workers = [*keepers, *(worker for keeper in keepers for worker in workers_of(keeper))]
        assert len(workers) == 2 * len(keepers) > 0
        driver.send_signal(end)
        said, complaint = driver.communicate(timeout=60)
        code = driver.returncode
    if end is signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == 128 + end
        foot = events_from_lines(said.decode())[-1]
        assert (foot["event"], foot["complete"], foot["reason"]) == ("run-finished", False, "interrupted")
        lost = f"interrupted by {end.name}: what was judged so far is lost; with --out DIR"
        assert lost in complaint.decode()
    deadline = time.monotonic() + 60
    while any(is_running(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_running(worker) for worker in workers)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_second_interrupt_ends_the_command_at_once(tmp_path: Path) -> None:
    code = """
import time
from bufspec.commands.ending import ending_well
from bufspec.commands.signals import run_in_loop
async def never_ends():
    print("begun", flush=True)
    while True:
        time.sleep(0.1)
@ending_well
def command():
    run_in_loop(never_ends)
command()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == b"begun\n"
        driver.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            driver.wait(timeout=0.3)
        driver.send_signal(signal.SIGINT)
        assert driver.wait(timeout=10) == 130


@pytest.mark.slow
def test_a_death_is_told_also_where_the_ends_of_children_are_ignored() -> None:
    one = ["--exporter", "bad_exporters:exporter(0x003, abort)", "--case", "request.word_0x003"]
    done = subprocess.run(
        [*COMMAND, "check", *one, "--format", "json"],
        cwd=FAKES,
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
        capture_output=True,
        check=False,
    )
    (death,) = [one for one in map(json.loads, done.stdout.splitlines()) if one["event"] == "case-failed"]
    assert (death["outcome"], done.returncode, done.stderr) == ("crash", 1, b"")


def test_an_interrupt_before_the_command_is_there_is_no_new_failure() -> None:
    code = """
import os, signal
from bufspec import cli
cli.import_module = lambda name: os.kill(os.getpid(), signal.SIGINT)
cli.main(["check"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], preexec_fn=hear_signals, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_an_interrupt_while_modules_are_imported_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bufspec", "check"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        # jsonschema-rs looks for decimal while it is imported, and would make a panic of an exception.
        ("sys.meta_path.insert(0, Sends()); import bufspec.run.recorded", 143, "interrupted by SIGTERM"),
        (
            "try: signal.raise_signal(15)\n    except KeyboardInterrupt: raise Panic from None",
            143,
            "interrupted by SIGTERM",
        ),
        ("raise Panic('unwrapped')", 3, "error: bufspec itself failed: Panic: unwrapped"),
    ],
)
def test_what_native_code_makes_of_a_signal_does_not_hide_it(body: str, code: int, said: str) -> None:
    text = f"""
import signal, sys
from bufspec.commands.ending import ending_well
class Panic(BaseException): pass
class Sends:
    def find_spec(self, name, path=None, target=None):
        if name == "decimal": signal.raise_signal(15)
@ending_well
def command():
    {body}
command()
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (code, said)


def test_an_exception_that_nobody_caught_is_a_sentence_and_3() -> None:
    code = """
from bufspec.commands.ending import ending_well
@ending_well
def command():
    raise KeyError("lost")
command()
"""
    for more, told in (({}, False), ({"BUFSPEC_TRACEBACK": "1"}, True)):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3
        assert "error: bufspec itself failed: KeyError: 'lost'" in done.stderr
        assert ("Traceback" in done.stderr) == told


@pytest.mark.parametrize(
    "command", ["check", "pairs", "mutants", "replay", "subjects", "bench", "spec check"]
)
def test_each_help_says_how_a_signal_ends_it(command: str) -> None:
    assert "130 for INT" in " ".join(run(*command.split(), "--help").stdout.split())


@pytest.mark.parametrize(("times", "deaths"), [(1, 0), (2, 1)])
@pytest.mark.slow
def test_who_is_killed_before_the_first_case_is_tried_once_more(
    times: int, deaths: int, tmp_path: Path
) -> None:
    (tmp_path / "killed.py").write_text(
        "import os, pathlib\n"
        "from bufspec.declare import exporter\n"
        "@exporter('mine.bytes')\n"
        "def make():\n"
        "    kills = pathlib.Path('kills')\n"
        "    done = len(kills.read_bytes()) if kills.exists() else 0\n"
        f"    if done < {times}:\n"
        "        kills.write_bytes(bytes(done + 1))\n"
        "        os.kill(os.getpid(), 9)  # as the system does when memory runs out\n"
        "    return b'abc'\n",
        encoding="utf-8",
    )
    done = run("check", "--subjects", "killed.py", *REQUESTS, "--format", "json", cwd=tmp_path)
    events = events_from_lines(done.stdout)
    (finished,) = (one for one in events if one["event"] == "subject-finished")
    assert (finished["deaths"], done.returncode) == (deaths, min(deaths, 1)), done.stderr
