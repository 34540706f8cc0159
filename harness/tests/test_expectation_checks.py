"""Is an expectation that no longer holds news of the right kind, and does its command fix the file?

A file with an entry broken in each way is checked, fixed and checked again; nightly each way alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bufspec
import pytest
import yaml
from bufspec.errors import ExpectationError
from bufspec.run.expectations.editing import rewritten
from command_line import FAKES, Record, events_from_lines, run

SUBJECTS = """
import ctypes
import os
from bufspec.declare import exporter

@exporter("mine.good")
def good():
    return bytearray(b"abcd")

@exporter("mine.chars")
def chars():
    return (ctypes.c_char * 4)()

@exporter("mine.more_chars")
def more_chars():
    return (ctypes.c_char * 4)()

made = []

@exporter("mine.dying")
def dying():
    made.append(1)
    if len(made) == 70:  # late among those of one process
        os.abort()
    return bytes(bytearray(b"abcd"))
"""
WELL = SUBJECTS[: SUBJECTS.index("made = []")]
"""Those that leave their process alive, which costs less."""
FORMAT, STRAY = "request.format.absent", "request.stray_bits.without_nd"
DEATH = {"rule": "death", "cases": "*"}
WAYS: dict[str, tuple[dict[str, Any], str]] = {
    "passes": ({"subject": "mine.good", "rule": FORMAT}, "passes"),
    "passes on one of several": ({"subject": "mine.*", "rule": FORMAT}, "passes"),
    "passes on one of a list": ({"subject": ["mine.chars", "mine.good"], "rule": FORMAT}, "passes"),
    "one of a list names nothing": (
        {"subject": ["mine.gone", "mine.more_c*"], "rule": FORMAT},
        "no_subject",
    ),
    "no death": ({"subject": "mine.good", **DEATH, "outcome": "crash"}, "passes"),
    "another death": ({"subject": "mine.dying", **DEATH, "outcome": "exit"}, "other_outcome"),
    "fails instead of dying": ({"subject": "mine.chars", **DEATH, "outcome": "crash"}, "other_outcome"),
    "decided": ({"subject": "mine.good", "rule": "*", "outcome": "undecided"}, "passes"),
    "decided, and breaks": ({"subject": "mine.chars", "rule": "*", "outcome": "undecided"}, "other_outcome"),
    "no such subject": ({"subject": "mine.gone", "rule": FORMAT}, "no_subject"),
    "glob of no subject": ({"subject": "mine.go?e", "rule": FORMAT}, "no_subject"),
    "rule of no case": ({"subject": "mine.chars", "rule": "consumer.*"}, "rule_not_run"),
    "no such case": ({"subject": "mine.chars", "rule": FORMAT, "cases": "no.such"}, "no_case"),
    "no such case of a death": (
        {"subject": "mine.chars", "rule": "death", "cases": "no.such", "outcome": "crash"},
        "no_case",
    ),
    "too many cases": ({"subject": "mine.more_chars", "rule": STRAY, "at_most": 1}, "too_broad"),
    "everything": ({"subject": "*", "rule": "*"}, "too_broad"),
}
HOLDING = [
    {"subject": "mine.good", "rule": STRAY, "chance": True},
    {"subject": "mine.good", "rule": STRAY, "platform": "amiga"},
    {"subject": "mine.good", "rule": STRAY, "outcome": "flaky"},
    {"subject": "mine.chars -> stdlib.crc32", "rule": FORMAT},
    {"subject": "other.thing", "rule": FORMAT},
    {"subject": "stdlib.bytearray", "rule": FORMAT},
    {"subject": "mine.chars", "rule": "request.*", "cases": "request.word_0x0*"},
]
"""What no run of the subjects above shows to be outdated."""
WHY = {"reason": "known for long", "link": "https://example.org/1"}


def in_lines(entries: list[dict[str, Any]]) -> str:
    """The entries as a person writes them, with a comment before each."""
    rows = []
    for number, entry in enumerate(entries):
        keys = [f"{key}: {json.dumps(value)}" for key, value in {**entry, **WHY}.items()]
        rows.append(f"  # comment {number}\n  - " + "  # why\n    ".join(keys) + "\n")
    return "# Known failures\n\nexpectations:\n" + "\n".join(rows)


def in_brackets(entries: list[dict[str, Any]]) -> str:
    return json.dumps({"expectations": [{**one, **WHY} for one in entries]})


def written(folder: Path, text: str, subjects: str = SUBJECTS) -> tuple[str, ...]:
    """The arguments of a check of the whole package, by a file of that text."""
    (folder / "mine.py").write_text(subjects, encoding="utf-8")
    (folder / "known.yaml").write_text(text, encoding="utf-8")
    return "--subjects", str(folder / "mine.py"), "--expectations", str(folder / "known.yaml")


def judged(*arguments: str) -> Record:
    done = run("check", *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


def execute(command: str) -> str:
    """Run a command line as a user pastes it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=FAKES, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def outdated(found: Record) -> list[tuple[str, str]]:
    return [(one["kind"], one["where"]) for one in found.named("expectation-outdated")]


