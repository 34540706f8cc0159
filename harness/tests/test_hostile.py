"""Does a subject that attacks its worker, or what the worker is heard by, cost itself only, and is it named?

Each kind of fakes/hostile.py is in one row of a table; a fixed seed draws in which case of a run it strikes,
and of each row and outcome a quarter.  After each, a blameless subject is judged in the same run.  The long
form, run nightly, tries every kind in the first, a middle and the last case, and more seeds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from command_line import Event
from conftest import sample
from runs_here import BLAMELESS, judged, rules_of

PLACES = {"first": 0x000, "middle": 0x200, "last": 0x3F7}
DRAW = random.Random(20261128)
STRANGER = b"607.731"

pytestmark = pytest.mark.usefixtures("among_the_fakes")


@frozen
class Kind:
    """What a subject does, in which row it counts, and what it comes to; an empty outcome is none."""

    row: str
    misdeed: str
    outcome: str
    told: str = ""

    def at(self, word: int) -> str:
        return f"hostile:exporter({word:#05x}, {self.misdeed})"


def said(line: bytes, told: str) -> Kind:
    return Kind("channel", f"says({line!r})", "corrupt", told)


def written(line: bytes, told: str) -> Kind:
    return Kind("journal", f"writes({line!r})", "corrupt", told)


CHANNEL = [
    said(b"garbage\n", "not a line of JSON"),
    said(b"\n", "not a line of JSON"),
    said(b"[]\n", "not an object"),
    said(b"null\n", "not an object"),
    said(b"\xff\xfe\x00\n", "not a line of JSON"),
    said(b"\x1b]0;title\x07\n", "\\x1b]0;title\\x07"),
    said(b"{}\n", "expected a field worn"),
    said(b'{"refused": "WorkerError"}\n', "expected a field what"),
    said(b'{"raised": 7, "kind": "", "trace": ""}\n', "raised: expected a text"),
    said(b'{"worn": [], "done": "list"}\n', "done says another request"),
    said(b'{"worn": [], "facts": {"memories": {"all": [1, -2, 3]}}}\n', "facts"),
    said(b'{"worn": []}\n', "answer to run: "),
    said(b'{"worn": [], "done": "run"}\n', "answer to run: "),
    said(b'{"wo', "not a line of JSON"),
    Kind("channel", "says(b'[' * 200000 + b'\\n')", "corrupt", "not a line of JSON"),
    Kind("channel", "floods_the_line(17)", "corrupt", "not a line of JSON: more than"),
]
JOURNAL = [
    written(b"garbage\n", ": 'garbage'"),
    written(b"[]\n", "not an object"),
    written(b"null\n", "not an object"),
    written(b"{}\n", "no known kind"),
    written(b'{"rule": "x"}\n', "expected a field step"),
    written(b'{"rule": 7, "step": "x"}\n', "expected"),
    written(b'{"start": []}\n', "expected"),
    written(b'{"end": {"worn": 1}}\n', "expected a list"),
    written(b'{"end": {"worn": []}}\ngarbage\n', "not a line of JSON"),
    written(b"\xff\xff\n", "not a line of JSON"),
    written(b'{"start": 99999999999999999999999}\n', "expected"),
    Kind("journal", "writes(b'[' * 200000 + b'\\n')", "corrupt", "not a line of JSON"),
    Kind("journal", "writes(b'x' * (9 << 20))", "corrupt", "a line of more than"),
    Kind("journal", "forges_a_failure", "corrupt", "in the ledger"),
    Kind("journal", "journal_is_a_fifo", "corrupt", "replaced"),
    Kind("journal", "journal_is_a_folder", "corrupt", "replaced"),
    Kind("journal", "journal_is_a_link", "corrupt", "replaced"),
    Kind("journal", "journal_is_gone", "corrupt", "removed"),
    Kind("journal", "journal_is_cut", "corrupt", "journal: "),
]
LEDGER = [
    Kind("ledger", "ledger_is_zero", "corrupt", "its head was overwritten"),
    Kind("ledger", "ledger_is_cut", "corrupt", "its size was changed"),
    Kind("ledger", "ledger_is_long", "corrupt", "its size was changed"),
    Kind("ledger", "scribbles((0, b'another program'))", "corrupt", "its head was overwritten"),
    Kind("ledger", "scribbles((448, b'\\xab' * 64))", "corrupt", "overwritten"),
    Kind("ledger", "scribbles((600, b'\\x01' * 512))", "corrupt", "overwritten"),
    Kind("ledger", "lies_about_its_place", ""),
]
WORKER = [
    Kind("worker", "forget_sys", ""),
    Kind("worker", "forget_sys_data", ""),
    Kind("worker", "break_imports", ""),
    Kind("worker", "break_all_builtins", ""),
    Kind("worker", "lie_about_the_process", ""),
    Kind("worker", "break_json", ""),
    Kind("worker", "break_os", ""),
    Kind("worker", "kill_the_parent", "crash", "SIGKILL"),
    Kind("worker", "outlive_the_parent", "crash", "SIGKILL"),
    Kind("worker", "stop_the_parent", "hang", "no result"),
    Kind("worker", "leave_a_stranger", ""),
    Kind("worker", "leave_a_family", ""),
]
AS_THE_WORKER = ("says(b'{\"worn\": []}\\n')", 'says(b\'{"worn": [], "done": "run"}\\n\')')
"""What the worker says as well: true where the driver reads it only when every case is done."""
SCRIBBLES = 3
MANY_SCRIBBLES = 100
KINDS = [*CHANNEL, *JOURNAL, *LEDGER, *WORKER]
DRAWN = [(kind, DRAW.choice(list(PLACES))) for kind in KINDS]
TRIED = sample(DRAWN, 4, kind=lambda placed: (placed[0].row, placed[0].outcome))


def placed() -> Iterator[Any]:
    """What is tried of the kinds at drawn places, and for the nightly run all in all places."""
    for kind in KINDS:
        for name in PLACES:
            marks = () if (kind, name) in TRIED else pytest.mark.nightly
            yield pytest.param(kind, PLACES[name], id=f"{kind.row}-{kind.misdeed[:30]}-{name}", marks=marks)


def counted(request: pytest.FixtureRequest, row: str) -> None:
    """Count this test in a row of what was tried and held, which the end of the run prints."""
    request.node.user_properties.append(("row", row))


def strangers() -> list[int]:
    """The processes that a subject has left, by what they were started with."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if STRANGER in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def check(
    kind_outcome: str, told: str, name: str, blameless: Event, *, jobs: int = 1, may_be_true: bool = False
) -> None:
    """One outcome or none, of that subject only, and the run is complete."""
    found = judged(name, BLAMELESS, jobs=jobs)
    deaths = [one for one in found.failures if one["subject"] == name]
    if deaths or not may_be_true:
        assert [one["outcome"] for one in deaths] == ([kind_outcome] if kind_outcome else [])
    if deaths:
        assert told in deaths[0]["found"], deaths[0]["found"]
        assert deaths[0]["verdict"] == "news"
        assert found.subjects[name]["conforms"] is False
        assert deaths[0]["found"].isascii()
        assert len(deaths[0]["found"]) < 500
    else:
        assert rules_of(found.subjects[name]) == rules_of(blameless)
    assert "error" not in found.subjects[name]
    assert found.foot["complete"] is True
    assert rules_of(found.subjects[BLAMELESS]) == rules_of(blameless)
    assert [one for one in found.failures if one["subject"] == BLAMELESS] == []
    assert strangers() == []


@pytest.mark.parametrize(("kind", "word"), list(placed()))
def test_whoever_attacks_what_a_worker_is_heard_by_costs_itself_only(
    kind: Kind, word: int, blameless: Event, request: pytest.FixtureRequest
) -> None:
    counted(request, kind.row)
    check(kind.outcome, kind.told, kind.at(word), blameless, may_be_true=kind.misdeed in AS_THE_WORKER)


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=() if seed < SCRIBBLES else pytest.mark.nightly)
        for seed in range(MANY_SCRIBBLES)
    ],
)
def test_a_ledger_that_was_scribbled_over_is_never_believed(
    seed: int, blameless: Event, request: pytest.FixtureRequest
) -> None:
    counted(request, "ledger")
    word = random.Random(seed).choice(list(PLACES.values()))
    check("corrupt", "ledger", f"hostile:exporter({word:#05x}, scribbles_by_seed({seed}))", blameless)
