"""What has a run finished, kept so that it can go on after its driver was killed?

A signed file for the plan and one for each finished subject, in the run's working folder.  Whatever does not
belong to this plan, these tables and this version is refused, as is what was changed since.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Generic, TypeVar

import cattrs

from bufspec import __version__
from bufspec.errors import RecordError, text_of
from bufspec.files.json_text import DAMAGED, object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Problem, Refused
from bufspec.files.removed import make_way
from bufspec.files.written import write_whole
from bufspec.interpreters.judged import judged
from bufspec.isolation.job import SubjectRun
from bufspec.run.identity import digests_of_cases
from bufspec.run.plan import Plan
from bufspec.run.resume import PLAN_FILE
from bufspec.run.signature import is_signed, refuse_unsigned, signed
from bufspec.run.units import units_of
from bufspec.wire.shapes import check

FINISHED = ".finished.json"
MOST = 64 * MEGABYTE
AGAIN = "start it again: bufspec check --out"
OF_FAILURES = {"rule": str, "step": int, "finding": dict, "case": str, "case_index": int, "scenario": str}


Value = TypeVar("Value")


class KeptState(Generic[Value]):
    """The state of a run in its working folder `work`: what it is of, and what its finished parts came to.

    With `trust` it need not be signed.
    """

    def __init__(self, work: Path, identity: dict[str, Any], parts: int, *, trust: bool = False) -> None:
        self._work = work
        self._trust = trust
        self._parts = parts
        self._identity = identity
        text = json.dumps(self._identity, sort_keys=True)
        self.finished: dict[int, Value] = {}
        """What the finished parts came to, by their numbers, once begin() has read it."""
        self._digest = hashlib.sha256(text.encode("ascii")).hexdigest()

    def begin(self) -> None:
        """Keep what identifies the plan, or compare it with what is kept, and read what is finished.

        Raises RecordError if the interrupted run was of other tables, cases, subjects, options or versions,
        Refused for what cannot be read or is no run of this plan, and TrustError for what is not signed.
        """
        self._keep_plan()
        found = {index: self._load(index) for index in range(self._parts)}
        self.finished = {index: value for index, value in found.items() if value is not None}

    def plain(self, value: Value) -> Any:
        """What a part came to, as JSON."""
        raise NotImplementedError

    def value_from(self, index: int, plain: Any) -> Value:
        """What part number `index` came to; raises an exception for values that do not spell it."""
        raise NotImplementedError

    def _keep_plan(self) -> None:
        file = self._work / PLAN_FILE
        try:
            kept = object_from_text(read_text(file, MOST, follow=False), str(file))
        except FileNotFoundError:
            write_whole(file, json.dumps(signed("plan", self._identity)))
            return
        differing = [key for key in self._identity if kept.get(key) != self._identity[key]]
        if differing:
            raise RecordError(
                f"the run was started with other {' and '.join(differing)}",
                where=f"{file}:1:1",
                hint=AGAIN,
            )
        self._refuse_unsigned("plan", kept, file)

    def save(self, index: int, value: Value) -> None:
        """Keep what part number `index` came to, in place of whatever a subject has put there."""
        said = {"plan": self._digest, "index": index, "run": self.plain(value)}
        make_way(self._file(index))
        write_whole(self._file(index), json.dumps(signed("finished", said)))

    def _load(self, index: int) -> Value | None:
        file = self._file(index)
        try:
            kept = object_from_text(read_text(file, MOST, follow=False), str(file))
        except FileNotFoundError:
            return None
        if kept.get("plan") != self._digest or kept.get("index") != index:
            raise _refused(file, "is not of this plan")
        self._refuse_unsigned("finished", kept, file)
        try:
            return self.value_from(index, kept.get("run"))
        except Exception as error:  # whatever values of another form make of the converter
            raise _refused(file, f"is not what a subject came to: {text_of(error)}") from error

    def _refuse_unsigned(self, kind: str, kept: dict[str, Any], file: Path) -> None:
        if not self._trust and not is_signed(kind, kept):
            raise refuse_unsigned("the state of the run", (), f"{file}:1:1")

    def _file(self, index: int) -> Path:
        return self._work / f"{index:04}{FINISHED}"


class Kept(KeptState[SubjectRun]):
    """The state of a run of bufspec check."""

    def __init__(self, work: Path, plan: Plan, *, trust: bool = False) -> None:
        units = units_of(plan)
        super().__init__(work, _identity(plan), len(units) * plan.options.repeat, trust=trust)
        self._subjects = [plan.subjects[one.subject].name for one in units] * plan.options.repeat

    def plain(self, value: SubjectRun) -> Any:
        """What a subject came to, as JSON."""
        return cattrs.unstructure(value)

    def value_from(self, index: int, plain: Any) -> SubjectRun:
        """What unit number `index`, a subject or a block of its cases, came to."""
        return run_from_plain(plain, self._subjects[index])


_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)


def run_from_plain(plain: Any, subject: str) -> SubjectRun:
    """What plain values say that a subject came to; raises an exception for values that do not spell it."""
    run: SubjectRun = _CONVERTER.structure(plain, SubjectRun)
    _refuse_incomplete(run, subject)
    return run


def _refuse_incomplete(run: SubjectRun, subject: str) -> None:
    """Raise ValueError or Misfit for the run of another subject, or one without what a report is made of."""
    if run.subject != subject:
        raise ValueError(f"another subject, {run.subject!r:.60}")
    if not run.totals and not (run.error or run.deaths or run.skipped_because):
        raise ValueError("totals are empty")
    check(dict[str, dict[str, Any]], run.totals.get("rules", {}), "totals.rules")
    for key in ("cases_done", "requests"):
        check(int, run.totals.get(key, 0), f"totals.{key}")
    for rule, counts in run.totals.get("rules", {}).items():
        for key in ("cases", "failed"):
            check(int, counts.get(key), f"totals.rules.{rule}.{key}")
    for number, failure in enumerate(run.failures):
        for key, kind in OF_FAILURES.items():
            if kind is dict and isinstance(failure.get(key), dict):
                continue
            check(kind, failure.get(key), f"failures[{number}].{key}")
    check(dict[str, Any], run.facts, "facts")


def _refused(file: Path, message: str) -> Refused:
    hint = f"{DAMAGED}; without it its subject is judged again"
    return Refused(Problem(str(file), 1, 1, message, hint))


def _identity(plan: Plan) -> dict[str, Any]:
    options = {**cattrs.unstructure(plan.options), "jobs": None}
    asked = hashlib.sha256(json.dumps(options, sort_keys=True).encode("ascii")).hexdigest()
    return {
        "tables": plan.rulebook.digest,
        "versions": {"bufspec": __version__, "Python": judged().facts.name},
        "subjects": [one.name for one in plan.subjects],
        "cases": digests_of_cases(plan),
        "options": asked,
    }
