"""Can a test judge its own objects, and does what is broken fail it with a message that says all?"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import json
import os
import re
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import attrs
import bufspec
import pytest
from bufspec import _engine
from bufspec.declare import consumer, exporter
from bufspec.errors import BufspecError, DeclarationError, SelectionError, UndecidedError
from bufspec.testing.judging import How
from command_line import FAKES, run
from conftest import drawn

sys.path.insert(0, str(FAKES))

import bad_exporters

Array = ctypes.c_int * 3
STRIDES = "request.strides.strides_present"


def told(*arguments: object, **keywords: object) -> str:
    """The message of the AssertionError that judging raises."""
    with pytest.raises(AssertionError) as failed:
        bufspec.assert_conforms(*arguments, **keywords)  # type: ignore[arg-type]
    return str(failed.value)


@pytest.mark.parametrize("given", [bytearray, lambda: memoryview(bytes(4)), bytearray(3), memoryview(b"abc")])
@pytest.mark.slow
def test_what_conforms_passes_as_an_object_and_as_a_factory(given: object) -> None:
    bufspec.assert_conforms(given)


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.slow
def test_a_broken_rule_is_told_as_the_terminal_tells_it(isolated: bool) -> None:
    message = told(Array, isolated=isolated)
    first = "given.c_int_Array_3: breaks 3 rules; request.strides.strides_present: strides NULL\n"
    assert message.startswith(first)
    shown = run("check", "--exporter", "ctypes:(c_int * 3)()").stdout
    of_rule = [
        message.partition(f"{STRIDES}  (")[2].split("replay")[0],
        shown.partition(f"{STRIDES}  (")[2].split("replay")[0],
    ]
    assert of_rule[0].replace("given.c_int_Array_3", "SUBJECT") == of_rule[1].replace(
        "ctypes:(c_int * 3)()", "SUBJECT"
    )
    assert message.splitlines()[-1].startswith(f"given.c_int_Array_3, {STRIDES}: BUFSPEC_REPLAY=")


DEADLY = [
    (bad_exporters.segfault, "crash SIGSEGV"),
    (bad_exporters.abort, "crash SIGABRT"),
    (bad_exporters.leave, "exit"),
    (bad_exporters.hang, "hang"),
]


@pytest.mark.parametrize(
    ("misdeed", "outcome"), drawn(DEADLY, 2, kind=lambda deadly: deadly[1].partition(" ")[0])
)
@pytest.mark.slow
def test_a_death_fails_the_test_and_leaves_its_process_alive(
    misdeed: Callable[[], object], outcome: str
) -> None:
    before = os.getpid()
    message = told(lambda: bad_exporters.exporter(0x003, misdeed), timeout=1.0, rules=["request.nd.*"])
    assert f"given.factory: {outcome}" in message
    assert "request.word_0x003" in message
    assert os.getpid() == before


@pytest.mark.slow
def test_forks_leave_no_process_and_no_descriptor_behind() -> None:
    bufspec.assert_conforms(bytearray)  # what is opened once for all is open now
    before = sorted(os.listdir("/proc/self/fd"))
    children = own_children()  # a test before this one may have left some
    told(lambda: bad_exporters.exporter(0x003, bad_exporters.abort), rules=["request.nd.*"])
    assert sorted(os.listdir("/proc/self/fd")) == before
    assert own_children() <= children


def own_children() -> set[str]:
    """The process ids of this process's children."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            text = status.read_text(encoding="utf-8", errors="replace")
            if int(text.rpartition(")")[2].split()[1]) == os.getpid():
                found.add(status.parent.name)
    return found