@pytest.mark.slow
def test_each_way_to_be_outdated_is_news_and_its_command_fixes_the_file(tmp_path: Path) -> None:
    ways = list(WAYS.values())
    arguments = written(tmp_path, text := in_lines([entry for entry, _ in ways] + HOLDING))
    done = run("check", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 1, done.stderr
    record = (tmp_path / "out" / "events.jsonl").read_text(encoding="utf-8")
    first = Record(done.returncode, events_from_lines(record), done.stderr)
    numbers = range(len(ways) + len(HOLDING))
    line = {text[: text.index(f"# comment {number}\n")].count("\n") + 2: number for number in numbers}
    found = {(kind, line[int(where.rpartition(":")[2])]) for kind, where in outdated(first)}
    # What lists everything passes where a subject conforms.
    everything = ("passes", list(WAYS).index("everything"))
    assert found == {(kind, number) for number, (_, kind) in enumerate(ways)} | {everything}
    (fix,) = {one["fix"] for one in first.named("expectation-outdated")}
    assert fix in done.stdout
    execute(fix)
    after = (tmp_path / "known.yaml").read_text(encoding="utf-8")
    assert [after.count(f"# comment {number}\n") for number in range(len(ways))] == [1] * len(ways)
    rows = yaml.safe_load(after)["expectations"]
    assert [one["at_most"] > 1 for one in rows if "at_most" in one] == [True]
    lists = [one["subject"] for one in rows if isinstance(one["subject"], list)]
    assert [one for one in lists if len(one) == 1] == [["mine.chars"], ["mine.more_c*"]]
    assert ["mine.chars", "mine.more_chars", "mine.dying"] in lists, "what was narrowed is one entry"
    for entry in HOLDING:
        assert {**entry, **WHY} in rows
    again = judged(*arguments)
    assert outdated(again) == []
    assert again.code == 0


@pytest.mark.nightly
@pytest.mark.parametrize("write", [in_lines, in_brackets])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("keeps", [True, False])
def test_each_way_alone_is_fixed_with_and_without_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, write: Any, keeps: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    entry, kind = WAYS[way]
    arguments = written(tmp_path, write([entry]))
    out = ["--out", str(tmp_path / "out")] if keeps else []
    found = judged(*arguments, *out)
    assert found.code == 1
    assert kind in {one[0] for one in outdated(found)}
    execute(found.named("expectation-outdated")[0]["fix"].replace("bufspec-record", str(tmp_path / "record")))
    assert outdated(judged(*arguments)) == []


@pytest.mark.parametrize(
    "narrowed",
    [
        ["--rule", "request.*"],
        ["--exclude", "lifetime.*"],
        ["--case", "request.*"],
        ["--fail-fast"],
        ["mine.good", "mine.chars"],
        ["--no-discover"],
        ["--shard", "1/2"],
    ],
)
@pytest.mark.slow
def test_a_run_that_leaves_something_out_finds_no_entry_useless(tmp_path: Path, narrowed: list[str]) -> None:
    useless = [entry for entry, kind in WAYS.values() if kind in ("no_subject", "rule_not_run", "no_case")]
    broad = [WAYS["too many cases"][0]]
    arguments = written(tmp_path, in_lines(useless + broad), WELL)
    found = judged(*narrowed, *arguments, "--out", str(tmp_path / "out"))
    assert outdated(found) == []
    done = run("expect", "update", str(tmp_path / "out"))
    is_refused = not narrowed[0].startswith("mine.")
    assert done.returncode == (2 if is_refused else 0), done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "known.yaml").read_text(encoding="utf-8") == in_lines(useless + broad)


