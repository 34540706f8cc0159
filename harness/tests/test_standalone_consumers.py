"""Does a stand-alone script show a consumer's break without bufspec, and stay silent on a right consumer?"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from attrs import evolve
from bufspec import _engine
from bufspec.errors import StandaloneError
from bufspec.replay.minimise import minimise
from bufspec.replay.replayer import Replayer
from bufspec.replay.run import break_from
from bufspec.run.case_id import CaseId
from bufspec.scripts.standalone import standalone
from bufspec.scripts.trial import refuse_unless_it_shows
from bufspec.tables.mutants import load_mutants
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT
from command_line import run
from conftest import drawn

FAKES = Path(__file__).parent / "fakes"
MUTANTS = {
    "ignores_suboffsets": "consumer.reads_pil_1d",
    "bytes_swapped": "consumer.reads_big_endian_1d",
    "releases_twice": "consumer.reads_bytes_one_dim",
    "fills_linear": "consumer.reads_strided_1d",
}
"""Mutants whose rules are looked at in different ways, each with a case that shows the break."""

ON_PLAIN_MEMORY = {
    "consumer.data.linear_if_contiguous",
    "consumer.data.any_stride",
    "consumer.release.exactly_once",
    "consumer.write.only_if_asked",
}
"""Rules whose break a script shows on memory that memoryview makes, in fewer than 80 lines."""

ON_OUR_EXPORTER = {
    "consumer.data.elements_right": 140,
    "consumer.request.no_needless_write": 120,
    "consumer.hardening.failed_obj": 120,
}
"""Rules whose break needs an exporter of the script's own, and how many lines that may take."""

pytestmark = pytest.mark.usefixtures("among_the_fakes")


def scripted(script: Path) -> subprocess.CompletedProcess[str]:
    """What a script comes to in an interpreter that has no bufspec."""
    return subprocess.run(
        [sys.executable, "-S", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(FAKES)},
    )


BREAKS = [
    ("bytes bad_consumers:linear", "bytes", "reads_f_2d_int", "consumer.data.linear_if_contiguous"),
    ("bytes bad_consumers:fortran", "bytes", "reads_c_2d_int", "consumer.data.elements_right"),
    ("bytes bad_consumers:signless", "bytes", "reads_reversed_1d", "consumer.data.any_stride"),
    ("bad_consumers:forgetful", "bytes", "reads_bytes_one_dim", "consumer.release.exactly_once"),
    ("bad_consumers:writing", "bytes", "reads_bytes_one_dim", "consumer.write.only_if_asked"),
    ("bad_consumers:swallowing", "bytes", "refuses_all_f_2d_int", "consumer.error.refusal_told"),
    ("bad_consumers:greedy", "bytes", "reads_bytes_one_dim", "consumer.request.no_needless_write"),
    ("bad_consumers:keeping", "len", "reads_bytes_one_dim", "consumer.release.nothing_kept"),
    ("zlib:compress", "bytes", "lies_about_obj_bytes_one_dim", "consumer.hardening.failed_obj"),
]


def on_memory_of(one: tuple[str, str, str, str]) -> tuple[bool, bool]:
    """Whose memory its script needs."""
    return one[3] in ON_PLAIN_MEMORY, one[3] in ON_OUR_EXPORTER


