"""Whether `spec check` takes the real tables, and refuses each damaged copy at the right place.

The damages are data: damaged/cases.yaml, of which a sixth of those to each file is tried, nightly all.
What cannot be said as one edit of a text is here.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from bufspec.files.problem import Problem
from bufspec.spec.check import Registry, check_directory
from bufspec.spec.positions import MAX_BYTES
from bufspec.spec.problems import TableError
from bufspec.spec.tables import Spec
from conftest import drawn

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "spec"
DAMAGES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "damaged/cases.yaml").read_text())[
    "cases"
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the real tables, to be damaged."""
    return shutil.copytree(SPEC, tmp_path / "spec", ignore=shutil.ignore_patterns("decisions"))


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec.load(SPEC)


def complete_registry(spec: Spec) -> Registry:
    """A registry with exactly the functions the tables name."""
    judged = [rule.id for rule in spec.rules if rule.judged]
    return Registry(judged, [case.call for rule in spec.rules for case in rule.cases])


@pytest.mark.slow
def test_the_real_tables_are_taken(spec: Spec) -> None:
    report = check_directory(SPEC, complete_registry(spec))
    assert [str(problem) for problem in report.problems] == []
    assert report.ok
    assert report.counts["clauses"] == 322
    assert report.counts["canonical_words"] == 72
    assert report.counts["layouts"] >= 60
    assert report.counts["requests_checked"] == 1024 * len(spec.classes) * 2 * len(spec.editions)


def test_there_are_enough_kinds_of_damage_to_every_file() -> None:
    names = [damage["name"] for damage in DAMAGES]
    assert len(DAMAGES) >= 34
    assert len(set(names)) == len(names)
    damaged = {damage["file"] for damage in DAMAGES}
    files = {str(path.relative_to(SPEC)) for path in [*SPEC.glob("*.yaml"), *SPEC.glob("*/*.yaml")]}
    assert files <= damaged


@pytest.mark.parametrize(
    "damage",
    drawn(DAMAGES, 6, kind=lambda damage: (damage["file"], damage.get("told_in"))),
    ids=lambda damage: str(damage["name"]),
)
def test_a_damaged_copy_is_refused_at_the_right_place(copy: Path, damage: dict[str, Any]) -> None:
    file = copy / damage["file"]
    text = file.read_text()
    start = text.index(damage["find"], text.index(damage.get("after", "")))
    damaged = text[:start] + damage["replace"] + text[start + len(damage["find"]) :]
    file.write_text(damaged)

    report = check_directory(copy)

    told_in = damage.get("told_in", damage["file"])
    found = [one for one in report.problems if one.file == told_in and damage["message"] in one.message]
    assert found, "\n".join(map(str, report.problems)) or "the damage was not noticed"
    lines = (copy / told_in).read_text().splitlines()
    lines_wanted = expected_lines(damage, damaged, start, lines)
    problem = next((one for one in found if one.line in lines_wanted), None)
    assert problem, f"told at lines {[one.line for one in found]}, damaged at {lines_wanted}"
    assert lines[problem.line - 1][problem.column - 1 :].startswith(damage["at"]), str(problem)


def expected_lines(damage: dict[str, Any], damaged: str, start: int, lines: list[str]) -> set[int]:
    """The lines at which a problem may be reported: of the edit, or where the text that shows it stands."""
    if "told_in" in damage:
        return {number for number, line in enumerate(lines, 1) if damage["at"] in line}
    if "told_at" in damage:
        return {number for number, line in enumerate(lines, 1) if line.startswith(damage["told_at"])}
    skipped = len(damage["replace"]) - len(damage["replace"].lstrip("\n"))
    first = damaged.count("\n", 0, start + skipped) + 1
    span = damage["replace"].strip("\n").count("\n")
    return {first + damage.get("line", 0), first + damage.get("line", 0) + span}


def only_problem(copy: Path, file: str) -> Problem:
    problems = [one for one in check_directory(copy).problems if one.file == file]
    assert len(problems) == 1, [str(one) for one in problems]
    return problems[0]


