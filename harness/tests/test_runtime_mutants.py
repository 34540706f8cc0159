"""Are sets of library functions with one fault each told from right ones, across the C boundary?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml
from bufspec import _engine
from bufspec.declare import FUNCTION
from bufspec.tables.files import spec_directory
from bufspec.tables.mutants import load_mutants
from command_line import events_from_lines, run

LIBRARY = Path(_engine.__file__).with_name("libbufspec_faulty_functions.so")
REFERENCE = Path(_engine.__file__).with_name("libbufspec_reference.so")


def test_every_one_is_caught_by_its_rule_and_none_falsely() -> None:
    done = run("mutants", "runtime_*", "--format", "json")
    score = json.loads(done.stdout)
    assert score["missed"] == []
    assert score["false_alarms"] == []
    rows = [one for one in load_mutants().mutants if one.target == FUNCTION]
    assert score["caught"] == len(rows)
    assert len(rows) > 100


def test_the_library_has_each_row_and_nothing_else() -> None:
    tree = yaml.safe_load((spec_directory() / "runtime_mutants.yaml").read_text(encoding="utf-8"))
    named = {f"faulty.{row['id']}" for key in ("mutants", "conforming") for row in tree[key]}
    assert named == {one["name"] for one in _engine.native_subjects(str(LIBRARY))["subjects"]}


def test_the_reference_answers_every_case_that_it_has_functions_for() -> None:
    done = run("check", "--native", str(REFERENCE), "reference.functions", "--format", "json")
    events = events_from_lines(done.stdout)
    finished = next(one for one in events if one["event"] == "subject-finished")
    assert finished["conforms"] is True
    assert finished["answers"] > 900
    skipped = {rule for rule, one in finished["rules"].items() if one["outcome"] == "skip"}
    # What checks in Python alone show, or calls that no set has; the one binds consumers, too.
    assert skipped <= {*load_mutants().unmutated, "argument.release.exactly_once"}


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


def test_a_set_in_c_of_one_function_is_judged_by_its_rules_alone(tmp_path: Path) -> None:
    header = Path(__file__).resolve().parents[1] / "adapters" / "native"
    (tmp_path / "few.c").write_text(FEW, encoding="utf-8")
    build = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{header}"]
    subprocess.run([*build, "-o", "libfew.so", "few.c"], cwd=tmp_path, check=True)
    done = run("check", "--native", "libfew.so", "--format", "json", cwd=tmp_path)
    finished = next(one for one in events_from_lines(done.stdout) if one["event"] == "subject-finished")
    assert finished["conforms"] is True, finished["rules"]
    judged = {rule for rule, one in finished["rules"].items() if one["cases"]}
    assert "function.is_contiguous.agrees" in judged
    assert not any(rule.startswith(("memoryview.", "format.", "argument.")) for rule in judged)