@pytest.mark.parametrize(("consumer", "right", "case", "rule"), drawn(BREAKS, 4, kind=on_memory_of))
@pytest.mark.slow
def test_a_break_is_shown_without_bufspec(
    consumer: str, right: str, case: str, rule: str, tmp_path: Path
) -> None:
    script = tmp_path / "shown.py"
    done = run("replay", f"consumer {consumer}/consumer.{case}", "--rule", rule, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    text = script.read_text(encoding="utf-8")
    assert "import bufspec" not in text and "from bufspec" not in text
    most = 80 if rule in ON_PLAIN_MEMORY else ON_OUR_EXPORTER.get(rule, 200)
    assert len(text.splitlines()) <= most, text
    assert "\n\n\n\n" not in text and not text.endswith("\n\n") and "typing" not in text
    found, minimised = re.findall(r"^(?:Found by|Minimised): +bufspec replay (.*)$", text, re.MULTILINE)
    assert f"/consumer.{case}" in found and "/scenario:" in minimised
    assert f"broken: {rule}" in run("replay", *shlex.split(minimised)).stdout
    shown = scripted(script)
    assert (shown.returncode, f"broken: {rule}" in shown.stdout) == (1, True), shown.stderr
    name = consumer.rpartition(":")[2]
    other = "bytes" if right == "bytes" else "lambda exported: memoryview(exported).nbytes"
    script.write_text(text.replace(f"\nconsumer = {name}\n", f"\nconsumer = {other}\n"), encoding="utf-8")
    kept = scripted(script)
    assert (kept.returncode, kept.stdout.splitlines()[-1:]) == (0, ["kept"]), kept.stderr


@pytest.mark.slow
def test_a_death_is_shown_in_a_process_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "dies.py"
    case = "consumer bytes bad_consumers:crashing/consumer.reads_sub_block_2d"
    done = run("replay", case, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    shown = scripted(script)
    assert (shown.returncode, "broken: a consumer returns" in shown.stdout) == (1, True), shown.stderr


@pytest.mark.slow
def test_a_random_memory_is_made_as_small_as_shows_the_break() -> None:
    record = run(
        "check", "--consumer", "bad_consumers:signless", "--case", "consumer.random_*", "--format", "json"
    )
    failed = [
        one
        for one in map(json.loads, record.stdout.splitlines())
        if one["event"] == "case-failed" and one["rule"] == "consumer.data.any_stride"
    ]
    done = run(
        "replay", f"consumer bad_consumers:signless/{failed[0]['case']}", "--minimise", "--format", "json"
    )
    described = json.loads(done.stdout)["described"]
    assert described.startswith("on format B, itemsize 1, shape (2,), strides (-")
    assert described.endswith(": consume") and "exporter" not in described


async def scripts_for(mutant: str, case: str, work: Path) -> tuple[str, str]:
    """The script for what a mutant breaks, and the same on its twin."""
    table = load_mutants()
    row = table.consumer(mutant)
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    first = CaseId(row.subject, case)
    async with Replayer(first, rulebook, work, 10.0) as replayer:
        shown = await minimise(replayer, await replayer.first(), row.rule)
        what = await break_from(replayer, shown, row.rule)
    twin = table.twins[f"consumer_{mutant}"].subject
    async with Replayer(evolve(first, subject=twin), rulebook, work, 10.0) as other:
        made = (await other.source(shown.scenario))["make"]
    return standalone(what), standalone(evolve(what, made=made))


@pytest.mark.parametrize("mutant", drawn(MUTANTS, 4))
@pytest.mark.slow
def test_a_script_shows_the_break_of_a_mutant_and_nothing_of_its_twin(mutant: str, tmp_path: Path) -> None:
    texts = anyio.run(scripts_for, mutant, MUTANTS[mutant], tmp_path)
    for name, text, code in zip(("mutant", "twin"), texts, (1, 0), strict=True):
        script = tmp_path / f"{name}.py"
        script.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, script], capture_output=True, timeout=60, check=False)
        assert done.returncode == code, done


ONE_LINERS = """
import functools
from bufspec.declare import consumer

@consumer("own.one_line")
def one_line(o): return len(memoryview(o))

def logged(function):
    @functools.wraps(function)
    def called(*arguments): return function(*arguments)
    return called

@consumer("own.decorated")
@logged
def decorated(o):
    return len(memoryview(o))

consumer("own.lambda_")(lambda o: len(memoryview(o)))

class Counter:
    def count(self, o): return len(memoryview(o))
    @staticmethod
    def of(o, less=0): return len(memoryview(o)) - less

consumer("own.method")(Counter().count)
consumer("own.static_method")(Counter.of)

@consumer("own.default")
def default(o, view=memoryview): return len(view(o))
"""


@pytest.mark.parametrize("name", ["one_line", "decorated", "lambda_", "method", "static_method", "default"])
def test_functions_of_every_form_are_scripted(name: str, tmp_path: Path) -> None:
    file, script = tmp_path / "own.py", tmp_path / "shown.py"
    file.write_text(ONE_LINERS, encoding="utf-8")
    case = f"own.{name}/consumer.reads_c_1d_int"
    done = run("replay", "--subjects", str(file), case, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    shown = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert shown.returncode == 1 and "broken: " in shown.stdout, shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("print('kept')", "ended with 0 and printed 'kept'"),
        ("raise ValueError('no')", "ended with 1 and printed 'ValueError: no'"),
        ("import os; os.abort()", "died of signal 6"),
    ],
)
def test_a_script_that_does_not_show_the_break_is_not_handed_over(text: str, found: str) -> None:
    with pytest.raises(StandaloneError, match=found):
        refuse_unless_it_shows(text)
    refuse_unless_it_shows("print('broken: a rule'); raise SystemExit(1)")


KEEPERS = """
from bufspec.declare import consumer


class Kept:
    def __init__(self, view):
        self.view = view


@consumer("kept.any", kind="keeps")
@consumer("kept.big_endian", kind="keeps", fits={"shape": (2,), "format": ">i"})
def keep(exported):
    with memoryview(exported) as view:
        return Kept(view.nbytes)
"""


@pytest.mark.parametrize(
    ("subject", "case"), [("any", "reads_bytes_one_dim"), ("big_endian", "reads_fitting_i")]
)
@pytest.mark.slow
def test_what_is_no_longer_held_is_shown_by_what_is_held(subject: str, case: str, tmp_path: Path) -> None:
    subjects, script = tmp_path / "keepers.py", tmp_path / "shown.py"
    subjects.write_text(KEEPERS, encoding="utf-8")
    given = ["--subjects", str(subjects), f"kept.{subject}/consumer.{case}", "--standalone", str(script)]
    done = run("replay", *given)
    assert done.returncode == 1, done.stderr
    assert "broken: consumer.hold.while_used: expected a view held" in scripted(script).stdout
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("return Kept(view.nbytes)", "return Kept(view[:])"), encoding="utf-8")
    assert scripted(script).stdout.splitlines()[-1:] == ["kept"], "a result that holds a view is right"