@pytest.mark.nightly
def test_shards_together_find_what_one_run_finds(tmp_path: Path) -> None:
    arguments = written(tmp_path, in_lines([entry for entry, _ in WAYS.values()] + HOLDING))
    whole = judged(*arguments)
    places = [str(tmp_path / f"shard{number}") for number in (1, 2)]
    for number, place in enumerate(places, start=1):
        shard = judged(*arguments, "--shard", f"{number}/2", "--out", place)
        assert not {kind for kind, _ in outdated(shard)} & {
            "no_subject",
            "rule_not_run",
            "no_case",
            "too_broad",
        }
    done = run("merge", *places, "--out", str(tmp_path / "merged"))
    assert done.returncode in (0, 1), done.stderr
    text = (tmp_path / "merged" / "events.jsonl").read_text(encoding="utf-8")
    merged = Record(done.returncode, events_from_lines(text), done.stderr)
    assert outdated(merged) == outdated(whole)
    fixed = run("expect", "update", str(tmp_path / "merged"))
    assert fixed.returncode == 0, fixed.stderr
    assert outdated(judged(*arguments)) == []


@pytest.mark.slow
def test_another_edition_says_nothing_of_rules_and_cases(tmp_path: Path) -> None:
    useless = [entry for entry, kind in WAYS.values() if kind in ("no_subject", "rule_not_run", "no_case")]
    found = judged(*written(tmp_path, in_lines(useless), WELL), "--edition", "2010")
    assert {kind for kind, _ in outdated(found)} == {"no_subject"}


@pytest.mark.slow
def test_a_test_of_one_subject_says_nothing_of_its_package(tmp_path: Path) -> None:
    useless = [entry for entry, kind in WAYS.values() if kind in ("no_subject", "rule_not_run", "no_case")]
    written(tmp_path, in_lines(useless))
    known = [tmp_path / "known.yaml"]
    bufspec.assert_conforms(lambda: bytearray(b"ab"), name="mine.good", rules=["field.*"], expectations=known)
    bufspec.assert_conforms(lambda: bytearray(b"ab"), name="mine.good", expectations=known)


@pytest.mark.slow
def test_an_entry_of_a_dying_subject_is_not_outdated_for_what_its_death_cut(tmp_path: Path) -> None:
    entries = [
        {"subject": "mine.dying", **DEATH, "outcome": "crash"},
        {"subject": "mine.dying", "rule": FORMAT},
    ]
    assert judged("mine.dying", *written(tmp_path, in_lines(entries))).code == 0


