"""Is an expectation about pairs that no longer holds news of the right kind, and does its command fix it?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from attrs import evolve
from bufspec.declare import CONSUMER, EXPORTER
from bufspec.pairs.failure import with_verdict
from bufspec.pairs.outdated import Choice, PairUpkeep, command_that_fixes, names_broken, names_pair
from bufspec.pairs.plan import PairOptions, _whole_sides
from bufspec.run.expectations.entry import Expectation, Expectations
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.selection import ListedGroup
from command_line import run

Event = dict[str, Any]
DATA, CASE = "consumer.data.elements_right", "consume.row"
SIDES = {"exporter_rules": [], "consumer_rules": [{"rule": DATA, "case": CASE}], "readings": []}
CHOICE = Choice(
    ("mine.good", "mine.frozen"),
    ("mine.copies", "mine.aborts", "mine.reverses", "other.copies"),
    frozenset({"mine"}),
)
KNOWN_AS = {"reason": "known for long", "link": "https://example.org/1", "where": "f:1"}
DEATH = {"rule": "death", "cases": "*"}


def failed(
    exporter: str, consumer: str, outcome: str = "fail", fault: str = "consumer", **more: Any
) -> Event:
    event = {"event": "pair-failed", "exporter": exporter, "consumer": consumer, "outcome": outcome}
    return {**event, "fault": fault, **SIDES, **more}


def a_run(*left_out: str) -> list[Event]:
    """The events of a run in which `reverses` fails and `aborts` crashes, without some of the consumers."""
    events: list[Event] = []
    outcomes = {"mine.copies": "pass", "mine.aborts": "crash", "mine.reverses": "fail"}
    tried = {name: outcome for name, outcome in outcomes.items() if name not in left_out}
    for exporter in CHOICE.exporters:
        events += [failed(exporter, name, one) for name, one in tried.items() if one != "pass"]
        events.append({"event": "exporter-paired", "exporter": exporter, "outcomes": tried})
    return events


def kinds(entry: Event, events: list[Event], choice: Choice = CHOICE) -> list[str]:
    """What a run shows to be wrong with an entry."""
    one = Expectation(**KNOWN_AS, **entry)
    upkeep = PairUpkeep(Expectations((one,)), choice)
    for event in events:
        upkeep.add(event)
    return [found.kind.value for found in upkeep.outdated()]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"subject": "mine.good -> mine.copies", "rule": DATA}, "passes"),
        ({"subject": "mine.* -> mine.copies", "rule": "*"}, "passes"),
        ({"subject": "mine.good -> mine.reverses", "rule": "consumer.write.*"}, "passes"),
        ({"subject": "mine.good -> mine.reverses", "rule": DATA, "cases": "no.such"}, "passes"),
        ({"subject": "mine.good -> mine.reverses", **DEATH, "outcome": "crash"}, "passes"),
        ({"subject": "mine.good -> mine.aborts", **DEATH, "outcome": "hang"}, "other_outcome"),
        ({"subject": "mine.gone -> mine.copies", "rule": "*"}, "no_subject"),
        ({"subject": "mine.good -> mine.go?e", "rule": "*"}, "no_subject"),
        ({"subject": "mine.* -> mine.*", "rule": DATA, "at_most": 1}, "too_broad"),
        ({"subject": "* -> *", "rule": "*"}, "too_broad"),
        ({"subject": "* -> *", **DEATH, "outcome": "crash"}, "too_broad"),
    ],
)
def test_each_way_to_be_outdated_is_found(entry: Event, kind: str) -> None:
    assert kinds(entry, a_run()) == [kind]


@pytest.mark.parametrize(
    "entry",
    [
        {"subject": "mine.* -> mine.*", "rule": DATA},
        {"subject": "mine.* -> mine.*", "rule": DATA, "at_most": 2},
        {"subject": "mine.good -> mine.aborts", **DEATH, "outcome": "crash"},
        {"subject": "mine.good -> mine.aborts", "rule": DATA},
        {"subject": "mine.good -> mine.copies", "rule": DATA, "chance": True},
        {"subject": "mine.good -> mine.copies", "rule": DATA, "outcome": "flaky"},
        {"subject": "mine.good", "rule": DATA},
        {"subject": "mine.good -> other.copies", "rule": DATA},
        {"subject": "mine.good -> third.copies", "rule": DATA},
        {"subject": "mine.good -> other.*", "rule": DATA},
        {"subject": "* -> mine.copies", "rule": DATA},
        {"subject": "mine.good -> *", "rule": "consumer.write.*"},
    ],
)
def test_what_holds_or_was_not_tried_is_not_outdated(entry: Event) -> None:
    assert kinds(entry, a_run()) == []


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"subject": "* -> mine.copies", "rule": DATA}, ["passes"]),
        ({"subject": "* -> mine.reverses", "rule": "consumer.write.*"}, ["passes"]),
        ({"subject": "* -> mine.*", **DEATH, "outcome": "hang"}, ["other_outcome"]),
        ({"subject": "* -> mine.gone", "rule": DATA}, ["no_subject"]),
        ({"subject": "* -> mine.reverses", "rule": DATA}, []),
        ({"subject": "* -> other.copies", "rule": DATA}, []),
        ({"subject": "mine.good -> *", "rule": "consumer.write.*"}, []),
        ({"subject": "* -> *", "rule": "consumer.write.*"}, []),
    ],
)
def test_a_side_that_is_everything_is_all_that_a_run_without_a_choice_tries(
    entry: Event, found: list[str]
) -> None:
    """One exporter is not to be had here: it is not waited for."""
    whole = evolve(
        CHOICE,
        exporters=(*CHOICE.exporters, "far.off"),
        unavailable=frozenset({"far.off"}),
        whole_sides=frozenset({EXPORTER}),
    )
    assert kinds(entry, a_run(), whole) == found
    assert kinds(entry, [], whole) == [one for one in found if one == "no_subject"]
    assert kinds(entry, [one for one in a_run() if one["exporter"] != "mine.frozen"], whole) in (
        [],
        ["no_subject"],
    )


def test_nothing_is_left_out_of_a_side_that_has_no_globs_and_no_expressions() -> None:
    there = (ListedGroup("stdlib", ()),)
    assert _whole_sides(PairOptions(only_touching="mine"), there) == {EXPORTER, CONSUMER}
    assert _whole_sides(PairOptions(consumers=("mine.*",)), there) == {EXPORTER}
    assert _whole_sides(PairOptions(exporter_expressions=("a:b",)), there) == {CONSUMER}
    assert _whole_sides(PairOptions(), (*there, ListedGroup("numpy", (), "is not installed"))) == set()


def test_what_a_narrower_run_left_out_is_not_outdated() -> None:
    entry = {"subject": "mine.* -> mine.*", "rule": DATA}
    assert kinds(entry, a_run("mine.reverses")) == []
    assert kinds({**entry, "subject": "mine.good -> mine.reverses"}, a_run("mine.reverses")) == []
    cut = [{**one, "error": "lost"} if one["event"] == "exporter-paired" else one for one in a_run()]
    assert kinds({**entry, "subject": "mine.good -> mine.copies"}, cut) == []
    skipped = {"event": "exporter-paired", "exporter": "mine.good", "outcomes": {"mine.copies": "skip"}}
    assert kinds({**entry, "subject": "mine.good -> mine.copies"}, [skipped]) == []


def test_a_pair_that_nobody_can_explain_is_listed_by_any_rule() -> None:
    event = failed("mine.good", "mine.copies", fault="unexplained", consumer_rules=[])
    subject = "mine.good -> mine.copies"
    assert names_pair(Expectation(subject, "*", **KNOWN_AS), event)
    assert not names_pair(Expectation(subject, DATA, **KNOWN_AS), event)
    assert not names_pair(Expectation(subject, "*", **KNOWN_AS, outcome="undecided"), event)


def test_a_pair_that_rests_on_a_known_death_is_listed_by_the_entry_of_that_death() -> None:
    hung = [{"rule": "death", "case": "threads.word_0x000", "found": "no result within the time limit"}]
    known = Expectation("mine.good", "death", **KNOWN_AS, cases="threads.*", outcome="hang")
    assert names_broken(known, hung)
    assert not names_broken(evolve(known, cases="request.*"), hung)
    assert not names_broken(evolve(known, outcome="crash"), hung)
    assert not names_broken(evolve(known, rule="lifetime.*", outcome=None), hung)


def test_an_entry_says_whose_fault_it_is_where_no_rule_does() -> None:
    subject = "mine.good -> mine.copies"
    event = failed("mine.good", "mine.copies", fault="unexplained", consumer_rules=[], says="unexplained")
    known = Expectation(subject, "*", **KNOWN_AS, fault="exporter")

    def seen_with(event: Event, *entries: Expectation) -> Event:
        plan = SimpleNamespace(
            rulebook=SimpleNamespace(rules={}), expectations=Expectations(entries), options=PairOptions()
        )
        return with_verdict(plan, event)  # type: ignore[arg-type]

    said = seen_with(event, known)
    assert (said["verdict"], said["fault"]) == ("as_expected", "exporter")
    assert seen_with(said, evolve(known, fault=None))["fault"] == "unexplained"
    assert (seen_with(said)["verdict"], seen_with(said)["fault"]) == ("news", "unexplained")
    by_a_rule = failed("mine.good", "mine.copies")
    assert seen_with(by_a_rule, evolve(known, rule=DATA))["fault"] == "consumer"


def test_the_command_goes_by_the_record_or_makes_one_first() -> None:
    entry = Expectation("a -> b", "*", "known for long", "https://example.org/1", "my file.yaml:3")
    update = "bufspec expect update out/pairs.jsonl --file 'my file.yaml'"
    assert command_that_fixes(Fixing("out"), entry, ()) == update
    made = command_that_fixes(Fixing("", ("pairs", "--exporters", "a.*")), entry, ())
    assert made.startswith("bufspec pairs --exporters 'a.*' --out bufspec-record --force; ")
    assert made.endswith(update.replace("out/", "bufspec-record/"))


SUBJECTS = """
import os
from bufspec.declare import consumer, exporter

