"""Are rules that are newer than those asked for shown, but no news?"""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from attrs import evolve
from bufspec import _engine
from bufspec.project.configuration import load_configuration
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import run_plan
from bufspec.run.news import has_news
from bufspec.run.record import json_from_event
from bufspec.run.workspace import TABLES_FILE, working_directory
from bufspec.tables.rulebook import RuleText, load_rulebook
from bufspec.words import FIRST_VERSION
from command_line import VALIDATOR, run
from runs_here import planned

BROKEN = "ctypes:(c_char * 4)()"


def events_of(rules_of: str, since: str) -> list[dict[str, Any]]:
    """The record of an object that breaks rules, if all of them came with that version."""
    plan, tables = planned("request.word_0x??[07]", BROKEN)
    rules = {id_: evolve(rule, since=since) for id_, rule in plan.rulebook.rules.items()}
    plan = evolve(
        plan, options=evolve(plan.options, rules_of=rules_of), rulebook=evolve(plan.rulebook, rules=rules)
    )
    events: list[dict[str, Any]] = []

    async def judge() -> None:
        with working_directory() as work:
            (work / TABLES_FILE).write_text(tables, encoding="utf-8")
            await run_plan(plan, work, lambda event: events.append(in_words(json_from_event(event))))

    anyio.run(judge)
    for event in events:
        VALIDATOR.validate(event)
    return events


@pytest.mark.parametrize(
    ("rules_of", "since", "is_news"),
    [
        ("", "0.2", True),
        ("0.2", "0.2", True),
        ("0.3", "0.2", True),
        ("0.1", "0.2", False),
        ("0.9", "0.10", False),
    ],
)
def test_a_newer_rule_is_shown_and_no_news(rules_of: str, since: str, is_news: bool) -> None:
    events = events_of(rules_of, since)
    assert has_news(events, "required") is is_news
    failed = [event for event in events if event["event"] == "case-failed"]
    assert failed
    if not is_news:
        assert all(f"bufspec {since}" in one["because"] for one in failed)


def test_a_rule_says_which_version_brought_it() -> None:
    rule = RuleText("a.b.c", "required", "interop", "", since="1.2")
    assert rule.is_newer_than("1.1")
    assert not rule.is_newer_than("1.2")
    assert not rule.is_newer_than("")
    rules = load_rulebook("current", _engine.rule_ids()).rules.values()
    assert {one.since for one in rules} == {FIRST_VERSION}, "no release came after the first yet"


@pytest.mark.slow
def test_what_is_no_version_is_refused(tmp_path: Any) -> None:
    for wrong in ("1", "new", "0.1.2", "-1.0"):
        assert run("check", "stdlib.bytearray", f"--rules-of={wrong}").returncode == 2
    (tmp_path / "bufspec.toml").write_text('rules = "0.1"\nsubjects = ["stdlib.bytearray"]\n')
    assert load_configuration(tmp_path / "bufspec.toml").values["rules"] == "0.1"
    done = run("check", "--list", "--config", str(tmp_path / "bufspec.toml"))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_pairs_and_check_obey_the_configuration(tmp_path: Any) -> None:
    (tmp_path / "bufspec.toml").write_text('rules = "0.0"\n')
    words = ["--config", str(tmp_path / "bufspec.toml"), "--no-expectations"]
    broken = ["stdlib.ctypes_chars", "--case", "request.word_0x000"]
    assert run("check", *broken, "--no-expectations").returncode == 1
    done = run("check", *broken, *words, "-v")
    assert done.returncode == 0, done.stdout
    assert "came with bufspec 0.1" in " ".join(done.stdout.split())
    pair = ["--exporters", "stdlib.array_u", "--consumers", "stdlib.connection_recv_bytes_into"]
    alone = run("pairs", *pair, "--no-expectations")
    obeying = run("pairs", *pair, *words)
    assert (alone.returncode, obeying.returncode) == (1, 0), alone.stdout + obeying.stdout
