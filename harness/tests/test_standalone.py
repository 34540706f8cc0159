"""Does a stand-alone script show the break on the mutant, stay silent on its twin, and need no bufspec?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from attrs import evolve
from bufspec import _engine
from bufspec.replay.minimise import minimise
from bufspec.replay.replayer import Replayer
from bufspec.replay.run import break_from
from bufspec.run.case_id import CaseId
from bufspec.scripts import consumer_checks
from bufspec.scripts.lifetime_checks import WITHOUT_SCRIPT
from bufspec.scripts.standalone import CHECKS, FUNCTION_RULE, standalone
from bufspec.tables.mutants import load_mutants
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CHECKS_OF_BRIDGES, CURRENT
from bufspec.worker.source import source_of, source_of_expression
from command_line import run
from conftest import drawn

CASES = {
    "shape_missing_for_nd": "request.word_0x008",
    "strided_as_bytes": "request.word_0x000",
    "unassigned_bits_refused": "request.unassigned_0x000_0x400",
    "buf_of_other_elements": "request.word_0x018",
    "obj_owned_twice": "request.word_0x000",
    "len_counts_items": "request.word_0x000",
    "written_behind_the_struct": "request.word_0x000",
    "refused_without_exception": "request.word_0x001",
    "obj_left_after_a_refusal": "request.word_0x001",
    "lock_never_ends": "sequence.random_23",
}
"""Mutants whose rules are looked at in different ways, each with a case that shows the break."""


SHORT = {
    "shape_missing_for_nd",
    "strided_as_bytes",
    "obj_owned_twice",
    "len_counts_items",
    "refused_without_exception",
    "obj_left_after_a_refusal",
}
"""Those whose break one flag word shows, in at most 80 lines."""


def read_made(script: Path) -> list[str]:
    """The lines of a script."""
    return script.read_text(encoding="utf-8").splitlines()


def scripted(script: Path) -> int:
    """The exit code of a script, run with this interpreter."""
    return subprocess.run([sys.executable, script], capture_output=True, timeout=60, check=False).returncode


async def scripts_for(mutant: str, case: str, work: Path) -> tuple[str, str]:
    """The script for what a mutant breaks, and the same on its twin."""
    table = load_mutants()
    row = next(one for one in table.mutants if one.id == mutant)
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    first = CaseId(row.subject, case)
    async with Replayer(first, rulebook, work, 10.0) as replayer:
        shown = await replayer.first()
        shown = await minimise(replayer, shown, row.rule)
        what = await break_from(replayer, shown, row.rule)
    async with Replayer(evolve(first, subject=table.twins[mutant].subject), rulebook, work, 10.0) as other:
        twin = (await other.source(shown.scenario))["make"]
    return standalone(what), standalone(evolve(what, made=twin))


@pytest.mark.parametrize("mutant", drawn(CASES, 4, kind=lambda mutant: CASES[mutant].partition(".")[0]))
@pytest.mark.slow
def test_a_script_shows_the_break_of_a_mutant_and_nothing_of_its_twin(mutant: str, tmp_path: Path) -> None:
    for name, text in zip(
        ("mutant", "twin"), anyio.run(scripts_for, mutant, CASES[mutant], tmp_path), strict=True
    ):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    assert mutant not in SHORT or len(read_made(tmp_path / "mutant.py")) <= 80
    assert scripted(tmp_path / "mutant.py") == 1
    assert scripted(tmp_path / "twin.py") == 0


def test_every_judged_rule_has_a_script_or_a_reason_why_not() -> None:
    checks = set(CHECKS) | set(consumer_checks.CHECKS)
    # What breaks in the answer of a call is shown by the script of the call: test_calls.py.
    called = set(_engine.rules_of_calls())
    assert set(_engine.rule_ids()) == checks | set(WITHOUT_SCRIPT) | {FUNCTION_RULE} | called | set(
        CHECKS_OF_BRIDGES
    )
    assert not checks & set(WITHOUT_SCRIPT)


@pytest.mark.parametrize(
    ("case", "rule"),
    drawn(
        [
            ("request.word_0x018", "request.strides.strides_present"),
            ("request.word_0x000", "request.format.absent"),
            ("request.word_0x000", "request.nd.shape_absent"),
        ],
        3,
    ),
)
@pytest.mark.slow
def test_what_ctypes_breaks_is_shown_without_bufspec(case: str, rule: str, tmp_path: Path) -> None:
    script = tmp_path / "shown.py"
    done = run("replay", f"stdlib.ctypes_array/{case}", "--rule", rule, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith(f"script: {script}\n")
    text = script.read_text(encoding="utf-8")
    assert "import bufspec" not in text and "from bufspec" not in text
    assert len(text.splitlines()) < 80, text
    shown = subprocess.run(
        [sys.executable, "-I", "-S", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (shown.returncode, f"broken: {rule}" in shown.stdout) == (1, True), shown.stderr


@pytest.mark.slow
def test_a_script_of_a_death_dies_in_a_process_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "dies.py"
    expression = "bad_exporters:exporter(0x018, segfault)"
    done = run("replay", f"{expression}/request.word_0x018", "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    text = script.read_text(encoding="utf-8")
    assert "ask(0x018)" in text
    command = [sys.executable, script]
    fakes = Path(__file__).parent / "fakes"
    shown = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={"PYTHONPATH": str(fakes)}
    )
    assert (shown.returncode, "broken: an exporter answers" in shown.stdout) == (1, True), shown.stderr


BUILT = """
from bufspec.declare import exporter


def build(layout):
    if layout.format != "B" or not layout.is_c_contiguous or layout.ndim != 1:
        return NotImplemented
    return bytearray(reversed(layout.elements))


@exporter("own.reversed", build=build)
def make_one():
    return bytearray(4)
"""


@pytest.mark.slow
def test_an_object_that_is_built_is_scripted_with_its_smallest_layout(tmp_path: Path) -> None:
    file, script = tmp_path / "own.py", tmp_path / "shown.py"
    file.write_text(BUILT, encoding="utf-8")
    case = "own.reversed/built.bytes_one_dim"
    done = run("replay", "--subjects", str(file), case, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    text = script.read_text(encoding="utf-8")
    assert "shape=(3,)" in text and "import bufspec" not in text
    assert scripted(script) == 1
    script.write_text(text.replace("bytearray(reversed(layout.elements))", "bytearray(layout.elements)"))
    assert scripted(script) == 0


@pytest.mark.slow
def test_a_case_that_breaks_nothing_has_no_script() -> None:
    done = run("replay", "stdlib.bytes/request.word_0x018", "--standalone")
    assert (done.returncode, "nothing is broken" in done.stderr) == (2, True)


@pytest.mark.slow
def test_sources_hold_all_that_a_factory_needs_and_not_its_declaration() -> None:
    from bufspec.worker.registry import find_subject

    for name in ("stdlib.array_b", "stdlib.bytes_subclass", "stdlib.ctypes_structure"):
        subject = find_subject(name)
        assert not isinstance(subject.what, str)
        text = source_of(subject.what)
        assert "@exporter" not in text
        names: dict[str, object] = {}
        exec(text, names)
        made = names["make"]
        assert callable(made)
        assert bytes(made()) == bytes(subject.what())  # type: ignore[call-overload]


def test_an_expression_imports_the_names_that_it_uses() -> None:
    text = source_of_expression("ctypes:(c_int * max(2, 3))()")
    assert text.startswith("from ctypes import c_int\n")
    names: dict[str, object] = {}
    exec(text, names)
