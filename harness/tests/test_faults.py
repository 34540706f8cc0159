"""Is each fault of fakes/faults.py one outcome of the case that did it, or none, and nothing else changed?

Each is committed in the first, a middle or the last case of a run, as a fixed seed draws: of each outcome
half of them two at a time, and a sixth alone.  Nightly each is committed in all three, both ways.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from attrs import frozen
from bufspec.processes.family import MARK
from command_line import Event
from conftest import sample
from runs_here import BLAMELESS, MEMORY_LIMIT, Found, judged, rules_of

PLACES = (0x000, 0x200, 0x3F7)
NAMES = dict(zip(PLACES, ("first", "middle", "last"), strict=True))
SEED = 20100928


@frozen
class Fault:
    """A fault, and what it is to come to: the outcome of its case, and what is reported of it."""

    name: str
    outcome: str
    told: str

    def at(self, word: int) -> str:
        return f"faults:exporter({word:#05x}, {self.name})"


DEADLY = [
    Fault("segfault", "crash", "SIGSEGV (Fatal Python error: Segmentation fault, in string_at"),
    Fault("abort", "crash", "SIGABRT (Fatal Python error: Aborted, in abort (bad_exporters.py:"),
    Fault("terminate", "crash", "SIGTERM"),
    Fault("kill_itself", "crash", "SIGKILL"),
    Fault("divide_by_zero", "crash", "SIGFPE"),
    Fault("interrupt", "crash", "SIGINT"),
    Fault("write_to_nobody", "crash", "SIGPIPE"),
    Fault("die_of_an_alarm", "crash", "SIGALRM"),
    Fault("exhaust_the_stack", "crash", "SIGSEGV"),
    Fault("exhaust_memory", "crash", f"SIGABRT (memory limit of {MEMORY_LIMIT} MB)"),
    Fault("free_twice", "crash", "SIGABRT (free(): double free detected"),
    Fault("be_fatal", "crash", "SIGABRT (Fatal Python error: the exporter has lost its memory"),
    Fault("leave", "exit", "status 7"),
    Fault("exit_well", "exit", "status 0"),
    Fault("exit_badly", "exit", "status 3"),
    Fault("hang_at_exit", "hang", "no result"),
    Fault("hang", "hang", "no result"),
    Fault("hang_with_the_lock", "hang", "no result"),
    Fault("hang_with_signals_blocked", "hang", "no result"),
    Fault("stop", "hang", "no result"),
]
HARMLESS = [
    "block_signals",
    "break_builtins",
    "change_directory",
    "change_signal_handlers",
    "change_umask",
    "clear_environment",
    "close_everything",
    "close_streams",
    "flood",
    "forget_modules",
    "fork",
    "fork_and_raise",
    "fork_and_return",
    "hang_at_python_exit",
    "leave_a_grandchild",
    "leave_a_thread",
    "leave_an_alarm",
    "lower_the_recursion_limit",
    "read_input",
    "replace_streams",
    "reuse_descriptors",
    "stop_collecting",
    "trace_everything",
]
FAULTS = DEADLY + [Fault(name, "", "") for name in HARMLESS]

DRAW = random.Random(SEED)
PLACED = [(fault, DRAW.choice(PLACES)) for fault in FAULTS]
"""Each fault once."""
DRAWN = sample(PLACED, 2, kind=lambda placed: placed[0].outcome)
ALONE = sample(PLACED, 6, kind=lambda placed: placed[0].outcome)
EVERYWHERE = [(fault, word) for word in PLACES for fault in FAULTS]

pytestmark = pytest.mark.usefixtures("among_the_fakes")


@pytest.fixture(scope="module")
def single() -> dict[int, Event]:
    """What each single case comes to, by its flag word."""
    found = {}
    for word in PLACES:
        (found[word],) = judged(BLAMELESS, cases=case_of(word)).subjects.values()
    return found


def case_of(word: int) -> str:
    return f"request.word_{word:#05x}"


def check_one_outcome(found: Found, fault: Fault, word: int, blameless: Event, single: Event) -> None:
    subject = found.subjects[fault.at(word)]
    deaths = [one for one in found.failures if one["subject"] == fault.at(word)]
    undisturbed = rules_of(blameless)
    if not fault.outcome:
        assert deaths == []
        assert rules_of(subject) == undisturbed
        assert subject["conforms"] is True
        return
    assert [(one["case"], one["outcome"], one["rule"]) for one in deaths] == [
        (case_of(word), fault.outcome, None)
    ]
    assert fault.told in deaths[0]["found"]
    assert deaths[0]["step"] == 0
    without = {
        id_: (cases - rules_of(single)[id_][0], failed) for id_, (cases, failed) in undisturbed.items()
    }
    assert rules_of(subject) == without
    assert subject["cases"] == blameless["cases"] - 1
    assert subject["cases_skipped"] == 0


def left_behind() -> list[int]:
    """The processes that workers of this process started and that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={os.getpid()}-".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        pytest.param(
            *placed,
            id=f"{placed[0].name}-{NAMES[placed[1]]}",
            marks=() if placed in ALONE else pytest.mark.nightly,
        )
        for placed in EVERYWHERE
    ],
)
def test_a_fault_is_one_outcome_of_its_case(
    fault: Fault, word: int, blameless: Event, single: dict[int, Event]
) -> None:
    found = judged(fault.at(word))
    assert found.foot["complete"] is True
    check_one_outcome(found, fault, word, blameless, single[word])
    assert left_behind() == []


@pytest.mark.parametrize(
    "placed",
    [pytest.param(DRAWN, id="drawn"), pytest.param(EVERYWHERE, id="everywhere", marks=pytest.mark.nightly)],
)
@pytest.mark.slow
def test_two_faults_at_a_time_are_kept_apart(
    placed: list[tuple[Fault, int]], blameless: Event, single: dict[int, Event]
) -> None:
    found = judged(*(fault.at(word) for fault, word in placed), jobs=2)
    for fault, word in placed:
        check_one_outcome(found, fault, word, blameless, single[word])
    assert found.foot["complete"] is True
    assert left_behind() == []
