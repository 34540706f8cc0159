"""What the subject files declare here.

A worker is asked, because importing a subject's package runs that package's code.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from bufspec.errors import DeclarationError, WorkerError
from bufspec.isolation.job import SETUP_SECONDS, START_SECONDS, hello_seconds, peer_seconds
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.selection import (
    Listed,
    ListedGroup,
    groups_from_answer,
    groups_named,
    listed_expression,
    select,
)
from bufspec.wire.remote_file import absolute
from bufspec.words import MUTANTS


async def find_subjects(
    supervisor: Supervisor,
    patterns: Sequence[str],
    expressions: Sequence[str],
    files: Sequence[str] = (),
    *,
    setup_timeout: float = SETUP_SECONDS,
) -> tuple[list[Listed], list[ListedGroup]]:
    """The subjects that the patterns match, in canonical order, and then the expressions, in theirs; and the
    groups that were listed for it.

    Each expression may take so long to make its object, and each peer to say hello.

    `files` are subject files of one's own; without patterns all that they declare is meant.
    Raises SelectionError for a pattern that matches nothing, DeclarationError for a file that cannot be used,
    ExpressionError for an expression that gives no exporter; one that kills its process is let through, to be
    judged for it.
    """
    subjects: list[Listed] = []
    groups: list[ListedGroup] = []
    if patterns:
        groups = await list_groups(supervisor, patterns, files, setup_timeout=setup_timeout)
        subjects = select(groups, patterns)
    elif files:
        groups = await _listed(supervisor, [], files, setup_timeout)
        subjects = select(groups, ["*"])
    for text in dict.fromkeys(expressions):
        subjects.append(listed_expression(text))
        with suppress(Ended):
            await supervisor.ask({"do": "resolve", "subject": text}, seconds=START_SECONDS + setup_timeout)
    return subjects, groups


async def list_groups(
    supervisor: Supervisor,
    patterns: Sequence[str] = ("*",),
    files: Sequence[str] = (),
    *,
    setup_timeout: float = SETUP_SECONDS,
) -> list[ListedGroup]:
    """The subject files that the patterns may mean; all, as soon as a pattern names one that is not there.

    Files of one's own come last, and always all of them.
    """
    named = groups_named(patterns)
    if named is None:
        return await _listed(supervisor, None, files, setup_timeout)
    known = await every_group(supervisor)
    groups = await _listed(supervisor, [name for name in named if name in known], files, setup_timeout)
    declared = {one.name.partition(".")[0] for group in groups for one in group.subjects}
    if set(named) <= known | declared:
        return groups
    return await _listed(supervisor, None, files, setup_timeout)


async def list_every_group(supervisor: Supervisor, files: Sequence[str] = ()) -> list[ListedGroup]:
    """All subject files that a list of subjects shows, those of the zoo included."""
    return await _listed(supervisor, sorted(await every_group(supervisor) - {MUTANTS}), files)


async def every_group(supervisor: Supervisor) -> set[str]:
    """The names of the subject files that there are; none is imported."""
    try:
        return set((await supervisor.ask({"do": "groups"}))["groups"])
    except Ended as end:
        raise _unlisted(end) from end


async def _listed(
    supervisor: Supervisor,
    names: list[str] | None,
    files: Sequence[str],
    setup_timeout: float = SETUP_SECONDS,
) -> list[ListedGroup]:
    given = {absolute(file): file for file in files}
    request = {
        "do": "list",
        "groups": names,
        "files": list(given),
        "hello_seconds": hello_seconds(setup_timeout),
    }
    seconds = START_SECONDS + peer_seconds(given, setup_timeout)
    try:
        return groups_from_answer(await supervisor.ask(request, seconds=seconds), given)
    except Ended as end:
        if not files:
            raise _unlisted(end) from end
        raise DeclarationError(
            f"importing the subject files ended the process with status {end.status}",
            where=", ".join(f"{file}:1:1" for file in files),
            hint=end.detail or "a subject file must only declare; factories run later",
        ) from end


def _unlisted(end: Ended) -> WorkerError:
    return WorkerError(f"listing the subjects ended the process with status {end.status}", hint=end.detail)


def absolute_files(files: Sequence[str]) -> tuple[str, ...]:
    """Subject files as workers get them, each once: a subject may change the current directory."""
    return tuple(dict.fromkeys(absolute(file) for file in files))
