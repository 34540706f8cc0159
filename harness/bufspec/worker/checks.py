"""The checks that this interpreter is asked to make, one for each rule that no call with an answer can show.

The engine asks for them by the id of the rule.
"""

from __future__ import annotations

from collections.abc import Callable

from bufspec.worker import memoryview_checks, pep688

CHECKS: dict[str, Callable[[], str]] = {**memoryview_checks.CHECKS, **pep688.checks_here()}
"""By rule: what is wrong with this interpreter, empty if nothing is."""


def make_check(rule: str) -> str | None:
    """What the check of that rule found wrong; None where this interpreter has nothing that it is about."""
    check = CHECKS.get(rule)
    return None if check is None else check()
