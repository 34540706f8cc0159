"""The checks that this interpreter is asked to make, one for each rule that no call with an answer can show.

The engine asks for them by the id of the rule.  A check finds what it is about by name: `memoryview`,
`bytearray`.  Where a mutant is judged, its names stand for those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from bufspec.declare import Around
from bufspec.worker import memoryview_checks, pep688

CHECKS: dict[str, Callable[[], str]] = {**memoryview_checks.CHECKS, **pep688.checks_here()}
"""By rule: what is wrong with this interpreter, empty if nothing is."""


def make_check(rule: str) -> str | None:
    """What the check of that rule found wrong; None where this interpreter has nothing that it is about."""
    check = CHECKS.get(rule)
    return None if check is None else check()


@contextmanager
def in_place_of(names: Mapping[str, object]) -> Iterator[None]:
    """Within it the checks find these objects by these names."""
    kept = []
    for module in (memoryview_checks, pep688) if names else ():
        found = vars(module)
        kept.append((found, {name: found[name] for name in names if name in found}))
        found.update({name: _standing(given, found.get(name)) for name, given in names.items()})
    try:
        yield
    finally:
        for found, before in kept:
            for name in names:
                found.pop(name)
            found.update(before)


def _standing(given: object, right: object) -> object:
    return partial(given.call, right) if isinstance(given, Around) else given
