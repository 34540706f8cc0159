"""Known failures: which broken rule or death of which subject is as expected, why, and where to read more.

Reads files of expectations (ours: bufspec/expectations) and compares outcomes with them.  An entry excuses
what it names and nothing else: a listed failure never excuses a death.  One that no longer fails is news.
"""

from __future__ import annotations

import fnmatch
import platform
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.errors import ExpectationError, near_names
from bufspec.files.problem import Problem, Refused
from bufspec.isolation.death import Death, Outcome
from bufspec.run.outcomes import RuleOutcome
from bufspec.spec.positions import At, Document, document_from_text, read_table
from bufspec.words import DEATH


class Verdict(StrEnum):
    """An outcome against the expectations."""

    AS_EXPECTED = "as_expected"
    NEWS = "news"


@frozen
class Expectation:
    """One entry: what fails, the reason, a link, and the file and line where it stands."""

    subject: str
    rule: str
    reason: str
    link: str
    where: str
    cases: str | None = None
    outcome: str | None = None
    chance: bool = False
    """Whether only drawn cases show it, so that it is never outdated."""

    def names_subject(self, subject: str) -> bool:
        """Whether the entry speaks of that subject."""
        return fnmatch.fnmatchcase(subject, self.subject)

    def names_rule(self, rule: str) -> bool:
        """Whether the entry speaks of that rule; one of a death or of an undecided subject speaks of none."""
        return self.rule != DEATH and self.outcome is None and fnmatch.fnmatchcase(rule, self.rule)

    def names_case(self, case: str | None) -> bool:
        """Whether the entry speaks of that case."""
        return self.cases is None or (case is not None and fnmatch.fnmatchcase(case, self.cases))

    def names_death(self, death: Death) -> bool:
        """Whether the entry speaks of that death."""
        return (
            self.rule == DEATH
            and self.outcome == death.outcome.value
            and self.names_case(death.case or death.place)
        )


@frozen
class Expectations:
    """The entries that hold here, in the order of their files."""

    entries: tuple[Expectation, ...] = ()

    def of(self, subject: str) -> Expectations:
        """The entries that speak of that subject."""
        return Expectations(tuple(one for one in self.entries if one.names_subject(subject)))

    def and_those_of(self, others: Expectations) -> Expectations:
        """These entries, and after them the others."""
        return Expectations(tuple(dict.fromkeys((*self.entries, *others.entries))))

    def for_rule(self, rule: str, cases: Sequence[str], failed: int) -> Expectation | None:
        """The entry that makes a break of this rule expected, None if it is news.

        `cases` are those of the `failed` cases that are known by name.  Entries that name cases must between
        them name each failed one; where some are known by number only, such entries excuse none.
        """
        entries = [one for one in self.entries if one.names_rule(rule)]
        for one in entries:
            if one.cases is None:
                return one
        if not entries or len(cases) < failed:
            return None
        named = [next((one for one in entries if one.names_case(case)), None) for case in cases]
        return named[0] if all(named) else None

    def for_death(self, death: Death) -> Expectation | None:
        """The entry that makes this death expected, None if it is news."""
        return next((one for one in self.entries if one.names_death(death)), None)

    def for_undecided(self) -> Expectation | None:
        """The entry that makes it expected that nothing of the subject is judged, None if it is news."""
        return next((one for one in self.entries if one.outcome == Outcome.UNDECIDED.value), None)

    def outdated(
        self,
        rules: Mapping[str, RuleOutcome],
        failures: Mapping[str, Sequence[str]],
        deaths: Sequence[Death],
        *,
        is_undecided: bool = False,
    ) -> list[Expectation]:
        """The entries of which nothing failed although all that they speak of was judged to the end.

        `failures` has the failed cases that are known by name, by rule.
        """
        return [
            one
            for one in self.entries
            if not one.chance
            and (
                not is_undecided
                if one.outcome == Outcome.UNDECIDED.value
                else _is_outdated(one, rules, failures, deaths)
            )
        ]


