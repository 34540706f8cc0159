"""Are sets of library functions with one fault each told from right ones, across the C boundary?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bufspec import _engine
from bufspec.declare import FUNCTION
from bufspec.spec.mutant_checks import RUNTIME, needs_mutant
from bufspec.spec.tables import Spec
from bufspec.subjects.mutants import faulty_pep688
from bufspec.subjects.mutants.interpreters import stand_ins
from bufspec.tables.files import spec_directory
from bufspec.tables.mutants import load_mutants
from bufspec.words import CHECKS_OF_PEP688, CHECKS_OF_STRUCTS, CHECKS_OF_VIEWS
from bufspec.worker import memoryview_checks, pep688
from command_line import events_from_lines, run
from conftest import OF_THEM, sample

LIBRARY = Path(_engine.__file__).with_name("libbufspec_faulty_functions.so")
REFERENCE = Path(_engine.__file__).with_name("libbufspec_reference.so")


@pytest.mark.parametrize("of_them", OF_THEM)
@pytest.mark.slow
def test_every_one_is_caught_by_its_rule_and_none_falsely(of_them: str) -> None:
    rows = [one for one in load_mutants().mutants if one.target == FUNCTION]
    assert len([one for one in rows if not one.needs]) > 150
    if of_them == "drawn":
        rows = sample(rows, 5, kind=lambda one: (one.rule.partition(".")[0], one.needs))
    names = ["runtime_*"] if of_them == "all" else [one.name for one in rows]
    done = run("mutants", *names, "--format", "json")
    score = json.loads(done.stdout)
    assert score["missed"] == []
    assert score["false_alarms"] == []
    assert set(score["unavailable"]) == {one.name for one in rows if one.needs and not _has(one.needs)}
    assert score["caught"] == len(rows) - len(score["unavailable"]) > 0


def _has(needs: str) -> bool:
    """Whether this interpreter is what a row needs."""
    return sys.version_info[:2] >= tuple(map(int, needs.removeprefix("python>=").split(".")))


def test_each_judged_rule_of_runtimes_alone_has_one() -> None:
    table = load_mutants()
    mutated = {one.rule for one in table.mutants if one.target == FUNCTION}
    spec = Spec.load(spec_directory())
    assert mutated >= {rule.id for rule in spec.rules if needs_mutant(rule, RUNTIME)}


def test_the_library_has_each_row_and_nothing_else() -> None:
    tree = yaml.safe_load((spec_directory() / "runtime_mutants.yaml").read_text(encoding="utf-8"))
    rows = [row for key in ("mutants", "conforming") for row in tree[key]]
    named = {f"faulty.{row['id']}" for row in rows if not row.get("python")}
    assert named == {one["name"] for one in _engine.native_subjects(str(LIBRARY))["subjects"]}


def test_each_row_in_python_has_what_stands_for_names_and_nothing_else_has() -> None:
    rows = [row for row in load_mutants().mutants if row.target == FUNCTION and row.python]  # type: ignore[attr-defined]
    assert {row.id for row in rows} == {*stand_ins(), *faulty_pep688.FAULTS}
    assert {*CHECKS_OF_VIEWS, *CHECKS_OF_STRUCTS} == set(memoryview_checks.CHECKS)
    assert set(CHECKS_OF_PEP688) == set(pep688.CHECKS)
    assert all(bool(row.needs) == (row.id in faulty_pep688.FAULTS) for row in rows)


def test_the_reference_answers_every_case_that_it_has_functions_for() -> None:
    done = run("check", "--native", str(REFERENCE), "reference.functions", "--format", "json")
    events = events_from_lines(done.stdout)
    finished = next(one for one in events if one["event"] == "subject-finished")
    assert finished["conforms"] is True
    assert finished["answers"] > 960
    skipped = {rule for rule, one in finished["rules"].items() if one["outcome"] == "skip"}
    assert skipped <= {*memoryview_checks.CHECKS, *pep688.CHECKS}  # checks in Python alone show them


@pytest.mark.slow
def test_a_break_is_replayed(tmp_path: Path) -> None:
    done = run("check", "--native", str(LIBRARY), "faulty.to_fortran_is_c", "--format", "json", cwd=tmp_path)
    failure = next(one for one in events_from_lines(done.stdout) if one["event"] == "case-failed")
    words = failure["replay"].split()
    again = run(*words[1:], cwd=tmp_path)
    assert again.returncode == 1
    assert "broken: " in again.stdout


FEW = """
#include <string.h>
#include "bufspec_subject.h"
static bufspec_error error;
static bufspec_error exception(void) { bufspec_error e = error; error = BUFSPEC_OK; return e; }
static void set_exception(bufspec_error e) { error = e; }
static int is_contiguous(const bufspec_buffer *view, char order) {
  if (view->suboffsets != NULL || strchr("CFA", order) == NULL) return 0;
  for (int d = 0; d < view->ndim; ++d) if (view->shape[d] == 0) return 1;
  for (int fortran = order == 'F'; fortran <= (order != 'C'); ++fortran) {
    bufspec_ssize owed = view->itemsize;
    int fits = view->strides != NULL || !fortran;
    if (view->strides == NULL && fortran) {
      int long_ones = 0;
      for (int d = 0; d < view->ndim; ++d) long_ones += view->shape[d] > 1;
      fits = long_ones < 2;
    }
    for (int i = 0; view->strides != NULL && i < view->ndim; ++i) {
      const int d = fortran ? i : view->ndim - 1 - i;
      if (view->shape[d] > 1 && view->strides[d] != owed) fits = 0;
      owed *= view->shape[d];
    }
    if (fits) return 1;
  }
  return 0;
}
static const bufspec_functions functions = {
    .size = sizeof functions, .exception = exception, .set_exception = set_exception,
    .is_contiguous = is_contiguous};
BUFSPEC_SUBJECTS(mine, BUFSPEC_FUNCTIONS(few, &functions));
"""


# A library that was built before 1.1 ends with `drop`.
OLDER = FEW.replace(".size = sizeof functions", ".size = offsetof(bufspec_functions, memoryview_nbytes)")


def test_a_set_that_was_built_by_an_older_header_is_judged(tmp_path: Path) -> None:
    assert OLDER != FEW
    judged, conforms = judge(tmp_path, OLDER)
    assert conforms
    assert "function.is_contiguous.agrees" in judged


def test_a_set_in_c_of_one_function_is_judged_by_its_rules_alone(tmp_path: Path) -> None:
    judged, conforms = judge(tmp_path, FEW)
    assert conforms
    assert "function.is_contiguous.agrees" in judged
    assert not any(rule.startswith(("memoryview.", "format.", "argument.")) for rule in judged)


def judge(folder: Path, source: str) -> tuple[set[str], bool]:
    """The rules by which a set in C is judged, and whether it keeps all of them."""
    header = Path(__file__).resolve().parents[1] / "adapters" / "native"
    (folder / "few.c").write_text(source, encoding="utf-8")
    build = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{header}"]
    subprocess.run([*build, "-o", "libfew.so", "few.c"], cwd=folder, check=True)
    done = run("check", "--native", "libfew.so", "--format", "json", cwd=folder)
    finished = next(one for one in events_from_lines(done.stdout) if one["event"] == "subject-finished")
    return {rule for rule, one in finished["rules"].items() if one["cases"]}, finished["conforms"]
