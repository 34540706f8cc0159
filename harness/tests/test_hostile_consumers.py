"""Does a consumer that attacks its worker, or gives what nobody can look at, cost itself only?

Each strikes when it meets the memory of one format, as in test_consumer_faults.py; a blameless one follows.
Of each outcome a quarter is tried, nightly all.
"""

from __future__ import annotations

import pytest
from command_line import Event
from conftest import drawn
from runs_here import judged, rules_of

CASES = "consumer.reads_c_?d_[bcdhpsu]*"
DIES = {
    "says(b'garbage\\n')": ("corrupt", "garbage"),
    "says(b'[' * 200000 + b'\\n')": ("corrupt", "not a line of JSON"),
    'writes(b\'{"rule": "x"}\\n\')': ("corrupt", "expected a field"),
    "journal_is_a_fifo": ("corrupt", "replaced"),
    "journal_is_gone": ("corrupt", "removed"),
    "ledger_is_zero": ("corrupt", "its head was overwritten"),
    "ledger_is_cut": ("corrupt", "its size was changed"),
    "scribbles_by_seed(1)": ("corrupt", "ledger"),
    "kill_the_parent": ("crash", "SIGKILL"),
    "outlive_the_parent": ("crash", "SIGKILL"),
}
HARMLESS = ["forget_sys", "break_imports", "break_json", "break_os", "leave_a_stranger", "leave_a_family"]
RAISES = [
    "raises(SystemExit(0))",
    "raises(KeyboardInterrupt())",
    "raises(Unspeakable())",
    "raises(ValueError('x' * (5 << 20)))",
    "raises(type('x' * 10**6, (Exception,), {})())",
    "raises(ValueError('\\x1b[2J\\ud800\\u202e'))",
    "Unequal",
    "lambda: 'x' * (5 << 20)",
    "lambda: eval('[' * 90 + ']' * 90)",
]

pytestmark = pytest.mark.usefixtures("among_the_fakes")


@pytest.fixture(scope="module")
def undisturbed(among_the_fakes: None) -> Event:
    (subject,) = judged(quiet(), cases=CASES, blameless=quiet()).subjects.values()
    return subject


def quiet() -> str:
    return "consumer bytes hostile:reader(abs, 'none')"


def struck(misdeed: str) -> str:
    return f"consumer bytes hostile:reader({misdeed})"


def outcome_of(misdeed: str) -> str:
    return DIES[misdeed][0] if misdeed in DIES else "harmless" if misdeed in HARMLESS else "raises"


@pytest.mark.parametrize(
    "misdeed", drawn([*DIES, *HARMLESS, *RAISES], 4, kind=outcome_of), ids=lambda one: one[:30]
)
def test_a_hostile_consumer_costs_itself_only(
    misdeed: str, undisturbed: Event, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("row", "consumers"))
    found = judged(struck(misdeed), quiet(), cases=CASES, blameless=quiet())
    subject = found.subjects[struck(misdeed)]
    deaths = [one for one in found.failures if one["rule"] is None]
    if misdeed in DIES:
        outcome, told = DIES[misdeed]
        assert [one["outcome"] for one in deaths] == [outcome]
        assert told in deaths[0]["found"]
        assert subject["conforms"] is False
    else:
        assert deaths == []
    if misdeed in HARMLESS:
        assert rules_of(subject) == rules_of(undisturbed)
    assert "error" not in subject
    assert rules_of(found.subjects[quiet()]) == rules_of(undisturbed)
    assert found.foot["complete"] is True
