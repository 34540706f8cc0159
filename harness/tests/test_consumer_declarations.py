"""Can a consumer be declared, in a file and by an option, and is a wrong one refused with its place?"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from bufspec.declare import CAPABILITIES, CONSUMER, Subject, collecting, consumer
from bufspec.errors import DeclarationError, ExpressionError
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.expression import consumer_name, exporter_name, expression_from_name
from bufspec.wire.profile import DEFAULT_SEED, Profile
from bufspec.words import CURRENT
from command_line import events_from_lines, run, run_anew

OWN = """
import zlib
from bufspec.declare import consumer

consumer("mine.compress")(zlib.compress)

@consumer("mine.tolist", kind="keeps", returns="list", fallback=True)
def tolist(exported):
    return memoryview(exported).tolist()
"""


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (lambda: consumer("a.b", kind="eats"), "kind of a.b is 'eats'"),
        (lambda: consumer("a.b", kind=None), "kind of a.b is None"),
        (lambda: consumer("a.b", returns="tuple"), "returns of a.b is 'tuple'"),
        (lambda: consumer("a.b", accepts="strided"), "accepts of a.b is 'strided'"),
        (lambda: consumer("a.b", accepts=("stridden",)), "'stridden' is not a capability, in accepts of a.b"),
        (lambda: consumer("a.b", accepts=(3,)), "3 is not a capability"),
        (lambda: consumer("a.b", fallback="yes"), "fallback of a.b is 'yes'"),
        (lambda: consumer("a.b", needs="two words"), "needs is 'two words'"),
        (lambda: consumer("a.b")(3), "consumer of a.b is 3"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused_with_its_line(
    declare: Callable[[], object], told: str
) -> None:
    with collecting() as made, pytest.raises(DeclarationError, match=told) as refused:
        declare()
    assert refused.value.where.startswith(__file__)
    assert refused.value.hint
    assert made == []


def test_what_is_declared_is_kept() -> None:
    with collecting() as made:
        consumer("a.b", kind="fills", returns="none", accepts=["strided", "empty"], fallback=True)(len)
    (subject,) = made
    assert subject == Subject(
        "a.b", CONSUMER, len, kind="fills", returns="none", accepts=("strided", "empty"), fallback=True
    )
    assert subject.where.startswith(__file__)


def test_a_file_declares_consumers_as_it_does_exporters(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    shown = json.loads(run("subjects", "--subjects", "own.py", "--format", "json", cwd=tmp_path).stdout)
    assert [(one["name"], one["target"]) for one in shown["subjects"]][-2:] == [
        ("mine.compress", CONSUMER),
        ("mine.tolist", CONSUMER),
    ]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("zlib:compress",), "consumer zlib:compress"),
        (("zlib:compress", "reads", ""), "consumer zlib:compress"),
        (("io:BytesIO(b'12').readinto", "fills", "none"), "consumer fills none io:BytesIO(b'12').readinto"),
        (("numpy:asarray", "keeps", "list"), "consumer keeps list numpy:asarray"),
    ],
)
def test_the_name_of_a_consumer_says_all_that_is_declared(arguments: tuple[str, ...], name: str) -> None:
    assert consumer_name(*arguments) == name
    expression = expression_from_name(name)
    told = (f"{expression.module}:{expression.code}", expression.kind, expression.returns)
    assert told == (*arguments, *("reads", "")[len(arguments) - 1 :])
    assert expression.target == CONSUMER


def test_a_name_without_the_word_is_that_of_an_exporter() -> None:
    assert expression_from_name("numpy:arange(12)[::2]").target == "exporter"
    with pytest.raises(ExpressionError, match="'eats' says nothing"):
        expression_from_name("consumer eats zlib:compress")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("zlib", "'zlib' is not MODULE:EXPRESSION"),
        ("no_such_module:f", "no_such_module cannot be imported"),
        ("zlib:missing", "NameError"),
        ("zlib:compress(", "is not Python"),
        ("zlib:ZLIB_VERSION", "which cannot be called"),
    ],
)
def test_what_gives_no_consumer_is_told_with_its_option(option: str, told: str) -> None:
    done = run("check", "--consumer", option)
    assert done.returncode == 2
    assert told in done.stderr
    assert f"--consumer {option}" in done.stderr
    assert "hint:" in done.stderr


def test_what_a_consumer_does_is_said_of_consumers_only() -> None:
    done = run("check", "--kind", "fills", "stdlib.bytes")
    assert (done.returncode, "--consumer" in done.stderr) == (2, True)


def test_a_consumer_given_as_an_exporter_is_told_where_it_goes() -> None:
    done = run("check", "--exporter", "zlib:compress")
    assert (done.returncode, "--consumer zlib:compress" in done.stderr) == (2, True)


@pytest.mark.slow
def test_a_consumer_of_ones_own_is_judged_and_replayed_by_its_name() -> None:
    done = run("check", "--consumer", "zlib:crc32", "--format", "json")
    events = events_from_lines(done.stdout)
    finished = next(one for one in events if one["event"] == "subject-finished")
    assert (finished["subject"], finished["target"]) == ("consumer zlib:crc32", CONSUMER)
    assert finished["cases"] > 100


def test_the_capabilities_are_those_that_the_engine_knows(tmp_path: Path) -> None:
    load_engine(load_rulebook(CURRENT, _engine.rule_ids()), tmp_path)
    cases = Profile().cases(CONSUMER, CURRENT, DEFAULT_SEED, "short")
    assert cases.exercised(CAPABILITIES) == list(CAPABILITIES)
    with pytest.raises(ValueError, match="'stridden' is not a capability"):
        cases.exercised(["stridden"])


@pytest.mark.parametrize("accepts", ["('indirect',)", "('contiguous', 'dimensions_64')"])
def test_a_capability_that_no_case_exercises_is_refused_with_its_line(tmp_path: Path, accepts: str) -> None:
    text = OWN.replace('"mine.compress"', f'"mine.compress", accepts={accepts}')
    (tmp_path / "own.py").write_text(text, encoding="utf-8")
    done = run("check", "--subjects", "own.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "mine.compress is declared to accept" in done.stderr
    assert "own.py:5" in done.stderr


@pytest.mark.parametrize(
    ("fits", "order", "name"),
    [
        ({"nbytes": 16}, "", "consumer fits=nbytes=16 zlib:compress"),
        ({"shape": (24,), "format": "f"}, "", "consumer fits=shape=24,format=f zlib:compress"),
        ({"shape": (), "align": 8}, "memory", "consumer order=memory fits=shape=,align=8 zlib:compress"),
        ({"format": "T{<d:x y:}", "shape": (2, 3)}, "", None),
    ],
)
def test_the_name_of_a_consumer_says_which_memory_it_takes(
    fits: dict[str, Any], order: str, name: str | None
) -> None:
    made = consumer_name("zlib:compress", order=order, fits=fits)
    assert name in (None, made)
    expression = expression_from_name(made)
    assert (expression.fits, expression.order) == (fits, order)
    assert (expression.module, expression.code) == ("zlib", "compress")


@pytest.mark.slow
def test_what_fits_is_said_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "def key(memory):\n"
        "    if memoryview(memory).nbytes != 1234:\n"
        "        raise ValueError('1,234 bytes')\n"
        "    return bytes(memory)\n"
    )
    undecided = run("check", "--consumer", "own:key", cwd=tmp_path)
    assert undecided.returncode == 1 and "refused all" in undecided.stdout
    fitting = ["check", "--consumer", "own:key", "--fits", "{'nbytes': 1234}", "--format", "json"]
    judged = run(*fitting, cwd=tmp_path)
    assert judged.returncode == 0, judged.stdout
    for wrong in ("{'nbytes': 'x'}", "{'bytes': 1234}", "nbytes=1234", "{}"):
        assert run("check", "--consumer", "own:key", "--fits", wrong, cwd=tmp_path).returncode == 2
    assert run("check", "stdlib.bytes", "--fits", "{'nbytes': 1234}", cwd=tmp_path).returncode == 2


def test_many_expected_elements_are_not_spelled() -> None:
    spelled = exporter_name("a:b", expect=b"abc", expect_of="b'abc'")
    assert expression_from_name(spelled).expect == b"abc" and "616263" in spelled
    text = "b'a: b' * 2000"
    name = exporter_name("a:b", readonly=True, expect=b"a: b" * 2000, expect_of=text)
    expression = expression_from_name(name)
    assert (expression.expect_of, expression.expect, expression.readonly) == (text, None, True)
    assert (expression.module, expression.code) == ("a", "b") and len(name) < 60


LARGE = """
from bufspec.declare import consumer

