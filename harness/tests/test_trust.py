"""Does code that a record names run only where this user's own run wrote it, or where it is trusted?

A record of somebody else is one that was signed with another key: the state folder is what differs.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from bufspec.errors import TrustError
from bufspec.files.problem import Refused
from bufspec.replay.named import case_from_record
from bufspec.run import last_failed, signature
from bufspec.run.case_id import CaseId
from bufspec.run.kept import Kept
from bufspec.run.plan import Options
from bufspec.run.record import EVENTS_FILE, names_code
from bufspec.run.resume import FOLDER, asked_in
from bufspec.wire.remote_file import remote_file
from command_line import run
from hostile_files.rows import fault_of
from hostile_files.state_inputs import (
    ASKED,
    EXPRESSION,
    FINISHED,
    FORGERIES,
    PLAN,
    changes,
    genuine,
    interrupted,
    recorded,
)

Elsewhere = Callable[[], None]


@pytest.fixture
def as_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """From the call on, the user is another one."""
    genuine()  # with the key of the first
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state of another"))


def replayed(path: Path, *, trust: bool = False) -> str:
    return case_from_record(str(path), io.BytesIO(), trust=trust).subject


def failure() -> tuple[int, bytes]:
    """The first failure of the record, with the number of its line, from 0."""
    lines = genuine().record.split(b"\n")
    return next((number, line) for number, line in enumerate(lines) if b'"case-failed"' in line)


@pytest.mark.slow
def test_a_record_of_ones_own_is_replayed_and_one_of_others_says_what_it_would_run(
    tmp_path: Path, as_another: Elsewhere
) -> None:
    recorded(tmp_path / "record")
    assert replayed(tmp_path / "record") == EXPRESSION
    line = failure()[1]
    assert case_from_record("-", io.BytesIO(line)).subject == EXPRESSION
    as_another()
    with pytest.raises(TrustError, match=r"would run: ctypes:\(c_int \* 2\)\(\)\n") as refused:
        replayed(tmp_path / "record")
    assert refused.value.where.endswith(f"{EVENTS_FILE}:{failure()[0] + 1}:1")
    with pytest.raises(TrustError):
        case_from_record("-", io.BytesIO(line))
    assert replayed(tmp_path / "record", trust=True) == EXPRESSION


def test_a_record_is_ones_own_only_in_the_folder_where_names_mean_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path / "record")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrustError):
        replayed(tmp_path / "record")


@pytest.mark.parametrize("field", ["subject", "case", "rule", "replay", "statement"])
def test_nothing_of_a_signed_failure_can_be_changed(field: str, tmp_path: Path) -> None:
    recorded(tmp_path / "record")
    file = tmp_path / "record" / EVENTS_FILE
    lines = file.read_text(encoding="utf-8").split("\n")
    number, line = failure()
    event = json.loads(line)
    lines[number] = json.dumps({**event, field: event[field] + " "})
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TrustError):
        replayed(tmp_path / "record")


@pytest.mark.parametrize(
    ("more", "option"),
    [
        ({"files": ("own.py",)}, "--subjects"),
        ({"files": ("./libown.so",)}, "--native"),
        ({"files": (remote_file("node peer.mjs"),)}, "--remote"),
        ({"python": "/usr/bin/python3"}, "--python"),
    ],
)
def test_every_failure_whose_replay_runs_a_program_is_signed(more: dict[str, Any], option: str) -> None:
    command = CaseId("own.thing", "data.read_0x11c", **more).command
    assert f" {option} " in command
    assert names_code({"event": "case-failed", "subject": "own.thing", "replay": command})


def test_what_names_no_code_needs_no_signature(tmp_path: Path, as_another: Elsewhere) -> None:
    recorded(tmp_path / "record")
    file = tmp_path / "record" / EVENTS_FILE
    file.write_text(file.read_text(encoding="utf-8").replace(EXPRESSION, "stdlib.bytes"), encoding="utf-8")
    as_another()
    assert replayed(tmp_path / "record") == "stdlib.bytes"


def test_a_state_is_taken_up_by_who_began_it(tmp_path: Path, as_another: Elsewhere) -> None:
    interrupted(tmp_path / "state")
    assert asked_in(tmp_path / "state") == ASKED
    as_another()
    with pytest.raises(TrustError, match=r"would run: ctypes:\(c_int \* 2\)\(\)\n"):
        asked_in(tmp_path / "state")
    assert asked_in(tmp_path / "state", trust=True) == ASKED
    kept = Kept(tmp_path / "state" / FOLDER, genuine().plan)
    with pytest.raises(TrustError):
        kept.begin()
    trusting = Kept(tmp_path / "state" / FOLDER, genuine().plan, trust=True)
    trusting.begin()
    assert trusting.finished == genuine().finished


def test_trust_is_no_leave_to_lie_about_the_plan(tmp_path: Path) -> None:
    interrupted(tmp_path / "state")
    changes(PLAN, lambda kept: kept.update(tables="others"))(tmp_path / "state")
    trusting = Kept(tmp_path / "state" / FOLDER, genuine().plan, trust=True)
    with pytest.raises(Exception, match="started with other tables"):
        trusting.begin()
    other = evolve(genuine().plan, options=evolve(ASKED, seed=7))
    interrupted(tmp_path / "other")
    with pytest.raises(Exception, match="started with other options"):
        Kept(tmp_path / "other" / FOLDER, other, trust=True).begin()


FORGED = (
    "another subject",
    "no totals",
    "totals that are a list",
    "a failure that is none",
    "a death more",
    "no run",
    "another number",
    "another plan",
)


@pytest.mark.parametrize("label", FORGED)
def test_a_state_that_is_trusted_still_has_to_be_one(label: str, tmp_path: Path) -> None:
    interrupted(tmp_path / "state")
    changes(FINISHED, FORGERIES[label])(tmp_path / "state")
    trusting = Kept(tmp_path / "state" / FOLDER, genuine().plan, trust=True)
    with pytest.raises(Refused) as refused:
        trusting.begin()
    assert fault_of(refused.value) is None


@pytest.fixture
def remembering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed last, in a cache of its own: an expression."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    record = [json.loads(line) for line in genuine().record.decode().splitlines()]
    last_failed.remember(record, {}, "required")


def test_what_failed_last_is_judged_again_by_who_judged_it(remembering: None, as_another: Elsewhere) -> None:
    narrowed = last_failed.only_last_failed(Options())
    assert narrowed is not None and narrowed.expressions == (EXPRESSION,)
    as_another()
    with pytest.raises(TrustError, match="would run"):
        last_failed.only_last_failed(Options())
    assert last_failed.only_last_failed(Options(), trust=True) == narrowed
    # What is named on the command line runs in any case.
    assert last_failed.only_last_failed(Options(expressions=(EXPRESSION,))) is not None


def test_a_later_run_does_not_sign_what_somebody_else_left(remembering: None, as_another: Elsewhere) -> None:
    as_another()
    last_failed.remember([], {}, "required")
    assert last_failed.remembered() == ({}, True)


def test_the_key_is_the_users_alone_and_one_that_others_can_read_signs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "new"))
    value = signature.signed("kind", {"a": 1})
    file = signature.key_file()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert signature.is_signed("kind", value)
    assert not signature.is_signed("another kind", value)
    assert not signature.is_signed("kind", {**value, "a": 2})
    assert not signature.is_signed("kind", {**value, "b": 1})
    file.chmod(0o640)
    assert not signature.is_signed("kind", value)
    assert "signature" not in signature.signed("kind", {"a": 1})
    file.chmod(0o600)
    file.write_bytes(b"short")
    assert "signature" not in signature.signed("kind", {"a": 1})
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert "signature" not in signature.signed("kind", {"a": 1})


def test_the_commands_refuse_with_2_and_run_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    evil = f"pathlib:Path({str(mark)!r}).touch()"
    (tmp_path / "record").mkdir()
    line = json.dumps({**json.loads(failure()[1]), "subject": evil})
    (tmp_path / "record" / EVENTS_FILE).write_text(line + "\n", encoding="utf-8")
    done = run("replay", "--record", str(tmp_path / "record"))
    assert (done.returncode, "touch()" in done.stderr, mark.exists()) == (2, True, False)
    interrupted(tmp_path / "state")
    changes(f"{FOLDER}/options.json", lambda kept: kept["options"].update(expressions=[evil]))(
        tmp_path / "state"
    )
    done = run("check", "--resume", str(tmp_path / "state"), cwd=Path(os.getcwd()))
    assert (done.returncode, "touch()" in done.stderr, mark.exists()) == (2, True, False)
    done = run("replay", "--record", str(tmp_path / "record"), "--trust")
    assert mark.exists(), done.stderr
