"""Does a conformance statement say what its record says, and is every change of either noticed?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bufspec.reports.statement import differences, markdown_of, sealed, statement_of, within_itself
from command_line import run

EMPTY = '{"statement": "bufspec conformance statement", "version": 1}'
CASES = ["--case", "request.word_0x00?"]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with its statement in both forms."""
    out = tmp_path_factory.mktemp("stated") / "record"
    done = run("check", "stdlib.bytearray", "stdlib.array_u", *CASES, "--out", str(out))
    assert done.returncode == 0, done.stderr
    done = run("statement", str(out), "--json", f"{out}/s.json", "--markdown", f"{out}/s.md")
    assert done.returncode == 0, done.stderr
    return out


def stated(record: Path) -> dict[str, Any]:
    """The values of the statement."""
    values: dict[str, Any] = json.loads((record / "s.json").read_text())
    return values


@pytest.mark.parametrize("name", ["s.json", "s.md"])
def test_a_statement_holds_with_and_without_its_record(record: Path, name: str) -> None:
    for words in ([f"{record}/{name}"], [f"{record}/{name}", str(record)]):
        done = run("statement", "verify", *words)
        assert done.returncode == 0 and "it holds" in done.stdout, done.stderr


def test_it_says_what_the_record_says(record: Path) -> None:
    values = stated(record)
    events = [json.loads(line) for line in (record / "events.jsonl").read_text().splitlines()]
    assert values["counts"]["cases"] == events[-1]["cases"] > 0
    assert (values["tables"], values["edition"]) == (events[0]["tables"], events[0]["edition"])
    finished = [event for event in events if event["event"] == "subject-finished"]
    assert [one["subject"] for one in values["subjects"]] == [event["subject"] for event in finished]
    assert values["filtered"] is True
    assert "Rules or cases were left out" in (record / "s.md").read_text()


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values that hold no others."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in pairs:
            yield from leaves(one, (*at, key))
    else:
        yield at


def changed(values: dict[str, Any], at: tuple[Any, ...]) -> dict[str, Any]:
    """The values with another one there, and the digest made anew, as a forger would."""
    copy = json.loads(json.dumps(values))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    old = inner[at[-1]]
    inner[at[-1]] = old + 1 if type(old) is int else (not old if isinstance(old, bool) else f"{old}x")
    return copy


def test_every_change_is_noticed_and_its_field_is_named(record: Path) -> None:
    values = stated(record)
    places = [at for at in leaves(values) if at != ("digest",)]
    assert len(places) > 20
    for at in places:
        forged = changed(values, at)
        assert any(one.startswith("digest: ") for one in within_itself(forged)), at
        found = list(differences(sealed(forged), values))
        assert any(one.startswith(str(at[0])) for one in found if not one.startswith("digest")), at


def test_a_forged_statement_does_not_hold_for_the_record(record: Path, tmp_path: Path) -> None:
    forged = sealed(changed(stated(record), ("counts", "cases")))
    (tmp_path / "s.json").write_text(json.dumps(forged))
    assert run("statement", "verify", str(tmp_path / "s.json")).returncode == 0
    done = run("statement", "verify", str(tmp_path / "s.json"), str(record))
    assert done.returncode == 1 and "counts.cases: says" in done.stdout
    text = (record / "s.md").read_text().replace("# Conformance", "# Full conformance")
    (tmp_path / "s.md").write_text(text)
    done = run("statement", "verify", str(tmp_path / "s.md"))
    assert done.returncode == 1 and "text: is not what the values say" in done.stdout


def test_a_record_that_was_changed_is_not_the_one_that_was_stated(record: Path, tmp_path: Path) -> None:
    text = (record / "events.jsonl").read_text()
    (tmp_path / "events.jsonl").write_text(text.replace('"seconds": ', '"seconds": 1', 1))
    done = run("statement", "verify", f"{record}/s.json", str(tmp_path))
    assert done.returncode == 1 and "record: says" in done.stdout


def test_what_proves_too_little_has_no_statement(record: Path, tmp_path: Path) -> None:
    lines = (record / "events.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "events.jsonl").write_text("".join(lines[:-1]))
    assert run("statement", str(tmp_path)).returncode == 2
    (tmp_path / "events.jsonl").write_text("".join([*lines[:-1], lines[-1].replace("true", "false")]))
    done = run("statement", str(tmp_path))
    assert done.returncode == 2 and "not complete" in done.stderr
    head = {**json.loads(lines[0]), "shard": "1/2"}
    (tmp_path / "events.jsonl").write_text("".join([json.dumps(head) + "\n", *lines[1:]]))
    done = run("statement", str(tmp_path))
    assert done.returncode == 2 and "bufspec merge" in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "# A title\n", '{"statement": "bufspec conformance statement", "version": 1}'],
)
def test_what_is_no_statement_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "s").write_text(text)
    done = run("statement", "verify", str(tmp_path / "s"))
    assert done.returncode == 2 and "error: " in done.stderr and "Traceback" not in done.stderr


def test_known_failures_have_their_reasons_and_text_of_others_is_text() -> None:
    name = "a|b`<script>\x1b[31m"
    rule = {"outcome": "fail", "cases": 3, "failed": 2, "level": "required"}
    known = {**rule, "verdict": "as_expected", "because": "<b>\u202e", "link": "javascript:alert(1)"}
    events = [
        {
            "event": "run-started",
            "edition": "current",
            "versions": {"bufspec": "1"},
            "platform": "p",
            "started": "s",
            "seed": 1,
            "tables": "t",
            "rules": 2,
        },
        {
            "event": "subject-finished",
            "subject": name,
            "target": "exporter",
            "conforms": False,
            "rules": {"a.b.c": known, "d.e.f": {**rule, "verdict": "news"}},
        },
        {
            "event": "run-finished",
            "subjects": 1,
            "conforming": 0,
            "breaking": 1,
            "undecided": 0,
            "rules_broken": 2,
            "deaths": 0,
            "cases": 3,
            "answers": 4,
        },
    ]
    values = statement_of(events, "0" * 64)
    (subject,) = values["subjects"]
    assert [one["because"] for one in subject["known_failures"]] == ["<b>\u202e"]
    assert [one["rule"] for one in subject["new_failures"]] == ["d.e.f"]
    shown = markdown_of(values)
    assert not list(within_itself(values))
    assert "\x1b" not in shown and "\u202e" not in shown and "<b>" not in shown.partition("```json")[0]


def test_a_record_is_not_written_over_and_what_a_statement_says_is_text(record: Path, tmp_path: Path) -> None:
    events = record / "events.jsonl"
    before = events.read_bytes()
    for words in (["statement", str(record), "--json"], ["trend", str(record), "--html"]):
        done = run(*words, str(events))
        assert (done.returncode, events.read_bytes()) == (2, before)
        assert f"{words[-1]} {events} is the record itself" in done.stderr
    values = stated(record)
    values["versions"]["\x1b[31m\u202e"] = "1"
    (tmp_path / "it.json").write_text(json.dumps(values), encoding="utf-8")
    done = run("statement", "verify", str(tmp_path / "it.json"), str(record))
    assert done.returncode == 1
    assert "versions.\\x1b[31m\\u202e" in done.stdout