@consumer("mine.values", returns="list", fits={"nbytes": 100_000})
def values(memory):
    return memoryview(memory).tolist()

@consumer("mine.wrong_far_in", returns="list", fits={"nbytes": 100_000})
def wrong_far_in(memory):
    values = memoryview(memory).tolist()
    if memoryview(memory).ndim == 1:
        values[-1] += 1
    return values
"""


@pytest.mark.parametrize(
    ("name", "seconds", "broken"),
    [
        ("values", 30, []),
        pytest.param("wrong_far_in", 120, ["consumer.data.elements_right"], marks=pytest.mark.nightly),
    ],
)
@pytest.mark.slow
def test_the_values_of_a_large_memory_are_compared_in_little_time(
    name: str, seconds: int, broken: list[str], tmp_path: Path
) -> None:
    """Each case has up to 100,000 of them: they are made once, and slow calls are repeated less often."""
    (tmp_path / "mine.py").write_text(LARGE, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_anew(
        "check", "--subjects", "mine.py", "--jobs", "1", "--format", "json", f"mine.{name}", cwd=tmp_path
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (subject,) = (one for one in events_from_lines(done.stdout) if one["event"] == "subject-finished")
    found = {id_ for id_, rule in subject["rules"].items() if rule["failed"] and rule["level"] == "required"}
    assert found == set(broken)
    assert after.ru_utime - before.ru_utime < seconds  # the first took 33 s once
