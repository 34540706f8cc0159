"""What the subject files declare here.

A worker is asked, because importing a subject's package runs that package's code.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress

from bufspec.errors import BufspecError, DeclarationError, WorkerError
from bufspec.isolation.job import SETUP_SECONDS, START_SECONDS, hello_seconds, peer_seconds
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.library import is_library
from bufspec.run.selection import (
    Listed,
    ListedGroup,
    groups_from_answer,
    groups_named,
    listed_expression,
    select,
)
from bufspec.wire.messages import Resolve
from bufspec.wire.remote_file import absolute, command_of
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
    if files and expressions:
        await supervisor.start_afresh()  # where they are judged nothing is loaded either
    for number, text in enumerate(dict.fromkeys(expressions)):
        subjects.append(listed_expression(text))
        await _resolve(supervisor, text, setup_timeout, is_first=number == 0)
    return subjects, groups


async def _resolve(supervisor: Supervisor, text: str, setup_timeout: float, *, is_first: bool) -> None:
    """Raise what is wrong with an expression, which is nothing that an earlier one has done to the worker."""
    request: Resolve = {"do": "resolve", "subject": text}
    seconds = START_SECONDS + setup_timeout
    with suppress(Ended):
        if not is_first:
            try:
                await supervisor.ask(request, seconds=seconds)
                return
            except BufspecError:
                await supervisor.start_afresh()
        await supervisor.ask(request, seconds=seconds)


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
        return set((await supervisor.ask({"do": "groups"}, seconds=START_SECONDS))["groups"])
    except Ended as end:
        raise _unlisted(end, START_SECONDS) from end


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
            raise _unlisted(end, seconds) from end
        raise _not_loaded(end, files, seconds) from end
    except WorkerError as error:
        if not files:
            raise
        several = "this file" if len(files) == 1 else "these files"
        raise DeclarationError(
            f"subjects cannot be listed with {several}: {error.what}",
            where=", ".join(map(_place_of, files)),
            hint="one that changes Python itself, or bufspec, while it is imported hides all others",
        ) from error


LOADING = {
    "library": (
        "loading the library",
        "loading the libraries",
        "constructors run when a library is loaded, and make() later",
    ),
    "peer": ("starting the peer", "starting the peers", "bufspec remote validate COMMAND"),
    "subject file": (
        "importing the subject file",
        "importing the subject files",
        "a subject file must only declare; factories run later",
    ),
}
"""For each kind of file what is done for its subjects to be known, with one and with several, and a hint."""


def _kind_of(file: str) -> str:
    return "peer" if command_of(file) else "library" if is_library(file) else "subject file"


def _place_of(file: str) -> str:
    """A file as an error names it: only those in Python have lines."""
    if command := command_of(file):
        return f"--remote {shlex.quote(command)}"
    return file if is_library(file) else f"{file}:1:1"


def _not_loaded(end: Ended, files: Sequence[str], seconds: float) -> DeclarationError:
    """What the end of a process that was to load these files is told as; any of them may be to blame."""
    kinds = list(dict.fromkeys(map(_kind_of, files)))
    what = "loading the subjects" if len(kinds) > 1 else LOADING[kinds[0]][len(files) > 1]
    return DeclarationError(
        f"{what} {_came(end, seconds)}",
        where=", ".join(map(_place_of, files)),
        hint=end.detail or "; ".join(LOADING[kind][2] for kind in kinds),
    )


def _came(end: Ended, seconds: float) -> str:
    if end.hung:
        return f"did not come to an end within {seconds:g} s"
    return f"ended the process with status {end.status}"


def _unlisted(end: Ended, seconds: float) -> WorkerError:
    return WorkerError(f"listing the subjects {_came(end, seconds)}", hint=end.detail)


def absolute_files(files: Sequence[str]) -> tuple[str, ...]:
    """Subject files as workers get them, each once: a subject may change the current directory."""
    return tuple(dict.fromkeys(absolute(file) for file in files))
