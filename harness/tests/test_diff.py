"""Does bufspec diff say what broke, was fixed, is new and is gone, and fail for what broke alone?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bufspec.reports.difference import Comparison, Difference
from command_line import REQUESTS, Event, run

HEAD = {
    "event": "run-started",
    "schema": 3,
    "tables": "0" * 64,
    "versions": {"bufspec": "0.1.0", "CPython": "3.11.2"},
    "platform": "Linux",
    "edition": "current",
    "seed": 1,
    "subjects": [],
    "rules": 3,
    "started": "2026-01-01T00:00:00+00:00",
}
FAILS = {"outcome": "fail", "verdict": "news"}


def subject(name: str, rules: dict[str, Any], **keys: Any) -> Event:
    every = {
        id_: {"cases": 1, "failed": int(one["outcome"] in ("fail", "flaky")), "level": "required", **one}
        for id_, one in rules.items()
    }
    return {
        "event": "subject-finished",
        "subject": name,
        "conforms": True,
        "rules": every,
        "deaths": 0,
        **keys,
    }


def death(name: str, outcome: str) -> Event:
    return {"event": "case-failed", "subject": name, "rule": None, "outcome": outcome, "found": "it died"}


def compared(old: list[Event], new: list[Event]) -> Difference:
    comparison = Comparison()
    for event in (HEAD, *old):
        comparison.take_old(event)
    for event in (HEAD, *new):
        comparison.take_new(event)
    return comparison.difference()


def one_rule(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Difference:
    before = [subject("a.b", {} if old is None else {"r.s.t": old})]
    return compared(before, [subject("a.b", {} if new is None else {"r.s.t": new})])


PASS, SKIP = {"outcome": "pass"}, {"outcome": "skip", "reason": "no case applies"}
FLAKY = {"outcome": "flaky", "verdict": "news"}
LEFT, RIGHT = ({"outcome": "contested", "reading": one} for one in ("left", "right"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (PASS, PASS, ""),
        (FAILS, FAILS, ""),
        (PASS, FAILS, "broke"),
        (LEFT, FAILS, "broke"),
        (SKIP, FAILS, "broke"),
        (PASS, FLAKY, "broke"),
        (FAILS, PASS, "fixed"),
        (FLAKY, PASS, "fixed"),
        (FAILS, SKIP, "gone_rules"),
        (FAILS, FLAKY, "changed"),
        (LEFT, RIGHT, "changed"),
        (PASS, SKIP, "changed"),
        (None, FAILS, "new_rules"),
        (FAILS, None, "gone_rules"),
    ],
)
def test_a_rule_is_in_the_list_that_it_belongs_to(old: Any, new: Any, where: str) -> None:
    difference = one_rule(old, new)
    assert [name for name, found in difference.lists().items() if found] == ([where] if where else [])
    assert difference.broke_at(["required"]) is (where == "broke")
    assert difference.broke_at([]) is False


def test_ends_of_the_process_and_undecided_subjects_are_compared() -> None:
    fine, dies = [subject("a.b", {})], [death("a.b", "crash"), subject("a.b", {}, deaths=1)]
    hangs = [death("a.b", "hang"), subject("a.b", {}, deaths=1)]
    undecided = [subject("a.b", {}, conforms=None, undecided={"reason": "it refused", "verdict": "news"})]
    (one,) = compared(fine, dies).broke
    assert (one.rule, one.new, one.found) == ("death", "crash", "it died")
    assert [one.old for one in compared(dies, fine).fixed] == ["crash"]
    assert [(one.old, one.new) for one in compared(dies, hangs).changed] == [("crash", "hang")]
    assert [one.found for one in compared(fine, undecided).broke] == ["it refused"]
    assert len(compared(undecided, fine).fixed) == 1


def test_subjects_of_one_record_alone_break_nothing() -> None:
    difference = compared([subject("a.old", {"r.s.t": PASS})], [subject("a.new", {"r.s.t": FAILS})])
    assert [one.to_json() for one in difference.new_subjects] == [{"subject": "a.new", "broken": 1}]
    assert [one.subject for one in difference.gone_subjects] == ["a.old"]
    assert not difference.broke


def test_a_level_that_nobody_cares_for_fails_nothing() -> None:
    broke = one_rule({**PASS, "level": "recommended"}, {**FAILS, "level": "recommended"})
    assert len(broke.broke) == 1
    assert not broke.broke_at(["required"])
    assert broke.broke_at(["required", "recommended"])


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Records of a subject that conforms, and of one by the same name that does not."""
    folder = tmp_path_factory.mktemp("records")
    for name, made in (("old", 'bytearray(b"abcd")'), ("new", "(ctypes.c_char * 4)()")):
        text = f"import ctypes\nfrom bufspec.declare import exporter\nexporter('mine.a')(lambda: {made})\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        words = ["--subjects", str(folder / f"{name}.py"), "--out", str(folder / name), *REQUESTS]
        assert run("check", *words).returncode in (0, 1)
    return str(folder / "old"), str(folder / "new")


@pytest.mark.slow
def test_the_command_fails_for_what_broke(records: tuple[str, str]) -> None:
    old, new = records
    assert run("diff", old, old).returncode == 0
    done = run("diff", old, new, "--format", "json")
    assert done.returncode == 1
    broke = json.loads(done.stdout)["broke"]
    assert {one["old"] for one in broke} <= {"pass", "contested", "skip"}
    shown = run("diff", old, new)
    assert "Broke" in shown.stdout
    assert broke[0]["found"].split()[0] in shown.stdout
    assert broke[0]["replay"] in shown.stdout
    back = run("diff", new, f"{old}/events.jsonl", "--format", "markdown")
    assert back.returncode == 0
    assert "## Fixed" in back.stdout
    assert run("diff", old, new, "--fail-on", "none").returncode == 0


def test_a_record_that_is_cut_short_is_refused_or_taken_as_partial(
    records: tuple[str, str], tmp_path: Path
) -> None:
    old, new = records
    lines = (Path(new) / "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "events.jsonl").write_text("".join(lines[:1]), encoding="utf-8")
    refused = run("diff", old, str(tmp_path))
    assert refused.returncode == 2
    assert "cut short" in refused.stderr
    taken = run("diff", old, str(tmp_path), "--partial")
    assert taken.returncode == 0
    assert "is incomplete" in taken.stderr
    assert "Gone subjects" in taken.stdout
    assert run("diff", old, str(tmp_path / "absent")).returncode == 2
