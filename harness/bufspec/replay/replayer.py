"""One case again, with all that was seen in it: what names the case, the run in a worker, the trace.

If the case kills its worker, that death is what the replay shows.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, evolve, field, frozen

from bufspec import _engine
from bufspec.errors import SelectionError, WorkerError, near_names
from bufspec.files.removed import make_way
from bufspec.isolation.death import Death, death_of_peer
from bufspec.isolation.job import SETUP_SECONDS, START_SECONDS
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.reports.wording.sentences import trace_in_words
from bufspec.run.advice import advice
from bufspec.run.case_id import SCENARIO, CaseId
from bufspec.run.catalogue import absolute_files, find_subjects
from bufspec.run.selection import Listed
from bufspec.run.workspace import TABLES_FILE, load_engine
from bufspec.tables.rulebook import Rulebook
from bufspec.values import Violation
from bufspec.wire.profile import Profile

OBJECTS_A_CASE = 3
"""That are made for one case at most: its object, another one, a twin."""
BOUND = "short"
"""The bound of the sweeps that cases of built objects are taken from."""


@frozen
class Replay:
    """What one case showed: a trace, or the death of the process that ran it."""

    id: CaseId
    rulebook: Rulebook
    scenario: bytes
    target: str
    seen: dict[str, Any] | None = None
    """As _engine.trace_scenario() gives it: the scenario, the trace, and what the judge says of them."""
    death: Death | None = None
    minimised_from: str | None = None
    """The scenario before it was minimised, on one line."""
    steps_before: int = 0
    """The number of its steps."""
    tries: int = 0
    out_of_time: bool = False
    """Whether there was no time to look for a simpler one."""
    operations: tuple[str, ...] = ()
    """The names of the operations, by the numbers that steps have."""
    kind: str = ""
    """What advice must know of the type, as run/advice.py takes it."""

    def hint(self, violation: Violation) -> str | None:
        """The advice on a broken rule; None if there is none."""
        rule = self.rulebook.rules.get(violation["rule"])
        return advice(rule, violation["finding"], self.kind) if rule else None

    @property
    def clean(self) -> bool:
        """Whether no rule was broken and nothing died."""
        return self.death is None and self.seen is not None and not self.seen["violations"]

    @property
    def broken(self) -> list[str]:
        """The broken rules, in the order in which they were met."""
        return list(dict.fromkeys(one["rule"] for one in self.seen["violations"])) if self.seen else []

    @property
    def parts(self) -> dict[str, Any]:
        """The scenario as values."""
        parts: dict[str, Any] = _engine.parts(self.scenario)
        return parts

    @property
    def described(self) -> str:
        """The scenario on one line."""
        return _engine.describe(self.scenario)

    @staticmethod
    def request_name(flags: int) -> str:
        """The flags of a request by name."""
        return _engine.flags_name(flags)

    def to_json(self) -> dict[str, Any]:
        """The replay as plain values, for `--format json`."""
        shown: dict[str, Any] = {
            "subject": self.id.subject,
            "case": self.id.case,
            "edition": self.id.edition,
            "scenario": _engine.parts(self.scenario),
            "encoded": self.scenario.hex(),
            "described": self.described,
        }
        if self.minimised_from is not None:
            shown |= {"minimised_from": self.minimised_from, "tries": self.tries}
        if self.death is not None:
            died: dict[str, Any] = {
                "outcome": self.death.outcome.value,
                "found": self.death.found,
                "step": self.death.step,
            }
            if self.death.stack:
                died["stack"] = list(self.death.stack)
            return {**shown, **died}
        assert self.seen is not None, "a replay has a trace or a death"
        said = trace_in_words(self.seen)
        judged = {key: said[key] for key in ("trace", "violations", "judged", "readings")}
        return {**shown, "outcome": "pass" if self.clean else "fail", **judged}


@define
class Replayer:
    """Runs scenarios of one subject, each in a worker that it may kill.  Use as an async context manager."""

    id: CaseId
    rulebook: Rulebook
    work: Path
    timeout: float
    of_workers: type[Supervisor] = Supervisor
    supervisor: Supervisor = field(init=False)
    profile: Profile = field(init=False, default=Profile())
    kind: str = field(init=False, default="")
    _setup: float = field(init=False, default=0.0)
    """The seconds that a case may take for its objects: making one took so long before."""

    def __attrs_post_init__(self) -> None:
        self.supervisor = self.of_workers(self.work / "replay.log")

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
        begun = time.monotonic()
        with suppress(Ended):
            looks = await self.supervisor.ask(look, seconds=START_SECONDS + SETUP_SECONDS)
            self.profile = Profile.from_answer(looks)
            self.kind = str(looks["facts"].get("kind", ""))
        self._setup = OBJECTS_A_CASE * (time.monotonic() - begun)
        case = self.id.case
        if case.startswith(SCENARIO):
            return await self.run(listed.target, _scenario_from(case))
        cases = self.profile.cases(listed.target, self.id.edition, self.id.seed, BOUND)
        if case not in cases:
            raise SelectionError(
                f"no case of a subject like {self.id.subject} is called {case!r}",
                where=f"edition {self.id.edition}",
                hint=near_names(case, cases, otherwise="bufspec check --list lists the cases"),
            )
        return await self.run(listed.target, cases.scenario(cases.index(case)), case=case)

    async def run(
        self, target: str, scenario: bytes, *, case: str | None = None, timeout: float | None = None
    ) -> Replay:
        """One scenario: its trace, or the death that it ended in.  With `case` it is that case of the suites,
        which may be more than its bytes spell."""
        shown = Replay(
            self.id, self.rulebook, scenario, target, operations=self.profile.operations, kind=self.kind
        )
        if timeout is not None:  # that a worker starts and imports must not count
            with suppress(Ended):
                await self.supervisor.ask(self._request("resolve"))
        try:
            what = {"scenario": scenario.hex()} if case is None else {"case": case}
            ledger = self._new_ledger()
            what["ledger"] = str(self._ledger_file)
            answer = await self.supervisor.ask(
                {**self._request("trace"), **what}, seconds=(timeout or self.timeout) + self._setup
            )
        except Ended as end:
            place = {"case_id": self.id.case, "case_index": 0, "step": _step_in(ledger)}
            death = end.as_death(place)
            return evolve(shown, death=death)
        if "peer" in answer:
            return evolve(shown, death=death_of_peer(answer, self.id.case, 0, 0))
        if "trace" not in answer:
            raise WorkerError("the worker showed no trace", where=self.id.case)
        return evolve(shown, seen=answer["trace"])

    async def source(self, scenario: bytes) -> dict[str, Any]:
        """How the object of a scenario is made, as Python text, and what is declared of it."""
        steps = _engine.parts(scenario)["steps"]
        numbers = {step["operation"] for step in steps if "operation" in step}
        tried = [name for number, name in enumerate(self.profile.operations) if number in numbers]
        request = {**self._request("source"), "scenario": scenario.hex(), "tried": tried}
        return await self.supervisor.ask(request, seconds=START_SECONDS)

    @property
    def _ledger_file(self) -> Path:
        return self.work / "replay.ledger"

    def _new_ledger(self) -> _engine.LedgerReader:
        """An empty ledger in a new file, for the worker to say at which step it is."""
        make_way(self._ledger_file)
        return _engine.LedgerReader(str(self._ledger_file))

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
        found, _ = await find_subjects(self.supervisor, patterns, expressions, self.id.files)
        if found[0].name != subject:
            raise SelectionError(
                f"{subject} means several subjects",
                where="bufspec replay",
                hint=f"name one, such as {found[0].name}",
            )
        return found[0]


def _step_in(ledger: _engine.LedgerReader) -> int:
    """The step that a worker was at; 0 where its ledger cannot be believed."""
    try:
        return int(ledger.place()["step"])
    except ValueError:
        return 0


def _scenario_from(case: str) -> bytes:
    """Of what stands for the id of a case: the scenario as JSON, or its bytes in hexadecimal."""
    text = case.removeprefix(SCENARIO)
    try:
        return _engine.scenario_from_json(text) if text.startswith("{") else bytes.fromhex(text)
    except ValueError as error:
        raise SelectionError(f"{case} spells no scenario: {error}", where="bufspec replay") from error
