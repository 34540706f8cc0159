"""Does the plugin make each rule a test item that passes, fails and skips as the judgement has it?"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest
from bufspec.testing import judging
from command_line import FAKES

pytest_plugins = ["pytester"]

MODULE = "bufspec.testing.pytest_plugin"
INSTALLED = any(one.value == MODULE for one in entry_points(group="pytest11"))
WITH_PLUGIN = () if INSTALLED else ("-p", MODULE)
BROKEN = 3
"""The rules that a one-dimensional ctypes array breaks."""

MARKED = """
import ctypes, pytest

@pytest.mark.bufspec_exporter(expect=bytes(3))
def test_good(tmp_path):
    assert tmp_path.is_dir()
    return bytearray(3)

@pytest.mark.bufspec_exporter()
def test_bad():
    return (ctypes.c_int * 3)()
"""


def run(
    pytester: pytest.Pytester, text: str, *arguments: str, in_its_own_process: bool = False
) -> pytest.RunResult:
    """A session over that file: in this process, where that can make no difference."""
    pytester.makepyfile(test_own=text)
    session = pytester.runpytest_subprocess if in_its_own_process else pytester.runpytest_inprocess
    return session(*WITH_PLUGIN, "-p", "no:cacheprovider", *arguments)


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    return {key: count for key, count in result.parseoutcomes().items() if count}


@pytest.mark.slow
def test_each_rule_is_an_item(pytester: pytest.Pytester) -> None:
    result = run(pytester, MARKED, "-v", in_its_own_process=True)
    found = outcomes(result)
    assert found["failed"] == BROKEN
    assert found["passed"] > 50
    assert found["skipped"] > 5
    result.stdout.fnmatch_lines(
        [
            "*test_good[[]bufspec:request.nd.shape_present[]] PASSED*",
            "*test_good[[]bufspec:death[]] PASSED*",
            "*test_bad[[]bufspec:request.strides.strides_present[]] FAILED*",
        ]
    )


@pytest.mark.skipif(not INSTALLED, reason="needs the plugin in every run")
def test_our_own_modules_are_imported_as_they_are_installed() -> None:
    """Else pytest compiles them again, in each run that keeps no bytecode; the plugin is loaded here, too."""
    assert type(judging.__loader__) is SourceFileLoader
    assert type(sys.modules[__name__].__loader__) is not SourceFileLoader


@pytest.mark.slow
def test_a_failure_is_told_as_the_terminal_tells_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, MARKED, "-k", "test_bad and strides_present")
    assert outcomes(result)["failed"] == 1
    result.stdout.fnmatch_lines(
        ["*request.strides.strides_present  (required, memory_safety)", "*found     strides NULL", "*fix *"]
    )


PLAIN = """
import ctypes, bufspec, pytest

def test_plain():
    bufspec.assert_conforms(lambda: (ctypes.c_int * 3)())

@pytest.mark.bufspec_exporter(rules=["request.strides.*"])
def test_marked():
    return (ctypes.c_int * 3)()

@pytest.mark.bufspec_exporter(rules=["request.strides.*"])
def test_empty():
    (ctypes.c_int * 3)()

@pytest.mark.bufspec_consumer(rules=["consumer.release.*"])
def test_no_consumer():
    pass
