"""Which entries do the files of expectations have that hold here?

Reads files that anybody may have written (ours: bufspec/expectations), and keeps the digest of each, so that
a record can say which it was judged by.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from bufspec.errors import ExpectationError, near_names
from bufspec.files.problem import Problem, Refused
from bufspec.run.expectations.conditions import NO_PEERS, NotARange, hold_here
from bufspec.run.expectations.entry import Expectation, Expectations, UsedFile
from bufspec.spec.positions import At, Document, document_from_text, read_table
from bufspec.words import DEATH

SCHEMA = "expectations.schema.json"
KEY = "expectations"
"""The key of a file under which its entries stand."""
OURS, ZOO = "expectations", "zoo"
"""The folder of the files that came with bufspec, as records call it, and the one in it for the zoo."""
OF_ONE_ENTRY = ("subject", "rule", "cases", "versions", "platform", "implementation", "debug", "outcome")
"""The keys that tell two entries apart."""


def expectations_directory() -> Path:
    """Where the files that came with this program lie: packaged, or in the source tree around this file."""
    package = Path(__file__).resolve().parents[2]
    for candidate in (package / "expectations", package.parent / "expectations"):
        if (candidate / SCHEMA).is_file():
            return candidate
    raise ExpectationError(
        "no expectations came with this installation", where=str(package), hint="install bufspec again"
    )


def load_expectations(
    files: Iterable[str],
    rules: Iterable[str],
    *,
    ours: bool,
    peers: Mapping[str, str] = NO_PEERS,
    packages: Iterable[str] = (),
) -> Expectations:
    """The entries that hold for the versions here: those of `files`, after those of bufspec's own if `ours`.

    `peers` are implementations that run subjects in other processes, each with its version.  Of the zoo's
    files those of `packages` alone are read: there are many, and a run is about few.

    Raises ExpectationError, with file, line and column, for a file that cannot be read, does not fit the
    schema, says one thing twice, or names a rule that is not among `rules`.
    """
    directory = expectations_directory()
    known = sorted({*rules, DEATH})
    read: list[_Read] = []
    # Those of our own fit the schema: a test says so.
    for path in [*sorted(directory.glob("*.yaml")), *_of_zoo(directory, packages)] if ours else ():
        name = path.relative_to(directory).as_posix()
        read.append(_read(path, f"{OURS}/{name}", ours=True))
    for file in files:
        read.append(_read(Path(file), file, ours=False))
        refuse_misfit(read[-1].document)
    entries = [entry for one in read for entry in _entries(one.document, known, peers)]
    return Expectations(tuple(entries), tuple(one.used for one in read))


def _of_zoo(directory: Path, packages: Iterable[str]) -> list[Path]:
    found = [directory / ZOO / f"{name}.yaml" for name in sorted(set(packages)) if is_package(name)]
    return [path for path in found if path.is_file()]


def is_package(name: str) -> bool:
    """Whether it can be the name of a subject file, and so that of a file."""
    return name.replace("_", "a").isalnum()


@frozen
class _Read:
    """A file that was read."""

    document: Document
    used: UsedFile


def digest_of(text: str) -> str:
    """What identifies the text of a file."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _read(path: Path, name: str, *, ours: bool) -> _Read:
    try:
        text = read_table(path, name)
        return _Read(document_from_text(text, name), UsedFile(name, digest_of(text), ours))
    except Refused as refused:
        raise _error(refused.problem) from refused


def identity_of(row: Mapping[str, Any]) -> str:
    """What no two entries of a file have in common."""
    return repr([row.get(key) for key in OF_ONE_ENTRY])


def refuse_misfit(document: Document) -> None:
    """Raise ExpectationError, with the place, for a file that does not fit the schema."""
    from bufspec.spec.schema import schema_problems

    schema = (expectations_directory() / SCHEMA).read_text(encoding="utf-8")
    found = schema_problems([(document, schema)])
    if found is None:
        raise _error(
            Problem(document.file, 1, 1, "takes too long to check, or too much memory", "fewer entries")
        )
    for problem in found[0]:
        raise _error(problem)


def refuse_unfit(key: str, text: str, where: str) -> None:
    """Raise ExpectationError, with `where` the text is from, if it cannot be that key of an entry."""
    import jsonschema

    from bufspec.spec.schema import reason_of

    schema: Any = json.loads((expectations_directory() / SCHEMA).read_text(encoding="utf-8"))
    of_key = schema["properties"][KEY]["items"]["properties"][key]
    for error in jsonschema.Draft202012Validator(of_key).iter_errors(text):
        said, hint = reason_of(error)
        raise ExpectationError(said, where=where, hint=hint)


def subjects_of(row: Mapping[str, Any]) -> list[str]:
    """The globs of subjects that an entry lists; most list one."""
    named: str | list[str] = row["subject"]
    return [named] if isinstance(named, str) else named


def _entries(document: Document, rules: Sequence[str], peers: Mapping[str, str]) -> Iterable[Expectation]:
    tree: Any = document.value
    seen: dict[str, int] = {}
    named = set(rules)
    for number, row in enumerate(tree[KEY]):
        at: At = (KEY, number)
        # A glob never means the end of the process: it is spelt out.
        if row["rule"] not in named and not fnmatch.filter(set(rules) - {DEATH}, row["rule"]):
            hint = near_names(row["rule"], rules, otherwise="bufspec check --list lists the rules")
            raise _error(document.problem((*at, "rule"), f"no rule matches {row['rule']}", hint))
        line = document.place(at).line
        said = identity_of(row)
        if said in seen:
            hint = f"it stands at line {seen[said]}"
            raise _error(document.problem(at, "says the same as another entry", hint))
        seen[said] = line
        try:
            holds = hold_here(row, peers)
        except NotARange as error:
            problem = document.problem(
                (*at, "versions", error.name), f"{error.text} is not a range of versions", 'as in "<3.12"'
            )
            raise _error(problem) from error
        for subject in subjects_of(row) if holds else ():
            yield Expectation(
                subject=subject,
                rule=row["rule"],
                reason=row["reason"],
                link=row["link"],
                where=f"{document.file}:{line}",
                cases=row.get("cases"),
                outcome=row.get("outcome"),
                chance=bool(row.get("chance")),
                at_most=row.get("at_most"),
                number=number,
                known_as=row.get("class"),
                fault=row.get("fault"),
            )


def _error(problem: Problem) -> ExpectationError:
    where = f"{problem.file}:{problem.line}:{problem.column}"
    return ExpectationError(problem.message, where=where, hint=problem.hint)