def test_a_file_that_is_not_utf8_is_refused_at_its_byte(copy: Path) -> None:
    file = copy / "editions.yaml"
    file.write_bytes(file.read_bytes().replace(b"founding document:", b"founding \xe9 document:"))
    problem = only_problem(copy, "editions.yaml")
    assert "0xe9 is not UTF-8" in problem.message
    line = file.read_bytes().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith(b"\xe9")


def test_a_missing_file_is_refused(copy: Path) -> None:
    (copy / "layouts.yaml").unlink()
    assert "cannot be read" in only_problem(copy, "layouts.yaml").message


def test_a_missing_table_is_refused_by_what_it_leaves_open(copy: Path) -> None:
    (copy / "tables/80-arguments.yaml").unlink()
    messages = [one.message for one in check_directory(copy).problems]
    assert "clause C-PARSE-1 is named by no rule" in messages


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    assert not check_directory(tmp_path / "nowhere").ok
    with pytest.raises(TableError, match="cannot be read"):
        Spec.load(tmp_path / "nowhere")


def test_a_file_too_large_is_refused(copy: Path) -> None:
    with (copy / "sources.yaml").open("a") as stream:
        stream.write("#" * MAX_BYTES)
    assert "larger than" in only_problem(copy, "sources.yaml").message


def test_an_empty_file_is_refused(copy: Path) -> None:
    (copy / "editions.yaml").write_text("# nothing\n")
    assert only_problem(copy, "editions.yaml").message == "the file is empty"


def test_a_foreign_file_among_the_tables_is_refused(copy: Path) -> None:
    (copy / "tables/notes.txt").write_text("")
    assert "no table" in only_problem(copy, "tables/notes.txt").message


def test_a_broken_schema_is_refused_with_its_place(copy: Path) -> None:
    schema = copy / "schema/editions.schema.json"
    schema.write_text(schema.read_text().replace("{", "{,", 1))
    problem = only_problem(copy, "schema/editions.schema.json")
    assert (problem.line, problem.message[:8]) == (1, "bad JSON")


def test_an_alias_bomb_is_refused_before_it_grows(copy: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    (copy / "editions.yaml").write_text("a0: &a0 [x]\n" + levels)
    assert "anchors" in only_problem(copy, "editions.yaml").message


def test_a_rule_without_a_function_is_refused(spec: Spec) -> None:
    registry = complete_registry(spec)
    problems = check_directory(
        SPEC, Registry(registry.judged - {"field.len.product"}, registry.calls)
    ).problems
    assert [one.message for one in problems] == [
        "field.len.product is judged but the judge has no function for it"
    ]
    line = (SPEC / problems[0].file).read_text().splitlines()[problems[0].line - 1]
    assert line[problems[0].column - 1 :] == "judged: true"


def test_a_function_without_a_row_is_refused(spec: Spec) -> None:
    registry = complete_registry(spec)
    extra = Registry([*registry.judged, "field.len.prime"], [*(registry.calls or ()), "guess"])
    messages = [one.message for one in check_directory(SPEC, extra).problems]
    assert messages == [
        "the call guess has a function, but no case makes it",
        "the judge has a function for field.len.prime, but no table has a row for it",
    ]


def test_a_row_that_hides_that_it_is_judged_is_refused(spec: Spec) -> None:
    registry = complete_registry(spec)
    quiet = next(rule.id for rule in spec.rules if not rule.judged)
    problems = check_directory(SPEC, Registry(registry.judged | {quiet}, registry.calls)).problems
    assert [one.hint for one in problems] == ["add judged: true"]


def test_a_case_whose_call_has_no_function_is_refused(spec: Spec) -> None:
    registry = complete_registry(spec)
    calls = (registry.calls or frozenset()) - {"check_buffer"}
    problems = check_directory(SPEC, Registry(registry.judged, calls)).problems
    assert Counter("check_buffer, which has no function" in one.message for one in problems) == {True: 2}


@pytest.mark.slow
def test_calls_are_not_looked_at_without_a_list_of_them(spec: Spec) -> None:
    assert check_directory(SPEC, Registry(complete_registry(spec).judged)).ok