"""


@pytest.mark.slow
def test_a_failure_ends_with_a_line_that_shows_it_again(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)  # with it pytest says the line once more, in its summary
    folder = pytester.mkdir("deep")
    (folder / "test_own.py").write_text(PLAIN, encoding="utf-8")
    result = pytester.runpytest_subprocess(*WITH_PLUGIN, "-p", "no:cacheprovider", "deep")
    text = result.stdout.str()
    for ours in ("assertions.py", "judgement = ", "All traceback entries are hidden", "judging.py"):
        assert ours not in text
    rule = "request.strides.strides_present"
    for subject in ("given.factory", "given.test_marked"):
        (line,) = (one for one in text.splitlines() if f"{subject}, {rule}: " in one)
        again = subprocess.run(
            line.partition(f"{rule}: ")[2],
            shell=True,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert f"broken: {rule}" in again.stdout, line
        assert f"{subject}/request.word_0x0" in again.stdout and "1 failed" in again.stdout


@pytest.mark.slow
def test_a_mark_on_a_function_that_returns_nothing_says_what_to_write(pytester: pytest.Pytester) -> None:
    result = run(pytester, PLAIN, "-k", "(empty or no_consumer) and death")
    result.stdout.fnmatch_lines(["*its factory returned None; it must return the object: return Matrix*"])
    result.stdout.fnmatch_lines(["*test_no_consumer() returned None", "*hint:*return mypackage.checksum"])


@pytest.mark.slow
def test_the_first_failure_stops_where_that_is_asked_for(pytester: pytest.Pytester) -> None:
    assert outcomes(run(pytester, MARKED, "-x"))["failed"] == 1


@pytest.mark.slow
def test_a_skip_says_why(pytester: pytest.Pytester) -> None:
    run(pytester, MARKED, "-rs", "-k", "test_good").stdout.fnmatch_lines(["SKIPPED * no case applies"])


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
@pytest.mark.slow
def test_the_items_may_be_spread_over_processes(pytester: pytest.Pytester) -> None:
    alone, spread = run(pytester, MARKED), run(pytester, MARKED, "-n", "2", in_its_own_process=True)
    assert outcomes(alone) == outcomes(spread)


@pytest.mark.slow
def test_an_exporter_is_judged_once_for_all_its_items(pytester: pytest.Pytester) -> None:
    text = """
import os, pytest
from bufspec.testing import assertions

judged = []
judge = assertions.judge
assertions.judge = lambda *given, **keywords: judged.append(1) or judge(*given, **keywords)

@pytest.mark.bufspec_exporter()
def test_good():
    return bytearray(3)

def test_last():
    assert len(judged) == 1
"""
    assert "failed" not in outcomes(run(pytester, text, in_its_own_process=True))


@pytest.mark.slow
def test_the_fixture_takes_an_object_or_a_factory(pytester: pytest.Pytester) -> None:
    text = """
import ctypes

def test_two(bufspec_exporter):
    bufspec_exporter(lambda: bytearray(3))
    bufspec_exporter((ctypes.c_int * 3)(), rules=["request.*"])
"""
    found = run(pytester, text, "-rs")
    assert outcomes(found)["failed"] == BROKEN
    found.stdout.fnmatch_lines(["SKIPPED * left out by the keywords *"])


@pytest.mark.slow
def test_parameters_of_ones_own_stay(pytester: pytest.Pytester) -> None:
    text = """
import pytest

@pytest.mark.parametrize("size", [0, 4])
@pytest.mark.bufspec_exporter(rules=["field.len.*"])
def test_sizes(size):
    return bytearray(size)
"""
    result = run(pytester, text, "-v")
    assert "failed" not in outcomes(result)
    result.stdout.fnmatch_lines(["*test_sizes[[]4-bufspec:field.len.product[]] PASSED*"])


@pytest.mark.slow
def test_a_method_is_a_factory_too(pytester: pytest.Pytester) -> None:
    text = """
import pytest

@pytest.mark.bufspec_exporter(rules=["field.len.*"])
class TestMine:
    def test_it(self):
        return bytearray(3)
"""
    assert outcomes(run(pytester, text))["passed"] >= 2


@pytest.mark.slow
def test_a_death_is_one_failed_item_and_the_others_still_count(pytester: pytest.Pytester) -> None:
    text = f"""
import sys, pytest

sys.path.insert(0, {str(FAKES)!r})
import bad_exporters

@pytest.mark.bufspec_exporter()
def test_dying():
    return bad_exporters.exporter(0x018, bad_exporters.abort)
"""
    result = run(pytester, text, "-v", in_its_own_process=True)
    assert outcomes(result)["failed"] == 1
    result.stdout.fnmatch_lines(["*test_dying[[]bufspec:death[]] FAILED*", "*SIGABRT*"])


@pytest.mark.slow
def test_expectations_make_expected_failures_and_fail_once_outdated(pytester: pytest.Pytester) -> None:
    known = {"rule": "request.strides.*", "reason": "strides are NULL", "link": "https://example.org/7"}
    rows = [known | {"subject": "given.test_bad"}, known | {"subject": "given.test_good"}]
    (pytester.path / "known.yaml").write_text(json.dumps({"expectations": rows}), encoding="utf-8")
    text = MARKED.replace("bufspec_exporter(", "bufspec_exporter(expectations=['known.yaml'], ")
    result = run(pytester, text, "-rxf", "-k", "strides_present")
    assert outcomes(result) == {"xfailed": 1, "failed": 1, "deselected": outcomes(result)["deselected"]}
    result.stdout.fnmatch_lines(["*known failure now passes*; remove the entry: *known.yaml:1"])
    result.stdout.fnmatch_lines(["XFAIL *test_bad*strides are NULL https://example.org/7"])


@pytest.mark.slow
def test_what_is_only_recommended_is_an_expected_failure(pytester: pytest.Pytester) -> None:
    pytest.importorskip("numpy")
    text = """