@pytest.mark.slow
def test_new_failures_are_added_with_a_reason_and_then_known(tmp_path: Path) -> None:
    written(tmp_path, "")
    file, out = str(tmp_path / "new.yaml"), str(tmp_path / "out")
    subjects = ["--subjects", str(tmp_path / "mine.py")]
    assert judged(*subjects, "--out", out).code == 1
    refused = run("expect", "update", out, "--file", file)
    assert refused.returncode == 2
    assert not Path(file).exists()
    because = ["--reason", "Not fixed before the next release.", "--link", "https://example.org/2"]
    done = run("expect", "update", out, "--file", file, *because)
    assert done.returncode == 0, done.stderr
    assert "added: death of mine.dying" in done.stdout
    assert judged(*subjects, "--expectations", file).code == 0
    done = run("expect", "update", out, "--file", str(tmp_path / "x.yaml"), "--reason", "short", *because[2:])
    assert done.returncode == 2
    assert '"short" is too short' in done.stderr and "where: --reason" in done.stderr
    assert not (tmp_path / "x.yaml").exists()
    done = run("expect", "update", out, "--file", file, *because[:2], "--link", "issue 7")
    assert (done.returncode, "where: --link" in done.stderr) == (2, True), done.stderr


@pytest.mark.slow
def test_what_several_subjects_break_alike_is_one_entry(tmp_path: Path) -> None:
    subjects = tmp_path / "twins.py"
    lines = ["import ctypes", "from bufspec.declare import exporter"]
    lines += [f'exporter("twins.{name}")(lambda: (ctypes.c_int * 3)())' for name in ("one", "other")]
    subjects.write_text("\n".join(lines), encoding="utf-8")
    file, out = tmp_path / "new.yaml", str(tmp_path / "out")
    assert judged("--subjects", str(subjects), "--out", out).code == 1
    because = ["--reason", "Not fixed before the next release.", "--link", "https://example.org/2"]
    done = run("expect", "update", out, "--file", str(file), *because)
    assert f"added: {FORMAT} of twins.one, twins.other" in done.stdout, done.stderr
    assert 'subject: ["twins.one", "twins.other"]' in file.read_text(encoding="utf-8")
    assert judged("--subjects", str(subjects), "--expectations", str(file)).code == 0


@pytest.mark.slow
def test_a_file_that_was_changed_since_or_was_not_used_is_refused(tmp_path: Path) -> None:
    arguments = written(tmp_path, in_lines([WAYS["passes"][0]]))
    out = str(tmp_path / "out")
    judged("mine.good", *arguments, "--out", out)
    (tmp_path / "other.yaml").write_text(in_lines([]), encoding="utf-8")
    refused = run("expect", "update", out, "--file", str(tmp_path / "other.yaml"))
    assert (refused.returncode, "did not use this file" in refused.stderr) == (2, True)
    changed = (tmp_path / "known.yaml").read_text(encoding="utf-8") + "# more\n"
    (tmp_path / "known.yaml").write_text(changed, encoding="utf-8")
    refused = run("expect", "update", out)
    assert (refused.returncode, "changed since the run" in refused.stderr) == (2, True)
    assert (tmp_path / "known.yaml").read_text(encoding="utf-8") == changed


TEXT = """# head
expectations:   # the entries

  # of a
  - subject: "a.b"   # of it
    rule: "r.s.t"
    # inside
    reason: >
      folded
      text of it
    link: "https://example.org/1"

  # of c
  - {subject: 'c.d', rule: "r.s.t", reason: known for long, link: "https://example.org/1"}
  -
    subject: e.f
    rule: r.s.t  # last
    reason: known for long
    link: "https://example.org/1"
# tail
"""


