"""Does a record of the zoo stay until the next one is whole, and is one that was cut short continued?

A run of bufspec check stands in for the command: it judges nothing, and can be cut short at each step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import frozen
from bufspec.errors import OutputError, RecordError
from bufspec.processes.own_command import CommandEnd
from bufspec.run.plan import Options
from bufspec.run.record import EVENTS_FILE, Recorder
from bufspec.run.resume import begun, continued
from bufspec.run.workspace import DRIVER_FILE
from bufspec.zoo import records
from bufspec.zoo.records import (
    KNOWN_FAILURES,
    MADE_OF,
    Recorded,
    is_made_with_other_known_failures,
    recorded,
)
from test_whole_files import full

OLD, NEW = {"mine": "1.0 abc"}, {"mine": "2.0 abc"}
ASKED = Options(patterns=("mine.*",))


class Killed(Exception):
    """What ends the stand-in as SIGKILL ends a command: nothing is tidied up."""


@frozen
class Row:
    """What a record says: by which run it was made."""

    made_by: str
    is_whole: bool
    code: int = 0


def row_in(folder: Path) -> Row | None:
    """What the record in the folder says."""
    try:
        lines = [json.loads(one) for one in (folder / EVENTS_FILE).read_text("utf-8").splitlines()]
    except FileNotFoundError:
        return None
    return Row(lines[0]["made_by"], len(lines) > 1) if lines else None


class Command:
    """Stands in for bufspec check: what it was asked for, and when it is cut short."""

    def __init__(self) -> None:
        self.number = 0
        self.asked: list[str] = []
        self.killed_at = ""

    def __call__(self, command: str, *words: str) -> CommandEnd:
        self.number += 1
        folder, is_resumed = (
            Path(words[words.index("--out") + 1 if "--out" in words else 1]),
            "--resume" in words,
        )
        self.asked.append("resume" if is_resumed else "anew")
        if self.killed_at == "before":
            raise Killed
        try:
            with (
                continued(folder) if is_resumed else begun(folder, ASKED, force="--force" in words) as work,
                Recorder.open(folder, work=work) as recorder,
            ):
                recorder.write({"made_by": str(self.number)})
                if self.killed_at == "within":
                    (work / DRIVER_FILE).write_text("1 0\n")
                    raise Killed
                recorder.write({"complete": True})
        except (OutputError, RecordError) as error:
            return CommandEnd(command, error.exit_code, f"{error.render()}\n")
        if self.killed_at == "after":
            raise Killed
        return CommandEnd(command, 0, "")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    made = Command()
    monkeypatch.setattr(records, "run_command", made)
    return made


def judged(folder: Path, parts: dict[str, str], *, again: bool = False) -> Recorded[Row]:
    """The record of a package in that folder, made of these parts."""
    return recorded(folder, EVENTS_FILE, parts, lambda: row_in(folder), ["check", "mine.*"], again=again)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("moment", ["before", "within"])
def test_the_record_that_was_there_outlives_a_run_that_was_killed(
    moment: str, again: bool, command: Command, tmp_path: Path
) -> None:
    assert judged(tmp_path, OLD).found == Row("1", True)
    command.killed_at = moment
    with suppress(Killed):
        judged(tmp_path, OLD if again else NEW, again=again)
    assert row_in(tmp_path) == Row("1", True)
    command.killed_at = ""
    assert judged(tmp_path, OLD if again else NEW) == Recorded(Row("3", True))
    assert command.asked[-1] == ("resume" if moment == "within" else "anew")
    assert judged(tmp_path, OLD if again else NEW).kept
    assert sorted(one.name for one in tmp_path.iterdir()) == [EVENTS_FILE, MADE_OF]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_record_of_which_nobody_knows_what_it_is_made_of_is_made_again(
    text: str, command: Command, tmp_path: Path
) -> None:
    judged(tmp_path, OLD)
    (tmp_path / MADE_OF).write_text(text, "utf-8")
    assert judged(tmp_path, OLD) == Recorded(Row("2", True))


def test_a_record_is_never_taken_for_one_of_other_parts(command: Command, tmp_path: Path) -> None:
    """Not where the run that replaced it was killed before that was noted, nor where another began."""
    judged(tmp_path, OLD)
    for moment in ("before", "within", "after"):
        command.killed_at = moment
        with suppress(Killed):
            judged(tmp_path, NEW)
        command.killed_at, ran = "", command.number
        assert judged(tmp_path, OLD) == Recorded(Row(str(ran + 1), True))
        assert command.asked[-1] == "anew"


def test_a_record_is_told_from_one_with_other_known_failures(command: Command, tmp_path: Path) -> None:
    known, more = ({"engine": "a", f"{KNOWN_FAILURES}mine": one} for one in ("1", "2"))
    judged(tmp_path, known)
    assert is_made_with_other_known_failures(tmp_path, more)
    assert not is_made_with_other_known_failures(tmp_path, known), "it is made of these"
    assert not is_made_with_other_known_failures(tmp_path, {**more, "engine": "b"})
    assert not is_made_with_other_known_failures(tmp_path, {**more, "another": "c"})
    command.killed_at = "after"
    with suppress(Killed):
        judged(tmp_path, {**more, "engine": "b"})
    assert not is_made_with_other_known_failures(tmp_path, more), "the record is of another run"


def test_a_full_disk_is_said_and_costs_neither_record_nor_what_was_finished(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(tmp_path, OLD)
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(OutputError, match="No space left"):
            judged(tmp_path, NEW)
    assert row_in(tmp_path) == Row("1", True)
    command.killed_at = "within"
    with suppress(Killed):
        judged(tmp_path, NEW)
    command.killed_at = ""
    with monkeypatch.context() as patch:
        full(patch)
        came = judged(tmp_path, NEW)
    assert (came.found, came.code) == (None, 3)
    assert "No space left" in came.reason
    assert row_in(tmp_path) == Row("1", True)
    assert judged(tmp_path, NEW).found == Row("4", True)
    assert command.asked[-1] == "resume"


def test_nothing_is_removed_where_another_process_is_judging(command: Command, tmp_path: Path) -> None:
    judged(tmp_path, OLD)
    with begun(tmp_path, ASKED, force=True) as work:
        before = sorted(work.iterdir())
        with pytest.raises(RecordError, match="still running there"):
            judged(tmp_path, NEW)
        assert sorted(work.iterdir()) == before
    assert row_in(tmp_path) == Row("1", True)


def test_of_a_run_that_could_not_begin_the_record_before_is_not_shown_as_its_own(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(tmp_path, OLD)
    monkeypatch.setattr(
        records, "run_command", lambda *words: CommandEnd("check", 2, "error: mine is not installed\n")
    )
    assert judged(tmp_path, NEW) == Recorded(None, "mine is not installed", 3)
    assert row_in(tmp_path) == Row("1", True)
