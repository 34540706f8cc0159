"""What the subject files declare here.

A worker is asked, because importing a subject's package runs that package's code.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from bufspec.process import Ended
from bufspec.selection import Listed, ListedGroup, groups_from_answer, groups_named, listed_expression, select
from bufspec.supervisor import Supervisor


async def find_subjects(
    supervisor: Supervisor, patterns: Sequence[str], expressions: Sequence[str]
) -> list[Listed]:
    """The subjects that the patterns match, in canonical order, and then the expressions, in theirs.

    Raises SelectionError for a pattern that matches nothing, ExpressionError for an expression that gives no
    exporter; one that kills its process is let through, to be judged for it.
    """
    subjects = select(await list_groups(supervisor, patterns), patterns) if patterns else []
    for text in dict.fromkeys(expressions):
        subjects.append(listed_expression(text))
        with suppress(Ended):
            await supervisor.ask({"do": "resolve", "subject": text})
    return subjects


async def list_groups(supervisor: Supervisor, patterns: Sequence[str] = ("*",)) -> list[ListedGroup]:
    """The subject files that the patterns may mean; all, as soon as a pattern names one that is not there."""
    named = groups_named(patterns)
    if named is not None:
        known = (await supervisor.ask({"do": "groups"}))["groups"]
        named = named if set(named) <= set(known) else None
    return groups_from_answer(await supervisor.ask({"do": "list", "groups": named}))