exporter("mine.good", expect=b"abcdef")(lambda: bytearray(b"abcdef"))
exporter("mine.frozen", expect=b"abcdef")(lambda: bytes(bytearray(b"abcdef")))
consumer("mine.copies", returns="bytes")(bytes)
consumer("mine.aborts")(lambda it: os.abort())
consumer("mine.reverses", returns="bytes")(lambda it: bytes(it)[::-1])
"""
KNOWN = """# of mine
expectations:
  # of copies
  - {subject: "mine.good -> mine.copies", rule: "*", reason: "known for long", link: "https://example.org/1"}
  # of what is gone
  - subject: "mine.gone -> mine.copies"  # gone
    rule: "*"
    reason: "known for long"
    link: "https://example.org/2"
  # of aborts
  - subject: "mine.* -> mine.aborts"
    rule: death
    cases: "*"
    outcome: hang  # or not
    reason: "known for long"
    link: "https://example.org/3"
  # of reverses
  - subject: "mine.good -> mine.reverses"
    rule: "consumer.data.*"  # of the data
    reason: "known for long"
    link: "https://example.org/5"
  # of all
  - {subject: "* -> *", rule: "*", reason: "known for long, too", link: "https://example.org/4"}
"""


@pytest.mark.nightly
@pytest.mark.parametrize("keeps", [True, False])
def test_the_command_that_is_printed_fixes_the_file(tmp_path: Path, keeps: bool) -> None:
    (tmp_path / "mine.py").write_text(SUBJECTS, encoding="utf-8")
    (tmp_path / "known.yaml").write_text(KNOWN, encoding="utf-8")
    words = ["pairs", "--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.*"]
    words += ["--expectations", "known.yaml", "--format", "json"]
    done = run(*words, *(["--out", "out"] if keeps else []), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    outdated = [one for one in events if one["event"] == "expectation-outdated"]
    assert [one["kind"] for one in outdated] == ["passes", "no_subject", "other_outcome", "too_broad"]
    (fix,) = {one["fix"] for one in outdated}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    fixed = subprocess.run(
        fix, shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert fixed.returncode == 0, fixed.stderr
    text = (tmp_path / "known.yaml").read_text(encoding="utf-8")
    assert [line for line in KNOWN.splitlines() if "#" in line[:4] and line not in text] == []
    assert 'outcome: "crash"  # or not' in text and "# of the data" in text
    rows = yaml.safe_load(text)["expectations"]
    assert [(one["subject"], one["rule"]) for one in rows] == [
        ("mine.* -> mine.aborts", "death"),
        ("mine.good -> mine.reverses", "consumer.data.*"),
        ("mine.frozen -> mine.reverses", DATA),
    ]
    again = run(*words, cwd=tmp_path)
    assert again.returncode == 0, again.stdout
