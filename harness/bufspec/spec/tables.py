"""The tables of a spec directory as one typed value.

`Spec.load` reads a directory into rows; it refuses what the schema refuses, and leaves everything that
needs several files or an enumeration to check.py.  Nothing here prints.
"""

from __future__ import annotations

import importlib.resources
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import cattrs
from attrs import frozen
from cattrs.gen import make_dict_structure_fn, override

from bufspec.errors import text_of
from bufspec.files.parsed import came_with_us
from bufspec.files.problem import Problem, Refused
from bufspec.spec.clause_texts import FOLDER, ClauseText, TextFile, text_files
from bufspec.spec.positions import Document, document_from_text, read_table
from bufspec.spec.problems import TableError
from bufspec.spec.rows import (
    Canonical,
    Case,
    Compound,
    Constant,
    Edition,
    Flag,
    Formats,
    Layout,
    LayoutClass,
    RequestRow,
    Requests,
    RowReading,
    Rule,
    Sweep,
    TextSource,
)
from bufspec.spec.schema import EXHAUSTED, EXHAUSTED_HINT, is_schema_of_ours, schema_of, schema_problems

FLAGS_FILE, REQUESTS_FILE, FORMATS_FILE = "flags", "refusals", "codes"
SINGLE_FILES = (
    "sources.yaml",
    "editions.yaml",
    "layouts.yaml",
    "mutants.yaml",
    "consumer_mutants.yaml",
    "runtime_mutants.yaml",
    "deep_mutants.yaml",
    "pairs.yaml",
)

MOST_FILES = 100

_T = TypeVar("_T")
_CONVERTER = cattrs.Converter()
_CONVERTER.register_structure_hook(int | str | None, lambda value, _type: value)
_CONVERTER.register_structure_hook(
    RowReading, make_dict_structure_fn(RowReading, _CONVERTER, as_word=override(rename="as"))
)
_CONVERTER.register_structure_hook(
    Layout, make_dict_structure_fn(Layout, _CONVERTER, class_name=override(rename="class"))
)


def default_directory() -> Path:
    """The spec directory this program came with: packaged data, or spec/ of the source tree around this file.

    Raises TableError where there is neither.
    """
    packaged = Path(str(importlib.resources.files("bufspec").joinpath("spec_data")))
    candidates = [packaged, *(parent / "spec" for parent in Path(__file__).resolve().parents)]
    for candidate in candidates:
        if (candidate / "tables").is_dir() and (candidate / "schema").is_dir():
            return candidate
    raise TableError(
        packaged, [Problem("tables", 1, 1, "no spec directory found", "name one: bufspec spec check DIR")]
    )


@frozen
class Table:
    """One file of spec/tables: its area, its title and its rules."""

    file: str
    area: str
    title: str
    rules: tuple[Rule, ...]


