"""One case again, with all that was seen in it: the command that replays it, and the trace as a value.

The trace is made in a worker; if the case kills that worker, its death is what the replay shows.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.catalogue import absolute_files, find_subjects
from bufspec.errors import SelectionError, WorkerError, near_names
from bufspec.outcomes import Death, death_from_status
from bufspec.process import Ended
from bufspec.profile import DEFAULT_SEED, Profile
from bufspec.rulebook import CURRENT, Rulebook
from bufspec.selection import Listed
from bufspec.supervisor import Supervisor
from bufspec.workspace import load_engine


@frozen
class Replay:
    """What one case showed: a trace, or the death of the process that ran it."""

    subject: str
    case: str
    edition: str
    rulebook: Rulebook
    trace: dict[str, Any] | None = None
    death: Death | None = None

    @property
    def clean(self) -> bool:
        """Whether no rule was broken and nothing died."""
        return self.death is None and self.trace is not None and not self.trace["violations"]

    def to_json(self) -> dict[str, Any]:
        """The replay as plain values, for `--format json`."""
        told: dict[str, Any] = {"subject": self.subject, "case": self.case, "edition": self.edition}
        if self.death is not None:
            return {**told, "outcome": self.death.outcome.value, "found": self.death.found}
        return {**told, "outcome": "pass" if self.clean else "fail", "trace": self.trace}


async def replay(
    subject: str,
    case: str,
    rulebook: Rulebook,
    work: Path,
    *,
    timeout: float,
    seed: int = DEFAULT_SEED,
    bound: str = "short",
    files: Sequence[str] = (),
) -> Replay:
    """Run one case of one subject (a name, which `files` may declare, or a MODULE:EXPRESSION) and show it.

    Raises SelectionError for an unknown subject or case, ExpressionError for a useless expression.
    """
    tables = load_engine(rulebook, work)
    async with Supervisor(work / "replay.log") as supervisor:
        listed = await _find_one(supervisor, subject, files)
        declared_in = list(absolute_files(files))
        look = {"do": "profile", "subject": subject, "files": declared_in, "discover": True}
        try:
            profile = Profile.from_answer(await supervisor.ask(look, seconds=timeout))
        except Ended:
            profile = Profile()
        cases = profile.cases(listed.target, rulebook.edition, seed, bound)
        if case not in cases:
            raise SelectionError(
                f"no case of a subject like {subject} is called {case!r}",
                where=f"edition {rulebook.edition}",
                hint=near_names(case, cases, otherwise="bufspec check --list names the cases"),
            )
        request = {
            "do": "trace",
            "tables": str(tables),
            "subject": subject,
            "files": declared_in,
            "case": case,
            "edition": rulebook.edition,
            "seed": seed,
            "bound": bound,
            **profile.request(),
        }
        try:
            answer = await supervisor.ask(request, seconds=timeout)
        except Ended as end:
            place = {"case_id": case, "case_index": cases.index(case), "step": 0}
            death = death_from_status(end.status, hung=end.hung, place=place, detail=end.detail)
            return Replay(subject, case, rulebook.edition, rulebook, death=death)
    if "trace" not in answer:
        raise WorkerError("the worker showed no trace", where=case)
    return Replay(subject, case, rulebook.edition, rulebook, trace=answer["trace"])


async def _find_one(supervisor: Supervisor, subject: str, files: Sequence[str]) -> Listed:
    is_expression = ":" in subject
    found = await find_subjects(
        supervisor, () if is_expression else (subject,), (subject,) if is_expression else (), files
    )
    if found[0].name != subject:
        raise SelectionError(
            f"{subject} means several subjects",
            where="bufspec replay",
            hint=f"name one, such as {found[0].name}",
        )
    return found[0]


def replay_command(subject: str, case: str, edition: str, file: str = "") -> str:
    """The command line that replays a case, ready to be pasted into a shell; `file` declares the subject."""
    words = ["bufspec", "replay"]
    words += ["--subjects", file] if file else []
    words += ["--exporter", subject] if ":" in subject else [subject]
    words += [case]
    if edition != CURRENT:
        words += ["--edition", edition]
    return shlex.join(words)
