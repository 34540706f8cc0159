"""Does a reader of each format take what is written, and find each outcome in it, whatever the names?"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from bufspec.reports.formats import sarif
from bufspec.reports.formats.all import FORMATS, Sources
from bufspec.reports.formats.markdown_text import escaped
from bufspec.tables.texts import rule_texts
from bufspec.visible import visible
from command_line import VALIDATOR, schema
from made_records import RULE, every_way, failed, finished, foot, head, plain, rule, write_record
from tap.parser import Parser
from test_visible import NASTY

TEXTS = {"plain": "x", **NASTY, "a directive": "x # SKIP y", "a formula": "=1+2", "long": "y" * (1 << 20)}
PUBLIC = Path(__file__).parent / "public_schemas"
SARIF = json.loads((PUBLIC / "sarif-2.1.0.json").read_text(encoding="utf-8"))
Event = dict[str, Any]


def made(name: str, events: list[Event]) -> str:
    """The text of a record in a format."""
    (one,) = [one for one in FORMATS if one.name == name]
    return "".join(one.text(Sources((events,))))


@pytest.fixture(scope="module", params=TEXTS.values(), ids=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def events(text: str) -> list[Event]:
    return plain(every_way(text))


def test_the_record_that_is_made_up_follows_the_schema(events: list[Event]) -> None:
    for event in events:
        VALIDATOR.validate(event)


def shown(text: str) -> str:
    """What of a text is to be seen, as far as all formats show it."""
    return visible(text)[:100]


def test_junit_is_read_and_says_what_failed(events: list[Event], text: str) -> None:
    written = made("junit", events)
    assert len(written) < 400_000
    suites = list(junitparser.JUnitXml.fromstring(written.encode()))
    assert suites[0].name[:102] == f"a.{shown(text)}"
    for suite in suites:
        cases = list(suite)
        results = Counter(type(result).__name__ for case in cases for result in case.result)
        counts = (suite.tests, suite.failures, suite.errors, suite.skipped)
        assert counts == (len(cases), results["Failure"], results["Error"], results["Skipped"])
    ends = {case.name: (type(case.result[0]), case.result[0].message) for case in suites[0] if case.result}
    kinds = Counter(kind for kind, _ in ends.values())
    # Two broken rules, one of them flaky, and what is outdated; advice, a known failure and a skipped rule.
    assert kinds == {junitparser.Failure: 3, junitparser.Skipped: 3}
    assert ends[RULE][1].startswith(f"expected {shown(text)}")
    assert {type(case.result[0]) for suite in suites[2:5] for case in suite if case.result} == {
        junitparser.Error,
        junitparser.Skipped,
    }
    (last,) = [case for case in suites[-1] if case.name == "complete"]
    assert type(last.result[0]) is junitparser.Error


def test_deaths_are_errors_but_for_the_known_one(events: list[Event]) -> None:
    suites = list(junitparser.JUnitXml.fromstring(made("junit", events).encode()))
    results = Counter(type(case.result[0]).__name__ for case in suites[1] if case.result)
    assert results == {"Error": 6, "Failure": 1, "Skipped": 1}


def test_tap_is_read_and_no_name_is_a_directive(events: list[Event]) -> None:
    lines = list(Parser().parse_text(made("tap", events)))
    tests = [one for one in lines if one.category == "test"]
    (plan,) = [one for one in lines if one.category == "plan"]
    assert plan.expected_tests == len(tests) == max(one.number for one in tests)
    assert not [one for one in lines if one.category == "unknown"]
    of_first = [one for one in tests if one.number <= 8]
    assert sum(one.todo for one in of_first) == 2, "the known failure and the advice"
    assert sum(bool(one.skip) for one in of_first) == 1
    assert sum(not one.ok and not one.todo for one in of_first) == 3
    assert all(isinstance(one.yaml_block, dict) for one in tests if not one.ok)


def test_sarif_follows_the_public_schema(events: list[Event], text: str) -> None:
    log = json.loads(made("sarif", events))
    jsonschema.Draft4Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    results = run["results"]
    for one in results:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["level"] in ("error", "warning", "note")
        assert rules[one["ruleIndex"]]["helpUri"].startswith("https://")
        assert rules[one["ruleIndex"]]["help"]["text"]
    assert len({one["partialFingerprints"]["bufspec/v1"] for one in results}) == len(results)
    by_rule = {one["ruleId"]: one for one in results if one["properties"]["kind"] == "broken"}
    assert {id_: (one["level"], "suppressions" in one) for id_, one in by_rule.items()} == {
        RULE: ("error", False),
        "field.strides.at_least_itemsize": ("warning", False),
        "request.nd.shape_present": ("error", True),
    }
    assert by_rule[RULE]["locations"][0]["physicalLocation"]["region"] == {"startLine": 17}
    assert shown(text) in by_rule[RULE]["message"]["text"]
    assert sum(one["ruleId"] == "death" for one in results) == 8
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 2


def test_a_fingerprint_is_the_same_whatever_is_found() -> None:
    def prints(**found: Any) -> list[Any]:
        changed = [{**one, **found} if one["event"] == "case-failed" else one for one in plain(every_way())]
        (run,) = json.loads(made("sarif", changed))["runs"]
        return [one["partialFingerprints"] for one in run["results"]]

    assert prints() == prints(found="something else", message="other")


def test_the_summary_follows_its_schema(events: list[Event]) -> None:
    summary = json.loads(made("json", events))
    jsonschema.Draft202012Validator(schema("summary")).validate(summary)
    assert [one["rule"] for one in summary["broken"]][:1] == [RULE]
    assert len(summary["deaths"]) == 8
    assert len(summary["subjects"]) == 6


def test_csv_has_the_outcome_of_each_rule_on_each_subject(events: list[Event], text: str) -> None:
    first, *rows = list(csv.reader(io.StringIO(made("csv", events)), strict=True))
    assert all(len(row) == len(first) for row in rows)
    table = [dict(zip(first, row, strict=True)) for row in rows]
    assert len(table) == 6
    assert table[0]["subject"].startswith(f"a.{shown(text)}")
    assert [table[0][one] for one in (RULE, "request.nd.shape_present")] == ["fail", "known"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_pairs_are_a_matrix_of_exporters_and_consumers() -> None:
    pairs = [
        {"event": "pairs-started", "consumers": ["a", "b,c"]},
        {"event": "exporter-paired", "exporter": "x\0", "outcomes": {"b,c": "pass"}},
        {"event": "pairs-finished"},
    ]
    (one,) = [one for one in FORMATS if one.name == "csv"]
    written = "".join(one.text(Sources((), (pairs,))))
    assert list(csv.reader(io.StringIO(written))) == [["exporter", "a", "b,c"], ["x\\x00", "", "pass"]]


def test_markdown_fits_the_summary_of_a_step_and_has_news_first(events: list[Event], text: str) -> None:
    written = made("markdown", events)
    assert len(written.encode()) < 1 << 20
    assert escaped(shown(text)[:40]) in written
    sections = [line for line in written.split("\n") if line.startswith("## ")]
    assert sections[0] == "## Crashes, hangs, exits" and sections[1] == "## New failures"
    assert sections[-1] == "## Known failures"
    assert "Conforming: `f.fine`." in written


def ended_well(profile: dict[str, Any] | None = None, number: int = 1) -> list[Event]:
    body = [finished(f"a.b{n}", **({"profile": profile} if profile else {})) for n in range(number)]
    return [head([one["subject"] for one in body]), *body, foot(body)]


GRANTED = {"tried": {"FULL_RO": [2, 2], "SIMPLE": [2, 2]}, "broken": {}}
SIMPLE = {"tried": {"SIMPLE": [2, 2]}, "broken": {}}
BROKEN = [head(["a.b"]), finished("a.b", {RULE: rule("fail")}, conforms=False), foot([])]


@pytest.mark.parametrize(
    ("events", "message", "colour"),
    [
        (ended_well(GRANTED), "indirect", "brightgreen"),
        (ended_well(SIMPLE, 3), "simple", "brightgreen"),
        (ended_well(), "conforms", "brightgreen"),
        (ended_well(number=3), "3 subjects conform", "brightgreen"),
        (BROKEN, "1 of 1 subject broken", "red"),
        (plain(every_way("<b>&")), "incomplete", "lightgrey"),
    ],
)
def test_a_badge_says_the_profile_or_what_is_wrong(events: list[Event], message: str, colour: str) -> None:
    assert json.loads(made("badge", events)) == {
        "schemaVersion": 1,
        "label": "buffer protocol",
        "message": message,
        "color": colour,
    }
    (title,) = ElementTree.fromstring(made("badge-svg", events)).iter("{http://www.w3.org/2000/svg}title")
    assert title.text == f"buffer protocol: {message}"


def test_all_is_short_when_all_is_well() -> None:
    written = made("markdown", ended_well(number=300))
    assert len(written.splitlines()) <= 6
    assert len(written) < 3000


def test_a_record_cut_short_is_marked_in_every_format(tmp_path: Path) -> None:
    from bufspec.run.recorded import open_record

    events = every_way()
    at = next(n for n, one in enumerate(events) if one["event"] == "subject-finished")
    record = open_record(write_record(tmp_path, events[:at]), partial=True)
    for one in FORMATS:
        written = "".join(one.text(Sources((record,))))
        assert "cut short" in written or "incomplete" in written.lower() or one.name == "csv", one.name


def test_a_rule_of_sarif_leads_to_the_document_that_states_it() -> None:
    first = {**failed("a.a", RULE), "rule": "lifetime.release.obj_null", "hint": "wait"}
    last = finished("a.a", {first["rule"]: rule("fail", failed=1, verdict="news")})
    events = [head(["a.a"]), first, last]
    pieces = sarif.text_from_events([*events, foot(events)], rule_texts())
    (stated,) = json.loads("".join(pieces))["runs"][0]["tool"]["driver"]["rules"]
    (source, *_) = rule_texts()["rules"][stated["id"]]["sources"]
    assert stated["helpUri"] == source["url"]
    assert (
        source["clauses"][0] in stated["help"]["text"] and "How to follow it: wait" in stated["help"]["text"]
    )
