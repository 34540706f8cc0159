"""Are interpreters and other implementations shown side by side: what differs, and what changed?"""

from __future__ import annotations

import json
import shlex
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from bufspec.reports.page.gathered import label_of
from bufspec.reports.runtimes import Runtime, came_to, rows_of, steps_of
from bufspec.reports.terminal.runtimes import print_runtimes
from bufspec.runtimes.which import sorted_paths
from bufspec.runtimes.worlds import WORLDS, World, commands_of_worlds, worlds
from command_line import run
from rich.console import Console

EXAMPLE = Path(__file__).resolve().parents[1] / "adapters" / "remote" / "examples" / "peer.py"
PEER = shlex.join([sys.executable, str(EXAMPLE)])


def runtime(name: str, **subjects: dict[str, Any]) -> Runtime:
    """What an interpreter came to, from the events of a record."""
    made = Runtime(name, "/usr/bin/python")
    for subject, rules in subjects.items():
        for rule, outcome in rules.items():
            if outcome in ("fail", "crash"):
                dead = outcome == "crash"
                event = {"event": "case-failed", "subject": subject, "rule": None if dead else rule}
                made.take({**event, "outcome": outcome, "verdict": "news"})
        plain = {rule: {"outcome": outcome} for rule, outcome in rules.items() if outcome != "crash"}
        made.take({"event": "subject-finished", "subject": subject, "rules": plain})
    made.take({"event": "run-finished", "complete": True})
    return made


def test_rule_by_interpreter_and_what_changed() -> None:
    old = runtime(
        "CPython 1", one={"x": "pass", "y": "fail"}, two={"x": "pass", "y": "skip"}, gone={"x": "pass"}
    )
    new = runtime(
        "CPython 2", one={"x": "fail", "y": "fail"}, two={"x": "pass", "death": "crash"}, more={"x": "pass"}
    )
    rows = {row.rule: (row.cells, row.differs) for row in rows_of([old, new])}
    assert rows == {
        "death": (("-", "1"), True),
        "x": (("ok", "1 of 3"), True),
        "y": (("1 of 2", "1 of 1"), True),
    }
    (step,) = steps_of([old, new])
    found = {(one.subject, one.rule): (one.old, one.new, one.is_expected) for one in step.changes}
    assert found == {
        ("one", "x"): ("pass", "fail", False),
        ("two", "y"): ("skip", "absent", True),
        ("two", "death"): ("pass", "crash", False),
    }
    assert (step.new_subjects, step.gone_subjects) == (["more"], ["gone"])
    assert came_to(new, "two", "x") == "pass" and came_to(new, "two", "y") == "the process ends (crash)"
    assert came_to(new, "nobody", "x") == "absent"


def test_one_that_could_not_be_judged_has_a_column_of_nothing() -> None:
    old, new = runtime("CPython 1", one={"x": "pass"}), runtime("Jython 2", one={"x": "fail"})
    none = Runtime("PyPy 3", "/usr/bin/pypy3")
    none.reason = "its C API counts no references"
    every = [old, none, new]
    rows, steps = rows_of(every), steps_of([old, new])
    assert [row.cells for row in rows] == [("ok", "-", "1 of 1")]
    shown = StringIO()
    print_runtimes(Console(file=shown, width=80), every, rows, steps, verbose=False)
    text = shown.getvalue()
    assert "B  PyPy 3     not judged: its C API counts no references" in text
    assert [line.split() for line in text.splitlines() if line.startswith("x ")] == [
        ["x", "ok", "-", "1", "of", "1"]
    ]