@pytest.mark.parametrize(
    ("edits", "gone", "there"),
    [
        ({}, [], TEXT.splitlines()),
        ({0: []}, ["a.b", "inside", "folded"], ["# of a", "# of c", "# tail", "# head"]),
        ({1: []}, ["c.d"], ["# of it", "# of c", "# tail", "subject: e.f"]),
        ({2: []}, ["e.f", "# last"], ["# of it", "# tail"]),
        ({0: [], 1: [], 2: []}, ["a.b", "c.d", "e.f"], ["# of a", "# tail", "expectations: []"]),
        (
            {0: [{"subject": "a.x"}, {"subject": "a.y"}]},
            ["a.b"],
            ['"a.x"   # of it', '"a.y"   # of it', "inside"],
        ),
        ({1: [{"outcome": "flaky"}]}, [], ['rule: "r.s.t", "outcome": "flaky"']),
        ({0: [{"subject": ["a.x", "a.y"]}]}, ["a.b"], ['["a.x", "a.y"]   # of it', "inside"]),
        ({2: [{"outcome": "flaky", "rule": "*"}]}, [], ['rule: "*"  # last', 'outcome: "flaky"']),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_is_not_changed_stays_to_the_letter(
    edits: dict[int, list[dict[str, Any]]], gone: list[str], there: list[str], line_end: str
) -> None:
    found = rewritten(TEXT.replace("\n", line_end), "known.yaml", edits, [])
    assert [one for one in gone if one in found] == []
    assert [one for one in there if one not in found] == []
    untouched = [line for line in TEXT.splitlines() if line.startswith(("#", "  #"))]
    assert [line for line in untouched if line not in found.splitlines()] == []


@pytest.mark.parametrize(
    "text", ["expectations: []\n", '{"expectations": []}', "# x\nexpectations:   []  # y\n"]
)
def test_an_entry_is_added_where_there_is_none(text: str) -> None:
    row = {"subject": "a.b", "rule": "r.s.t", **WHY}
    assert yaml.safe_load(rewritten(text, "known.yaml", {}, [row])) == {"expectations": [row]}
    one = rewritten(text, "known.yaml", {}, [row])
    both = rewritten(one, "known.yaml", {}, [{**row, "rule": "*"}])
    assert yaml.safe_load(both) == {"expectations": [row, {**row, "rule": "*"}]}
    assert yaml.safe_load(rewritten(both, "known.yaml", {0: [], 1: []}, [])) == {"expectations": []}
    assert yaml.safe_load(rewritten(both, "known.yaml", {1: []}, [row | {"rule": "x.*"}]))["expectations"][
        1:
    ] == [row | {"rule": "x.*"}]


def test_what_cannot_be_edited_as_text_is_refused() -> None:
    text = (
        'expectations: [{subject: a.b, rule: r.s.t, reason: "known for long", # x]\n link: "https://e.org"}]'
    )
    row = {"subject": "a.b", "rule": "r.s.t", "reason": "short", "link": "https://example.org"}
    with pytest.raises(ExpectationError):
        rewritten(text, "known.yaml", {}, [row])


@pytest.mark.slow
def test_the_files_of_bufspec_are_updated_only_if_they_are_named(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    judged("stdlib.bytearray", "--out", out)
    refused = run("expect", "update", out)
    assert (refused.returncode, "--file" in refused.stderr) == (2, True)
    ours = Path(__file__).resolve().parents[1] / "expectations" / "stdlib.yaml"
    before = ours.read_text(encoding="utf-8")
    done = run("expect", "update", out, "--file", str(ours))
    assert (done.returncode, "nothing to change" in done.stdout) == (0, True), done.stderr
    assert ours.read_text(encoding="utf-8") == before


@pytest.mark.slow
def test_a_record_that_speaks_of_an_entry_that_is_not_there_is_refused(tmp_path: Path) -> None:
    arguments = written(tmp_path, in_lines([WAYS["passes"][0]]))
    out = tmp_path / "out"
    judged("mine.good", *arguments, "--out", str(out))
    record = (out / "events.jsonl").read_text(encoding="utf-8")
    assert '"entry": 0' in record
    (out / "events.jsonl").write_text(record.replace('"entry": 0', '"entry": 7'), encoding="utf-8")
    refused = run("expect", "update", str(out))
    assert (refused.returncode, "not of this file" in refused.stderr) == (2, True)
    lines = record.splitlines(keepends=True)
    for cut in ("".join(lines[:-1]), record[:-40], "", "{}\n"):
        (out / "events.jsonl").write_text(cut, encoding="utf-8")
        refused = run("expect", "update", str(out))
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