import numpy, pytest

def padded():
    return numpy.zeros(2, numpy.dtype([("a", "i1"), ("b", "<f8"), ("c", "i2")], align=True))

@pytest.mark.bufspec_exporter(rules=["format.itemsize.*"])
def test_lenient():
    return padded()

@pytest.mark.bufspec_exporter(rules=["format.itemsize.*"], fail_on="recommended")
def test_strict():
    return padded()
"""
    found = outcomes(run(pytester, text))
    assert (found["xfailed"], found["failed"]) == (1, 1)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("rules=['requst.*']", "no judged rule matches"),
        ("'word'", "takes keywords only"),
        ("nonsense=3", "nonsense"),
        ("edition='1999'", "1999"),
    ],
)
def test_wrong_keywords_are_told(pytester: pytest.Pytester, mark: str, told: str) -> None:
    text = f"import pytest\n\n@pytest.mark.bufspec_exporter({mark})\ndef test_it():\n    return b''\n"
    result = run(pytester, text)
    assert result.ret != 0
    assert told in result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str()


def test_what_cannot_be_judged_is_said_once(pytester: pytest.Pytester) -> None:
    text = "import pytest\n\n@pytest.mark.bufspec_consumer()\ndef test_it():\n    pass\n"
    result = run(pytester, text, "-rs")
    found = outcomes(result)
    assert found["failed"] == 1 and found["skipped"] > 20
    assert result.stdout.str().count("returned None") == 1
    result.stdout.fnmatch_lines(["*hint:*return mypackage.checksum", "SKIPPED*says why"])


def test_a_session_without_marks_loads_no_engine(pytester: pytest.Pytester) -> None:
    text = "import sys\n\ndef test_it():\n    assert 'bufspec._engine' not in sys.modules\n"
    assert outcomes(run(pytester, text, in_its_own_process=True)) == {"passed": 1}


@pytest.mark.slow
def test_a_consumer_is_judged_rule_by_rule_too(pytester: pytest.Pytester) -> None:
    text = """
import pytest, zlib

@pytest.mark.bufspec_consumer(kind="reads")
def test_crc(tmp_path):
    assert tmp_path.is_dir()
    return zlib.crc32

@pytest.mark.bufspec_consumer(returns="bytes")
def test_bad():
    return lambda given: memoryview(given).tobytes("F")

def test_fixture(bufspec_consumer):
    bufspec_consumer(zlib.adler32)
"""
    result = run(pytester, text, "-v")
    assert outcomes(result)["failed"] >= 1
    result.stdout.fnmatch_lines(
        [
            "*test_crc[[]bufspec:consumer.data.elements_right[]] PASSED*",
            "*test_crc[[]bufspec:death[]] PASSED*",
            "*test_bad[[]bufspec:consumer.data.elements_right[]] FAILED*",
            "*test_fixture[[]bufspec:consumer.data.elements_right[]] PASSED*",
        ]
    )


UNDECIDED = """
import pytest

@pytest.mark.bufspec_exporter()
def test_none():
    return object()

@pytest.mark.bufspec_consumer()
def test_nothing():
    return lambda: None

def test_in_a_test(bufspec_exporter):
    bufspec_exporter(object)

@pytest.mark.bufspec_exporter(allow_undecided=True)
def test_allowed():
    return object()
"""


@pytest.mark.slow
def test_an_undecided_subject_is_an_error_of_every_item(pytester: pytest.Pytester) -> None:
    result = run(pytester, UNDECIDED, "-k", "death or struct.inside_only or exactly_once")
    found = outcomes(result)
    assert found["errors"] == 2 + 2 + 2 and "failed" not in found
    assert found["passed"] == 2
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ERROR at setup of test_none*", "*is undecided: *exports no buffer*"])
    result.stdout.fnmatch_lines(["*ERROR at call of test_in_a_test*"])