def test_what_the_test_printed_is_printed_once(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("once")
    bufspec.assert_conforms(bytearray)
    assert capfd.readouterr().out == "once"


@pytest.mark.slow
def test_rules_narrow_what_is_judged() -> None:
    bufspec.assert_conforms(Array, rules=["field.*"])
    bufspec.assert_conforms(Array, exclude=["request.*"])
    assert STRIDES in told(Array, rules=[STRIDES])


@pytest.mark.slow
def test_recommended_rules_count_where_they_are_asked_for() -> None:
    numpy = pytest.importorskip("numpy")
    padded = numpy.zeros(2, numpy.dtype([("a", "i1"), ("b", "<f8"), ("c", "i2")], align=True))
    bufspec.assert_conforms(padded)
    assert "format.itemsize.agrees_pep3118" in told(padded, fail_on="recommended")


@pytest.mark.slow
def test_expectations_excuse_and_go_out_of_date(tmp_path: Path) -> None:
    known = {
        "subject": "mine.array",
        "rule": "request.*",
        "reason": "known for long",
        "link": "https://example.org",
    }
    file = tmp_path / "known.yaml"
    file.write_text(json.dumps({"expectations": [known]}), encoding="utf-8")
    bufspec.assert_conforms(Array, name="mine.array", expectations=[file])
    assert "breaks 3 rules" in told(Array, name="mine.other", expectations=[file])
    assert "known failure now passes: request.*" in told(bytearray, name="mine.array", expectations=[file])


def test_a_factory_that_raises_is_no_conforming_exporter() -> None:
    message = told(lambda: memoryview(bytes(1 // 0)))
    assert "error; ZeroDivisionError" in message and "test_assert_conforms.py:" in message


@pytest.mark.slow
def test_what_keeps_a_single_object_from_being_judged_whole_is_said() -> None:
    assert "assert_conforms(lambda: c_int_Array_3(...))" in " ".join(told(Array()).split())
    assert "only this one object" not in told(Array)


def keywords_of(function: Callable[..., object]) -> dict[str, inspect.Parameter]:
    found = inspect.signature(function).parameters
    return {name: one for name, one in found.items() if one.kind is one.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("judge", "declare"), [(bufspec.assert_conforms, exporter), (bufspec.assert_consumes, consumer)]
)
def test_what_is_declared_in_a_file_and_in_a_test_are_the_same_keywords(
    judge: Callable[..., object], declare: Callable[..., object]
) -> None:
    of_the_file, of_the_test = keywords_of(declare), keywords_of(judge)
    how = {one.name for one in attrs.fields(How)}
    assert {name: str(one) for name, one in of_the_test.items() if name not in {*how, "name"}} == {
        name: str(one) for name, one in of_the_file.items() if name != "needs"
    }
    assert how < set(of_the_test)


SCRIPT = """
import ctypes, sys, unittest
import bufspec

class Case(unittest.TestCase):
    def test_array(self):
        bufspec.assert_conforms(lambda: (ctypes.c_int * 3)())

if __name__ == "__main__":
    unittest.main()
"""


@pytest.mark.slow
def test_the_last_line_shows_the_case_again_in_unittest_too(tmp_path: Path) -> None:
    (tmp_path / "own test.py").write_text(SCRIPT, encoding="utf-8")
    first = subprocess.run(
        [sys.executable, "own test.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "assertions.py" not in first.stderr, "no frames of ours"
    line = next(one for one in first.stderr.splitlines() if one.startswith("given.factory, "))
    subject, rule, command = re.fullmatch(r"(\S+), (\S+): (.*)", line).groups()  # type: ignore[union-attr]
    assert (subject, rule) == ("given.factory", STRIDES)
    again = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert f"broken: {STRIDES}" in again.stderr and "step 0" in again.stderr


@pytest.mark.slow
def test_a_variable_that_names_no_case_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUFSPEC_REPLAY", "request.word_0x018")
    with pytest.raises(SelectionError, match="names no case"):
        bufspec.assert_conforms(bytearray)
    monkeypatch.setenv("BUFSPEC_REPLAY", "given.bytearray/request.word_0x018")
    assert "breaks no rule" in told(bytearray), "it does not pass either: nothing was judged"
    monkeypatch.setenv("BUFSPEC_REPLAY", "given.other/request.word_0x018")
    assert "breaks 3 rules" in told(Array), "another subject is judged as ever"


@pytest.mark.parametrize(
    ("given", "keywords", "hint"),
    [
        (3, {}, "assert_conforms(lambda: Matrix(2, 3))"),
        (lambda: None, {}, "its factory returned None; it must return the object"),
        (None, {}, "is neither an exporter nor a factory"),
        (bytearray, {"rules": ["requst.*"]}, "no judged rule matches"),
        (bytearray, {"name": "Not A Name"}, "is not a subject name"),
        (bytearray, {"fail_on": "all"}, "fail_on is 'all'"),
        (bytearray(), {"operations": {"clear": bytearray.clear}}, "give a factory"),
        (bytearray, {"expectations": ["absent.yaml"]}, "cannot be read"),
        (bytearray, {"expect": "text"}, "expect of"),
    ],
)
def test_wrong_usage_is_an_error_of_its_own(given: object, keywords: dict[str, object], hint: str) -> None:
    with pytest.raises(BufspecError) as refused:
        bufspec.assert_conforms(given, **keywords)  # type: ignore[arg-type]
    assert hint in refused.value.render()
    assert isinstance(refused.value, AssertionError) == isinstance(refused.value, UndecidedError)


@pytest.mark.slow
def test_it_works_inside_a_running_event_loop_and_beside_threads() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()

    async def a_test() -> None:
        bufspec.assert_conforms(bytearray)
        with pytest.raises(AssertionError):
            bufspec.assert_conforms(Array)

    asyncio.run(a_test())
    stop.set()
    other.join()


@pytest.mark.slow
def test_it_works_in_unittest() -> None:
    class Case(unittest.TestCase):
        def test_good(self) -> None:
            bufspec.assert_conforms(bytearray)

        def test_bad(self) -> None:
            bufspec.assert_conforms(Array)

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, len(result.failures), result.errors) == (2, 1, [])
    assert STRIDES in result.failures[0][1]


def test_importing_the_package_loads_no_engine() -> None:
    code = "import bufspec, sys; sys.exit('bufspec._engine' in sys.modules)"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-P", "-c", code) == 0
    assert not hasattr(bufspec, "no_such_name")
    assert _engine.rule_ids()


def test_the_error_of_a_wrong_declaration_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="nor a factory"):
        bufspec.assert_conforms(3)
    assert issubclass(DeclarationError, ValueError)


@pytest.mark.slow
def test_it_works_where_the_standard_streams_are_closed() -> None:
    code = "import os; os.closerange(0, 3); import bufspec; bufspec.assert_conforms(bytearray); os._exit(5)"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-P", "-c", code) == 5
