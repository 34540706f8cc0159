"""How does a run of several tasks at once come to one end?"""

from __future__ import annotations


def first_of(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first of the exceptions that ended a run's tasks."""
    first = failed.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