@frozen
class Spec:
    """Every table of one directory."""

    directory: Path
    tables: tuple[Table, ...]
    flags: tuple[Flag, ...]
    compounds: tuple[Compound, ...]
    constants: tuple[Constant, ...]
    unassigned_bits: int
    canonical: Canonical
    requests: Requests
    formats: Formats
    layouts: tuple[Layout, ...]
    classes: tuple[LayoutClass, ...]
    sweeps: tuple[Sweep, ...]
    texts: dict[str, TextSource]
    clauses: dict[str, tuple[str, ...]]
    differences: tuple[str, ...]
    ambiguities: tuple[str, ...]
    editions: tuple[Edition, ...]
    text_files: tuple[TextFile, ...]
    caught_by: dict[str, tuple[str, ...]]
    """For a rule with mutants, the rules that catch them: others, if it is not judged itself."""

    @staticmethod
    def load(path: Path | None = None) -> Spec:
        """The spec in `path` (default: default_directory()); raises TableError with every problem found."""
        directory = path or default_directory()
        documents, problems = read_directory(directory, trusts_ours=True)
        if problems:
            raise TableError(directory, problems)
        try:
            return spec_from_documents(directory, documents)
        except Exception as error:  # a schema of its own may allow what nobody can read
            raise TableError(directory, [unknown_form(error)]) from error

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in reading order."""
        return tuple(rule for table in self.tables for rule in table.rules)

    @property
    def clause_texts(self) -> dict[str, ClauseText]:
        """What each clause says, by its id."""
        return {one.clause: one for file in self.text_files for one in file.clauses}

    def flag_value(self, name: str) -> int:
        """The value of a flag or compound by name; KeyError if there is none."""
        rows: tuple[Flag | Compound, ...] = (*self.flags, *self.compounds)
        return {one.name: one.value for one in rows}[name]

    def canonical_words(self) -> tuple[int, ...]:
        """The canonical flag words, ascending: structural requests times every set of modifiers."""
        words = {self.flag_value(name) for name in self.canonical.structural}
        words |= set(_unions([self.flag_value(name) for name in self.canonical.subsets_of])) - {0}
        modifiers = _unions([self.flag_value(name) for name in self.canonical.modifiers])
        return tuple(sorted({word | modifier for word in words for modifier in modifiers}))


def _unions(values: list[int]) -> list[int]:
    unions = [0]
    for value in values:
        unions += [union | value for union in unions]
    return unions


def read_directory(
    directory: Path, *, trusts_ours: bool = False
) -> tuple[dict[str, Document], list[Problem]]:
    """Every table file of `directory` by its name there, and what each of them alone breaks.

    Where there is a problem the documents may be incomplete.  With `trusts_ours`, a table and a schema that
    came with this program, to the letter, are not held against each other: `spec check` is for that.
    """
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    folders = ("tables/", FOLDER)
    found = (f"{folder}{path.name}" for folder in folders for path in directory.glob(f"{folder}*"))
    names = [*SINGLE_FILES, *sorted(found)]
    if len(names) > MOST_FILES:
        return {}, [Problem("tables", 1, 1, f"more than {MOST_FILES} files", "a table for each area")]
    texts: dict[str, tuple[str, str]] = {}
    for name in names:
        if "/" in name and (not name.endswith(".yaml") or not (directory / name).is_file()):
            if not name.endswith(".md"):
                problems.append(Problem(name, 1, 1, "no table", "this folder holds tables only: NAME.yaml"))
            continue
        try:
            schema = schema_of(name)
            texts[name] = (
                read_table(directory / name, name),
                read_table(directory / "schema" / schema, f"schema/{schema}"),
            )
            documents[name] = _document(texts[name][0], name)
        except Refused as refused:
            problems.append(refused.problem)
    problems += _misfits(documents, texts, trusts_ours=trusts_ours)
    problems = list(set(problems))
    if not problems:
        problems += _one_of_each(documents)
    return documents, sorted(problems)


@lru_cache(maxsize=64)
def _document(text: str, name: str) -> Document:
    return document_from_text(text, name)


_validated: dict[tuple[str, tuple[str, str]], list[Problem]] = {}
"""What the schema refused in each file, by its name, its text and the text of the schema: it saves time."""
MOST_VALIDATED = 256


def _misfits(
    documents: dict[str, Document], texts: dict[str, tuple[str, str]], *, trusts_ours: bool
) -> list[Problem]:
    """What their schemas refuse in the documents; one that has not changed is not validated again."""
    unknown = [name for name in documents if (name, texts[name]) not in _validated]
    if trusts_ours:
        unknown = [name for name in unknown if not _is_ours(name, *texts[name])]
    found = schema_problems([(documents[name], texts[name][1]) for name in unknown]) if unknown else []
    if found is None:
        return [Problem("schema", 1, 1, EXHAUSTED, EXHAUSTED_HINT)]
    if len(_validated) > MOST_VALIDATED:
        _validated.clear()
    for name, problems in zip(unknown, found, strict=True):
        _validated[name, texts[name]] = problems
    return [one for name in documents for one in _validated.get((name, texts[name]), [])]


def _is_ours(name: str, table: str, schema: str) -> bool:
    return came_with_us(table) and is_schema_of_ours(schema, f"schema/{schema_of(name)}")


def _one_of_each(documents: dict[str, Document]) -> list[Problem]:
    """The flags, the requests and the formats stand in exactly one table each."""
    problems = []
    for key in (FLAGS_FILE, REQUESTS_FILE, FORMATS_FILE):
        found = [one for one in documents.values() if isinstance(one.value, dict) and key in one.value]
        if not found:
            problems.append(
                Problem("tables", 1, 1, f'no table has the key "{key}"', "a table file is missing")
            )
        problems += [one.problem((key,), f'"{key}" stands in two tables', key=True) for one in found[1:]]
    return problems


def unknown_form(error: Exception) -> Problem:
    """What is said of tables that fit their schemas and have another form than this program reads."""
    reason = f"the tables have another form than this bufspec reads: {text_of(error)}"
    return Problem("schema", 1, 1, reason, "use the schemas that came with it")


def spec_from_documents(directory: Path, documents: dict[str, Document]) -> Spec:
    """The typed spec.  Requires: documents that read_directory() gave without problems."""
    tables = {name: _mapping(documents[name]) for name in documents if name.startswith("tables/")}
    flags = next(table for table in tables.values() if FLAGS_FILE in table)
    requests = next(table for table in tables.values() if REQUESTS_FILE in table)
    formats = next(table for table in tables.values() if FORMATS_FILE in table)
    layouts = _mapping(documents["layouts.yaml"])
    sources = _mapping(documents["sources.yaml"])
    return Spec(
        directory=directory,
        tables=tuple(
            Table(name, table["area"], table["title"], _rows(table["rules"], Rule))
            for name, table in tables.items()
        ),
        flags=_rows(flags["flags"], Flag),
        compounds=_rows(flags["compounds"], Compound),
        constants=_rows(flags["constants"], Constant),
        unassigned_bits=flags["unassigned_bits"],
        canonical=_CONVERTER.structure(flags["canonical"], Canonical),
        requests=Requests(*(_rows(requests[key], RequestRow) for key in REQUEST_LISTS)),
        formats=Formats(*(tuple(formats[key]) for key in ("orders", "codes", "constructs"))),
        layouts=_rows(layouts["layouts"], Layout),
        classes=_rows(layouts["classes"], LayoutClass),
        sweeps=_rows(layouts["sweeps"], Sweep),
        texts={key: _CONVERTER.structure(text, TextSource) for key, text in sources["texts"].items()},
        clauses={key: tuple(ids) for key, ids in sources["clauses"].items()},
        differences=tuple(sources["differences"]),
        ambiguities=tuple(sources["ambiguities"]),
        editions=_rows(_mapping(documents["editions.yaml"])["editions"], Edition),
        text_files=text_files(documents),
        caught_by=_caught_by(documents),
    )


def _caught_by(documents: dict[str, Document]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name in ("mutants.yaml", "consumer_mutants.yaml"):
        for row in _mapping(documents[name])["mutants"]:
            rules = found.setdefault(row["rule"], {})
            rules.update(dict.fromkeys(row.get("caught_by", [row["rule"]])))
    return {rule: tuple(caught) for rule, caught in found.items()}


REQUEST_LISTS = ("reserved", "refusals", "contested", "answers")


def _mapping(document: Document) -> dict[str, Any]:
    assert isinstance(document.value, dict), "the schema says so"
    return document.value


def _rows(rows: list[Any], kind: type[_T]) -> tuple[_T, ...]:
    return tuple(_CONVERTER.structure(row, kind) for row in rows)


__all__ = ["Case", "Spec", "Table", "default_directory", "read_directory", "spec_from_documents"]
