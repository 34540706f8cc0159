"""One case again, with all that was seen in it: what names the case, the run in a worker, the trace.

If the case kills its worker, that death is what the replay shows.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from attrs import define, evolve, field, frozen

from bufspec import _engine
from bufspec.catalogue import absolute_files, find_subjects
from bufspec.errors import SelectionError, WorkerError, near_names
from bufspec.outcomes import Death, death_from_status
from bufspec.process import Ended
from bufspec.profile import DEFAULT_SEED, Profile
from bufspec.record import EVENTS_FILE
from bufspec.rulebook import CURRENT, Rulebook
from bufspec.selection import Listed
from bufspec.supervisor import START_SECONDS, Supervisor
from bufspec.workspace import TABLES_FILE, load_engine

BOUND = "short"
"""The bound of the sweeps that cases of built objects are taken from."""
SCENARIO = "scenario:"
"""What a case begins with that is no case of the suites but the bytes of a scenario, in hexadecimal."""


@frozen
class CaseId:
    """Which case of which subject, in which edition; `rule` is the broken rule of interest, if one is."""

    subject: str
    case: str
    edition: str = CURRENT
    rule: str | None = None
    files: tuple[str, ...] = ()
    """The files outside the package that declare the subject."""
    seed: int = DEFAULT_SEED
    discover: bool = True
    """Whether the usual operations found on the object count too: the numbers of operations depend on it."""

    def __str__(self) -> str:
        return f"{self.subject}/{self.case}"

    @property
    def command(self) -> str:
        """The command line that replays the case, ready to be pasted into a shell."""
        words = ["bufspec", "replay"]
        words += [word for file in self.files for word in ("--subjects", file)]
        words += [str(self)]
        words += ["--seed", str(self.seed)] if self.seed != DEFAULT_SEED else []
        words += [] if self.discover else ["--no-discover"]
        if self.edition != CURRENT:
            words += ["--edition", self.edition]
        return shlex.join(words)


def replay_command(
    subject: str,
    case: str,
    edition: str,
    file: str = "",
    *,
    seed: int = DEFAULT_SEED,
    discover: bool = True,
) -> str:
    """The command line that replays a case, ready to be pasted into a shell; `file` declares the subject."""
    files = (file,) if file else ()
    return CaseId(subject, case, edition, files=files, seed=seed, discover=discover).command


def case_from_words(words: Sequence[str], edition: str, files: Sequence[str] = ()) -> CaseId:
    """The case that `SUBJECT/CASE` or `SUBJECT CASE` names; raises SelectionError for other words."""
    subject, slash, case = words[0].rpartition("/") if len(words) == 1 else (words[0], "/", words[-1])
    if len(words) not in (1, 2) or not slash or not subject or not case:
        raise SelectionError(
            f"{shlex.join(words)} names no case",
            where="bufspec replay",
            hint="name it as SUBJECT/CASE, as the report and the record do",
        )
    return CaseId(subject, case, edition, files=tuple(files))


def case_from_record(place: str, stdin: TextIO) -> CaseId:
    """The case of a failure in a record: `DIR`, `DIR:N` (the Nth, from 1), or `-` for a line on `stdin`."""
    directory, colon, number = place.rpartition(":")
    counted = bool(colon) and number.isdigit()
    path = Path(directory if counted else place)
    path = path / EVENTS_FILE if path.is_dir() else path
    try:
        lines = (stdin.read() if place == "-" else path.read_text(encoding="utf-8")).splitlines()
        events = [json.loads(line) for line in lines if line.strip()]
        failures = [one for one in events if one["event"] == "case-failed" and one["case"]]
        event = failures[int(number) - 1 if counted else 0]
        words = shlex.split(event["replay"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SelectionError(f"the record cannot be read: {error}", where=place) from error
    except IndexError as error:
        raise SelectionError(f"the record has {len(failures)} failing cases", where=place) from error
    given = {option: value for option, value in pairwise(words) if option.startswith("--")}
    edition, file = given.get("--edition", CURRENT), given.get("--subjects")
    return CaseId(
        event["subject"],
        event["case"],
        edition,
        event["rule"],
        (file,) if file else (),
        int(given.get("--seed", DEFAULT_SEED)),
        "--no-discover" not in words,
    )


@frozen
class Replay:
    """What one case showed: a trace, or the death of the process that ran it."""

    id: CaseId
    rulebook: Rulebook
    scenario: bytes
    target: str
    trace: dict[str, Any] | None = None
    death: Death | None = None
    minimised_from: str | None = None
    """The scenario before it was minimised, on one line."""
    tries: int = 0

    @property
    def clean(self) -> bool:
        """Whether no rule was broken and nothing died."""
        return self.death is None and self.trace is not None and not self.trace["violations"]

    @property
    def broken(self) -> list[str]:
        """The broken rules, in the order in which they were met."""
        return list(dict.fromkeys(one["rule"] for one in self.trace["violations"])) if self.trace else []

    @property
    def described(self) -> str:
        """The scenario on one line."""
        return _engine.describe(self.scenario)

    def to_json(self) -> dict[str, Any]:
        """The replay as plain values, for `--format json`."""
        told: dict[str, Any] = {
            "subject": self.id.subject,
            "case": self.id.case,
            "edition": self.id.edition,
            "scenario": self.scenario.hex(),
            "described": self.described,
        }
        if self.minimised_from is not None:
            told |= {"minimised_from": self.minimised_from, "tries": self.tries}
        if self.death is not None:
            return {**told, "outcome": self.death.outcome.value, "found": self.death.found}
        return {**told, "outcome": "pass" if self.clean else "fail", "trace": self.trace}


@define
class Replayer:
    """Runs scenarios of one subject, each in a worker that it may kill.  Use as an async context manager."""

    id: CaseId
    rulebook: Rulebook
    work: Path
    timeout: float
    supervisor: Supervisor = field(init=False)
    profile: Profile = field(init=False, default=Profile())

    def __attrs_post_init__(self) -> None:
        self.supervisor = Supervisor(self.work / "replay.log")

    async def __aenter__(self) -> Replayer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.supervisor.__aexit__(kind, error, trace)

    async def first(self) -> Replay:
        """The case itself, run once.

        Raises SelectionError for an unknown subject or case, ExpressionError for a useless expression.
        """
        load_engine(self.rulebook, self.work)
        listed = await self._find_one()
        look = {**self._request("profile"), "discover": self.id.discover}
        with suppress(Ended):
            self.profile = Profile.from_answer(await self.supervisor.ask(look))
        case = self.id.case
        if case.startswith(SCENARIO):
            return await self.run(listed.target, _scenario_from(case))
        cases = self.profile.cases(listed.target, self.id.edition, self.id.seed, BOUND)
        if case not in cases:
            raise SelectionError(
                f"no case of a subject like {self.id.subject} is called {case!r}",
                where=f"edition {self.id.edition}",
                hint=near_names(case, cases, otherwise="bufspec check --list names the cases"),
            )
        return await self.run(listed.target, cases.scenario(cases.index(case)), case=case)

    async def run(
        self, target: str, scenario: bytes, *, case: str | None = None, timeout: float | None = None
    ) -> Replay:
        """One scenario: its trace, or the death that it ended in.  With `case` it is that case of the suites,
        which may be more than its bytes spell."""
        shown = Replay(self.id, self.rulebook, scenario, target)
        if timeout is not None:  # that a worker starts and imports must not count
            with suppress(Ended):
                await self.supervisor.ask(self._request("resolve"))
        try:
            what = {"scenario": scenario.hex()} if case is None else {"case": case}
            answer = await self.supervisor.ask(
                {**self._request("trace"), **what}, seconds=timeout or self.timeout
            )
        except Ended as end:
            place = {"case_id": self.id.case, "case_index": 0, "step": 0}
            return evolve(
                shown, death=death_from_status(end.status, hung=end.hung, place=place, detail=end.detail)
            )
        if "trace" not in answer:
            raise WorkerError("the worker showed no trace", where=self.id.case)
        return evolve(shown, trace=answer["trace"])

    async def source(self, scenario: bytes) -> dict[str, Any]:
        """How the object of a scenario is made, as Python text, and what is declared of it."""
        steps = _engine.parts(scenario)["steps"]
        numbers = {step["flags"] for step in steps if step["kind"] == "mutate"}
        tried = [name for number, name in enumerate(self.profile.operations) if number in numbers]
        request = {**self._request("source"), "scenario": scenario.hex(), "tried": tried}
        return await self.supervisor.ask(request, seconds=START_SECONDS)

    def _request(self, do: str) -> dict[str, Any]:
        return {
            "do": do,
            "tables": str(self.work / TABLES_FILE),
            "subject": self.id.subject,
            "files": list(absolute_files(self.id.files)),
            "edition": self.id.edition,
            "seed": self.id.seed,
            "bound": BOUND,
            **self.profile.request(),
        }

    async def _find_one(self) -> Listed:
        subject = self.id.subject
        is_expression = ":" in subject
        patterns, expressions = ((), (subject,)) if is_expression else ((subject,), ())
        found = await find_subjects(self.supervisor, patterns, expressions, self.id.files)
        if found[0].name != subject:
            raise SelectionError(
                f"{subject} means several subjects",
                where="bufspec replay",
                hint=f"name one, such as {found[0].name}",
            )
        return found[0]


def _scenario_from(case: str) -> bytes:
    try:
        return bytes.fromhex(case.removeprefix(SCENARIO))
    except ValueError as error:
        raise SelectionError(f"{case} spells no scenario: {error}", where="bufspec replay") from error
