"""Is nothing green for nothing?  What exports or grants nothing is undecided wherever verdicts are shown."""

from __future__ import annotations

from pathlib import Path

import bufspec
import pytest
from bufspec.errors import UndecidedError
from bufspec.isolation.job import SubjectRun
from bufspec.run.undecided import notes
from bufspec.wire.profile import Profile
from command_line import Record, record, run

EXPORTS_NOTHING = """
from bufspec.declare import exporter
exporter("mine.plain")(object)
def released():
    view = memoryview(b"12345678")
    view.release()
    return view
exporter("mine.refuses")(released)
exporter("mine.good")(lambda: b"12345678")
"""


@pytest.fixture
def subjects(tmp_path: Path) -> str:
    file = tmp_path / "mine.py"
    file.write_text(EXPORTS_NOTHING, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("names", "options", "code"),
    [
        (["mine.plain"], [], 2),
        (["mine.refuses"], [], 1),
        (["mine.plain", "mine.refuses"], [], 1),
        (["mine.plain", "mine.good"], [], 1),
        (["mine.*"], ["--allow-undecided"], 0),
        (["mine.*"], ["--fail-on", "none"], 0),
        (["mine.plain"], ["--rule", "lifetime.*"], 2),
        (["mine.good"], ["--case", "leak.*"], 0),
    ],
)
@pytest.mark.slow
def test_the_exit_code(subjects: str, names: list[str], options: list[str], code: int) -> None:
    found = run("check", "--subjects", subjects, *names, *options, "--case", "request.*")
    assert found.returncode == code, found.stdout + found.stderr


@pytest.mark.slow
def test_a_filter_that_leaves_no_granted_request_decides_nothing(subjects: str) -> None:
    """The one word of this case asks bytes to be writable; a probe without the filter is granted others."""
    arguments = ["--subjects", subjects, "mine.*", "--no-expectations", "--case", "request.word_0x001"]
    found = record(*arguments).subjects
    assert {name for name, one in found.items() if "undecided" in one} == {"mine.plain", "mine.refuses"}
    assert found["mine.good"]["granted"] == 0 and found["mine.good"]["answers"] > 0


def judged(subjects: str, *arguments: str) -> Record:
    return record("--subjects", subjects, "--no-expectations", "--case", "request.*", *arguments)


@pytest.mark.slow
def test_the_record_says_why_and_counts_what_was_granted(subjects: str) -> None:
    found = judged(subjects, "mine.*")
    plain, refuses, good = (found.subjects[f"mine.{name}"] for name in ("plain", "refuses", "good"))
    assert plain["undecided"]["by_declaration"] and "exports no buffer" in plain["undecided"]["reason"]
    assert not refuses["undecided"]["by_declaration"] and "refused all" in refuses["undecided"]["reason"]
    assert plain["conforms"] is refuses["conforms"] is None
    assert "undecided" not in good and 0 < good["granted"] <= good["answers"]
    assert found.foot["undecided"] == 2


@pytest.mark.slow
def test_an_expectation_may_list_it(subjects: str, tmp_path: Path) -> None:
    entry = tmp_path / "known.yaml"
    text = (
        "expectations:\n"
        "  - {{subject: '{subject}', rule: '*', outcome: undecided, reason: it is closed, link: 'https://a.b'}}\n"
    )
    entry.write_text(text.format(subject="mine.refuses"), encoding="utf-8")
    known = record("--subjects", subjects, "mine.refuses", "--expectations", str(entry))
    assert known.code == 0 and known.subjects["mine.refuses"]["undecided"]["verdict"] == "as_expected"
    entry.write_text(text.format(subject="mine.good"), encoding="utf-8")
    outdated = record("--subjects", subjects, "mine.good", "--expectations", str(entry))
    assert outdated.code == 1 and len(outdated.named("expectation-outdated")) == 1


@pytest.mark.slow
def test_a_test_of_nothing_fails() -> None:
    with pytest.raises(UndecidedError, match="exports no buffer") as raised:
        bufspec.assert_conforms(object)
    assert isinstance(raised.value, AssertionError)
    bufspec.assert_conforms(object, allow_undecided=True)


def test_what_was_declared_and_could_not_be_tried_is_noted() -> None:
    run_ = SubjectRun("mine.matrix", profile=Profile(operations=("grow", "close"), builds=True))
    run_.facts = {"declared": ["close"], "expects": 6}
    run_.totals = {
        "exercised": {"operations_raising": 0b11, "richest_len": 8, "builds_asked": 40, "builds_made": 0}
    }
    assert notes(run_) == [
        "operation close raises also while no view is held, so its refusal shows nothing",
        "build made no object for any of 40 layouts",
        "expect has 6 bytes, the object exports 8",
    ]
    run_.totals["exercised"] = {
        "operations_raising": 0,
        "richest_len": 6,
        "builds_asked": 40,
        "builds_made": 1,
    }
    assert notes(run_) == []


def test_an_order_that_does_not_show_is_noted_where_copies_are_made() -> None:
    run_ = SubjectRun("mine.copies")
    run_.totals = {"exercised": {"orders_open": 3}}
    assert notes(run_) == []
    run_.totals["rules"] = {"request.contiguous.copy": {"readings": {"copy": 3}}}
    assert notes(run_) == ["order not compared: all elements are alike"]


@pytest.mark.slow
def test_a_consumer_of_which_no_result_was_compared_has_a_note(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from bufspec.declare import consumer\n"
        "def shorts(memory):\n"
        "    view = memoryview(memory)\n"
        "    if view.format != 'h' or view.ndim != 1: raise TypeError(f'h is needed, not {view.format}')\n"
        "    return sum(view)\n"
        "def picky(memory):\n"
        "    if isinstance(memory, (bytes, memoryview)): raise TypeError('not these')\n"
        "    return shorts(memory)\n"
        "consumer('mine.shorts')(shorts)\n"
        "consumer('mine.picky')(picky)\n"
        "consumer('mine.fitted', fits={'format': 'h', 'shape': (6,)})(shorts)\n"
        "consumer('mine.told', returns='none')(shorts)\n"
        "consumer('mine.any')(len)\n"
        "consumer('mine.iterator')(lambda memory: iter(bytes(memory)))\n",
        encoding="utf-8",
    )
    found = record("--subjects", str(file), "--no-expectations").subjects

    def noted(words: str) -> set[str]:
        return {name for name, one in found.items() if any(words in note for note in one.get("notes", []))}

    assert noted("not compared") == {"mine.picky", "mine.iterator"}
    assert noted(" memories; say which it takes") == {"mine.shorts", "mine.picky", "mine.told"}


@pytest.mark.slow
def test_such_notes_come_from_real_subjects(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from bufspec.declare import exporter\n"
        "def closed(obj): raise ValueError('closed')\n"
        "exporter('mine.odd', expect=b'123', operations={'shut': closed}, build=lambda _: NotImplemented)"
        "(lambda: bytearray(8))\n",
        encoding="utf-8",
    )
    (found,) = record("--subjects", str(file), "--no-expectations").subjects.values()
    assert [note.split()[0] for note in found["notes"]] == ["operation", "build", "expect"]
