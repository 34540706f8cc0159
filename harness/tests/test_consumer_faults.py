"""Does a consumer that crashes, hangs, exits, forks or leaves threads cost its own cases only?

Each fault is committed in the first, a middle or the last case of a run, as a fixed seed draws, and of each
outcome a third; nightly all in all three.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from command_line import Event
from conftest import sample
from runs_here import Found, judged, rules_of

CASES = "consumer.reads_c_?d_[bcdhpsu]*"
PLACES = {"h": "c_3d_short", "?": "c_1d_bool", "P": "c_1d_pointer"}
"""A format that one case alone has, for the first, a middle and the last case."""
BLAMELESS = "consumer bytes consumer_faults:reader('none', abort)"
DEADLY = {
    "segfault": ("crash", "SIGSEGV"),
    "abort": ("crash", "SIGABRT"),
    "kill_itself": ("crash", "SIGKILL"),
    "free_twice": ("crash", "SIGABRT"),
    "be_fatal": ("crash", "SIGABRT"),
    "leave": ("exit", "status 7"),
    "exit_well": ("exit", "status 0"),
    "exit_badly": ("exit", "status 3"),
    "hang": ("hang", "no result"),
    "hang_with_the_lock": ("hang", "no result"),
}
HARMLESS = ("close_everything", "fork", "fork_and_return", "leave_a_thread")

NAMES = dict(zip(PLACES, ("first", "middle", "last"), strict=True))
DRAW = random.Random(20100928)


def placed(faults: Iterable[str]) -> list[Any]:
    """A third of the faults of each outcome at a drawn place, and for the nightly run all at all places."""
    faults = list(faults)
    now = sample(faults, 3, kind=lambda fault: DEADLY.get(fault, ("",))[0])
    found = []
    for fault in faults:
        place = DRAW.choice(list(PLACES))
        for format, name in NAMES.items():
            marks = () if format == place and fault in now else pytest.mark.nightly
            found.append(pytest.param(fault, format, id=f"{fault}-{name}", marks=marks))
    return found


pytestmark = pytest.mark.usefixtures("among_the_fakes")


def run(*subjects: str, cases: str = CASES) -> Found:
    return judged(*subjects, cases=cases, blameless=BLAMELESS)


def faulty(format: str, fault: str) -> str:
    return f"consumer bytes consumer_faults:reader({format!r}, {fault})"


def without(all_cases: Event, one_case: Event) -> dict[str, tuple[int, int]]:
    alone = rules_of(one_case)
    return {id_: (cases - alone[id_][0], failed) for id_, (cases, failed) in rules_of(all_cases).items()}


@pytest.fixture(scope="module")
def undisturbed() -> Event:
    (subject,) = run(BLAMELESS).subjects.values()
    return subject


@pytest.fixture(scope="module")
def single() -> dict[str, Event]:
    found = {}
    for format, layout in PLACES.items():
        (found[format],) = run(BLAMELESS, cases=f"consumer.reads_{layout}").subjects.values()
    return found


@pytest.mark.parametrize(("fault", "format"), placed(DEADLY))
@pytest.mark.slow
def test_a_death_is_one_outcome_of_its_case(
    fault: str, format: str, undisturbed: Event, single: dict[str, Event]
) -> None:
    outcome, told = DEADLY[fault]
    found = run(faulty(format, fault))
    (subject,) = found.subjects.values()
    deaths = [(one["case"], one["outcome"], one["rule"]) for one in found.failures]
    assert deaths == [(f"consumer.reads_{PLACES[format]}", outcome, None)]
    assert told in found.failures[0]["found"]
    assert rules_of(subject) == without(undisturbed, single[format])
    assert (subject["cases"], subject["cases_skipped"]) == (undisturbed["cases"] - 1, 0)
    assert found.foot["complete"] is True


@pytest.mark.slow
def test_who_dies_of_every_strided_memory_is_judged_on_the_others() -> None:
    found = run("consumer bytes consumer_faults:dies_of(strided, segfault)", cases="consumer.reads_*")
    (subject,) = found.subjects.values()
    assert 3 <= sum(one["outcome"] == "crash" for one in found.failures) <= 12
    (whole,) = run(BLAMELESS, cases="consumer.reads_*").subjects.values()
    # The others, of which some 50 are strided; the 44 of typed numbers all are.
    assert subject["cases"] > (whole["cases"] - 44) / 2
    assert found.foot["complete"] is True


@pytest.mark.parametrize(("fault", "format"), placed(HARMLESS))
def test_what_breaks_no_rule_is_no_outcome(fault: str, format: str, undisturbed: Event) -> None:
    found = run(faulty(format, fault))
    (subject,) = found.subjects.values()
    assert found.failures == []
    assert rules_of(subject) == rules_of(undisturbed)
    assert subject["conforms"] is True
