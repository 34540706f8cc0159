"""What does each clause say, and which passage of its document was it read from?

The rows of spec/sources, a file for each text, and what is wrong with them.  Opens no document: whether one
has changed is drift.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from bufspec.files.problem import Problem
from bufspec.spec.positions import At, Document

if TYPE_CHECKING:
    from bufspec.spec.tables import Spec

FOLDER = "sources/"


@frozen
class ReadPassage:
    """A passage that a clause was read from: its section, words to find it by, the digest of all."""

    section: str
    words: tuple[str, ...]
    digest: str


@frozen
class ClauseText:
    """One clause in our own words; without passages it stands in none, for the reason `no_passage`."""

    clause: str
    text: str
    says: str
    passages: tuple[ReadPassage, ...] = ()
    no_passage: str = ""
    not_checked: str = ""


@frozen
class TextFile:
    """One file of spec/sources: of which text it is, which copy of it was read, and what no clause is of."""

    file: str
    text: str
    read: str
    others: tuple[str, ...]
    clauses: tuple[ClauseText, ...]


def text_files(documents: Mapping[str, Document]) -> tuple[TextFile, ...]:
    """The files of spec/sources.  Requires: documents that fit their schemas."""
    return tuple(_text_file(one) for name, one in documents.items() if name.startswith(FOLDER))


def _text_file(document: Document) -> TextFile:
    value = document.value
    assert isinstance(value, dict), "the schema says so"
    text, none = str(value["text"]), str(value.get("no_passages", ""))
    rows = value["clauses"]
    assert isinstance(rows, dict), "the schema says so"
    clauses = tuple(_clause(name, text, none, row) for name, row in rows.items())
    others = value.get("others", ())
    assert isinstance(others, list | tuple), "the schema says so"
    return TextFile(document.file, text, str(value.get("read", "")), tuple(map(str, others)), clauses)


def _clause(name: str, text: str, none: str, row: object) -> ClauseText:
    assert isinstance(row, dict), "the schema says so"
    return ClauseText(
        clause=name,
        text=text,
        says=row["says"],
        passages=tuple(
            ReadPassage(one["section"], tuple(one["words"]), one["digest"]) for one in row.get("passages", ())
        ),
        no_passage=row.get("no_passage", none),
        not_checked=row.get("not_checked", ""),
    )


def check_clause_texts(spec: Spec, documents: Mapping[str, Document], sources: Document) -> Iterator[Problem]:
    """Every clause has one text, in the file of a text that exists, with its passage or a reason."""
    known = {clause: (section, at) for section, ids in spec.clauses.items() for at, clause in enumerate(ids)}
    checked = {
        clause for rule in spec.rules if rule.checked or rule.id in spec.caught_by for clause in rule.clauses
    }
    seen: dict[str, str] = {}
    for file in spec.text_files:
        document = documents[file.file]
        yield from _check_file(spec, document, file)
        for one in file.clauses:
            at: At = ("clauses", one.clause)
            if one.clause not in known:
                message = f'unknown clause "{one.clause}"'
                yield document.problem(at, message, "clauses are listed in sources.yaml", key=True)
            elif one.clause in seen:
                message = f"{one.clause} has two texts"
                yield document.problem(at, message, f"the first is in {seen[one.clause]}", key=True)
            seen.setdefault(one.clause, file.file)
            yield from _check_passage(document, one, at)
            if one.not_checked and one.clause in checked:
                message = f"{one.clause} says that nothing checks it, and something does"
                hint = "remove not_checked: bufspec spec coverage shows what checks it"
                yield document.problem((*at, "not_checked"), message, hint, key=True)
    for clause, (section, index) in known.items():
        if clause not in seen:
            message = f"clause {clause} has no text"
            hint = "say in your own words what it says, in the file of its text in spec/sources"
            yield sources.problem(("clauses", section, index), message, hint)


def _check_file(spec: Spec, document: Document, file: TextFile) -> Iterator[Problem]:
    if file.text not in spec.texts:
        hint = f"known: {', '.join(spec.texts)}"
        yield document.problem(("text",), f'unknown text "{file.text}"', hint)
    others = [one.file for one in spec.text_files if one.text == file.text and one.file < file.file]
    if others:
        message = f'"{file.text}" has two files'
        yield document.problem(("text",), message, f"the first is {others[0]}")
    if not file.read and any(one.passages for one in file.clauses):
        message = "the file has digests and does not say which copy of the document they are of"
        yield document.problem(("text",), message, 'add read: "which copy, of which day"', key=True)


def _check_passage(document: Document, one: ClauseText, at: At) -> Iterator[Problem]:
    if not one.passages and not one.no_passage:
        message = f"{one.clause} names no passage"
        hint = "add passages, or no_passage with the reason"
        yield document.problem(at, message, hint, key=True)
    if one.passages and one.no_passage:
        message = f"{one.clause} has passages and says that there are none"
        yield document.problem((*at, "passages"), message, "keep one of the two", key=True)