def _is_outdated(
    entry: Expectation,
    rules: Mapping[str, RuleOutcome],
    failures: Mapping[str, Sequence[str]],
    deaths: Sequence[Death],
) -> bool:
    if entry.rule == DEATH:
        return not any(entry.names_death(one) for one in deaths)
    if deaths:
        return False  # what was not tried for them may still fail
    judged = {id_: one for id_, one in rules.items() if entry.names_rule(id_) and one.cases}
    for id_, one in judged.items():
        known = failures.get(id_, ())
        if len(known) < one.failed or any(entry.names_case(case) for case in known):
            return False
    return bool(judged)


def expectations_directory() -> Path:
    """Where the files that came with this program lie: packaged, or in the source tree around this file."""
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "expectations", package.parent / "expectations"):
        if (candidate / "expectations.schema.json").is_file():
            return candidate
    raise ExpectationError(
        "no expectations came with this installation", where=str(package), hint="install bufspec again"
    )


def load_expectations(files: Iterable[str], rules: Iterable[str], *, ours: bool) -> Expectations:
    """The entries that hold for the versions here: those of `files`, after those of bufspec's own if `ours`.

    Raises ExpectationError, with file, line and column, for a file that cannot be read, does not fit the
    schema, says one thing twice, or names a rule that is not among `rules`.
    """
    directory = expectations_directory()
    known = sorted({*rules, DEATH})
    entries: list[Expectation] = []
    # Those of our own fit the schema: a test says so.
    for path in sorted(directory.glob("*.yaml")) if ours else ():
        entries += _entries(_document(path, f"expectations/{path.name}"), known)
    for file in files:
        document = _document(Path(file), file)
        _refuse_misfit(document, directory / "expectations.schema.json")
        entries += _entries(document, known)
    return Expectations(tuple(entries))


def _document(path: Path, name: str) -> Document:
    try:
        return document_from_text(read_table(path, name), name)
    except Refused as refused:
        raise _error(refused.problem) from refused


def _refuse_misfit(document: Document, schema: Path) -> None:
    from bufspec.spec.schema import schema_problems

    found = schema_problems([(document, schema.read_text(encoding="utf-8"))])
    if found is None:
        raise _error(
            Problem(document.file, 1, 1, "takes too long to check, or too much memory", "fewer entries")
        )
    for problem in found[0]:
        raise _error(problem)


def _entries(document: Document, rules: Sequence[str]) -> Iterable[Expectation]:
    tree: Any = document.value
    seen: dict[str, int] = {}
    for number, row in enumerate(tree["expectations"]):
        at: At = ("expectations", number)
        if not fnmatch.filter(rules, row["rule"]):
            hint = near_names(row["rule"], rules, otherwise="bufspec check --list lists the rules")
            raise _error(document.problem((*at, "rule"), f"no rule matches {row['rule']}", hint))
        line = document.place(at).line
        said = repr([row.get(key) for key in ("subject", "rule", "cases", "versions", "outcome")])
        if said in seen:
            hint = f"it stands at line {seen[said]}"
            raise _error(document.problem(at, "says the same as another entry", hint))
        seen[said] = line
        if all(_has_version(document, at, name, text) for name, text in row.get("versions", {}).items()):
            yield Expectation(
                subject=row["subject"],
                rule=row["rule"],
                reason=row["reason"],
                link=row["link"],
                where=f"{document.file}:{line}",
                cases=row.get("cases"),
                outcome=row.get("outcome"),
                chance=bool(row.get("chance")),
            )


def _has_version(document: Document, at: At, name: str, text: str) -> bool:
    """Whether `name`, the interpreter or a package, is here in a version that `text` allows."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(text, prereleases=True)
    except InvalidSpecifier as error:
        problem = document.problem(
            (*at, "versions", name), f"{text} is not a range of versions", 'as in "<3.12"'
        )
        raise _error(problem) from error
    if name == platform.python_implementation():
        return wanted.contains(platform.python_version())
    try:
        return wanted.contains(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def _error(problem: Problem) -> ExpectationError:
    where = f"{problem.file}:{problem.line}:{problem.column}"
    return ExpectationError(problem.message, where=where, hint=problem.hint)