def test_another_implementation_differs_where_a_rule_is_broken_here_and_kept_there() -> None:
    """It shows less of itself, so what it skips is no difference."""
    first = runtime("CPython 1", one={"seen": "pass", "kept": "pass", "both": "fail"}, gone={"x": "fail"})
    last = runtime("CPython 2", one={"seen": "pass", "kept": "pass", "both": "fail"}, gone={"x": "fail"})
    other = runtime("Jython 3", one={"seen": "skip", "kept": "fail", "both": "fail"})
    more = runtime("PyPy 4", one={"seen": "pass", "kept": "pass", "both": "fail"})
    every = [first, last, other, more]
    assert [row.rule for row in rows_of(every) if row.differs] == ["kept"]
    steps = steps_of(every)
    assert [(one.old, one.new) for one in steps] == [
        ("CPython 1", "CPython 2"),
        ("CPython 2", "Jython 3"),
        ("CPython 2", "PyPy 4"),
    ]
    assert [(one.rule, one.old, one.new) for one in steps[1].changes] == [("kept", "pass", "fail")]
    assert steps[1].gone_subjects == ["gone"] and not steps[2].changes


def test_subjects_of_another_implementation_stand_where_those_of_the_library_do() -> None:
    own = {
        "stdlib.bytes": "x.bytes",
        "stdlib.array_h": "x.array_h",
        "runtime.memoryview": "x.memoryview_type",
    }
    world = World("X 1", "run", own)
    assert world.asked(["stdlib.*"]) == ["x.bytes", "x.array_h"]
    assert world.asked(["runtime.*", "x.bytes"]) == ["x.bytes", "x.memoryview_type"]
    assert world.asked(["numpy.*"]) == []
    made = Runtime("X 1", "run", shared_names={"x.bytes": "stdlib.bytes"})
    made.take({"event": "subject-finished", "subject": "x.bytes", "rules": {"x": {"outcome": "pass"}}})
    assert list(made.subjects) == ["stdlib.bytes"]


def test_worlds_are_found_and_those_that_do_not_answer_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands_of_worlds() == []
    for name, text in (
        ("one", f"exec {PEER}"),
        ("two", "echo 'two: not installed; run two/install' >&2; exit 1"),
    ):
        script = tmp_path / "harness/adapters/remote/worlds" / name / "run"
        script.parent.mkdir(parents=True)
        script.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        script.chmod(0o755)
    usable, silent = worlds(commands_of_worlds())
    assert [(one.path, one.subjects["stdlib.bytes"]) for one in usable] == [
        (str(tmp_path / "harness/adapters/remote/worlds/one/run"), "example.bytes")
    ]
    assert [(one.name, one.reason) for one in silent] == [("two", "not installed; run two/install")]


def test_the_path_of_a_world_means_its_peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / WORLDS / "mine" / "run"
    program.parent.mkdir(parents=True)
    program.touch()
    relative = str(program.relative_to(tmp_path))
    assert sorted_paths(["/usr/bin/python3", relative, str(program)]) == (
        ["/usr/bin/python3"],
        [str(program), str(program)],
    )


@pytest.mark.slow
def test_a_peer_is_shown_with_a_page(tmp_path: Path) -> None:
    html, out = tmp_path / "page.html", tmp_path / "records"
    words = ("--remote", PEER, "stdlib.bytes", "--case", "data.read_0x11c")
    done = run("runtimes", *words, "--html", str(html), "--out", str(out), "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [one["path"] for one in said["runtimes"]] == [PEER]
    (folder,) = out.iterdir()
    assert said["runtimes"][0]["record"] == str(folder)
    assert said["runtimes"][0]["name"] in html.read_text(encoding="utf-8")
    none = run("runtimes", "--remote", PEER, "numpy.*")
    assert none.returncode == 2 and "none of its subjects is asked for" in none.stderr


def test_the_page_calls_a_record_by_what_it_is_from() -> None:
    head = {"versions": {"bufspec": "1", "CPython": "3.14.1"}}
    build = {"implementation": "CPython", "debug": True, "free_threaded": False}
    assert label_of(head) == "CPython 3.14.1"
    assert label_of({**head, "interpreter": build}) == "CPython 3.14.1 debug"
    of_peer = {"Jython": "2.7.4", **head["versions"]}
    assert label_of({"versions": of_peer, "interpreter": build}) == "Jython 2.7.4"
