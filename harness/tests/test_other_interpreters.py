"""Are subjects judged in the interpreter that --python names, with a sentence where they cannot be?"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bufspec.declare import Subject
from bufspec.errors import InterpreterError
from bufspec.interpreters.built import forget_other_sources
from bufspec.interpreters.chosen import Found, folder_of, found_at
from bufspec.interpreters.facts import Facts, facts_here
from bufspec.interpreters.found import interpreters, programs
from bufspec.interpreters.roots import is_seen_inside, root_of
from bufspec.run.recorded import refuse_misfit
from bufspec.runtimes.each import in_interpreter
from bufspec.runtimes.which import is_path
from command_line import REQUESTS, run

BASE = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
"""What the environment of the tests is made from: an interpreter without bufspec."""
KEPT = ("PATH", "HOME")


@pytest.fixture(scope="module")
def others() -> list[Found]:
    """The interpreters of this machine that are of another version than this one."""
    found = interpreters(programs())
    here = facts_here()
    return [one for one in found.usable if one.facts.version != here.version and one.root is None]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of runs that keep what they make for other interpreters."""
    return {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


def program(folder: Path, text: str) -> str:
    """A shell script of that text."""
    file = folder / "python3.99"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def facts(**other: Any) -> Facts:
    """This interpreter but for what is given."""
    names = ("executable", "implementation", "version", "language", "debug", "free_threaded", "soabi", "bits")
    names += ("system", "system_platform", "platform", "real", "packages")
    here = facts_here()
    return Facts(**{**{name: getattr(here, name) for name in names}, **other})


def events_in(folder: Path) -> list[dict[str, Any]]:
    """The record in a folder, each line as the schema wants it."""
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    for number, event in enumerate(events, start=1):
        refuse_misfit(event, "events.jsonl", number)
    return events


@pytest.mark.slow
def test_an_interpreter_without_bufspec_is_judged_and_named_in_the_record(
    cache: dict[str, str], tmp_path: Path
) -> None:
    alone = subprocess.run([BASE, "-I", "-c", "import bufspec"], capture_output=True, check=False)
    assert alone.returncode != 0, "this one has bufspec"
    words = ["check", "stdlib.bytearray", *REQUESTS, "--out", str(tmp_path / "out"), "--python", BASE]
    done = run(*words, environment=cache)
    assert (done.returncode, done.stderr) == (0, "")
    events = events_in(tmp_path / "out")
    head = events[0]
    assert os.path.realpath(head["interpreter"]["executable"]) == BASE
    assert head["versions"][head["interpreter"]["implementation"]] == head["interpreter"]["version"]
    assert events[-1]["complete"] and events[-1]["answers"] > 0


@pytest.mark.slow
def test_a_subject_says_which_interpreter_it_lives_in(cache: dict[str, str], tmp_path: Path) -> None:
    """A record whose failure names the executable of the process that it comes from."""
    file = tmp_path / "own.py"
    file.write_text(
        "import sys\nfrom bufspec.declare import exporter\n"
        "@exporter('own.where')\ndef where():\n    raise RuntimeError(sys.executable)\n",
        encoding="utf-8",
    )
    for python in (BASE, None):
        named = ["--python", python] if python else []
        done = run("check", "--subjects", str(file), "--format", "json", *named, environment=cache)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert (python or sys.executable) in next(one for one in said if one["event"] == "subject-finished")[
            "error"
        ]


@pytest.mark.slow
def test_what_shows_a_failure_again_names_the_interpreter(cache: dict[str, str], tmp_path: Path) -> None:
    words = ["check", "stdlib.ctypes_array", "--no-expectations", "--rule", "request.format.absent"]
    done = run(*words, "--python", BASE, "--format", "json", environment=cache)
    failure = next(one for one in map(json.loads, done.stdout.splitlines()) if one["event"] == "case-failed")
    assert failure["replay"].startswith(f"bufspec replay --python {BASE} stdlib.ctypes_array/")
    assert "signature" in failure, "a line that runs a program is signed"
    again = run(*failure["replay"].split()[1:], environment=cache)
    assert again.returncode == 1
    assert "request.format.absent" in again.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit 7", "it does not run a program of Python: it ended with 7"),
        ("echo oh >&2; exit 7", "it does not run a program of Python: it ended with 7 and printed 'oh'"),
        ("echo 'bufspec:{}'", "its answer cannot be read"),
        ("echo 'bufspec:[' ", "its answer cannot be read"),
    ],
)
def test_what_is_no_interpreter_gets_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    path = program(tmp_path, text)
    done = run("check", "stdlib.bytearray", "--python", path)
    assert (done.returncode, done.stdout) == (2, "")
    first, where, hint = done.stderr.splitlines()
    assert first.startswith(f"error: {said}")
    assert where == f"  where: {path}"
    assert hint.startswith("  hint:  name the program of")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no/such/python", "there is no such interpreter"),
        ("/", "a folder, and no interpreter"),
        (__file__, "it cannot be run: it is no program, or not yours to run"),
    ],
)
def test_a_path_of_no_program_gets_a_sentence(path: str, said: str) -> None:
    with pytest.raises(InterpreterError) as error:
        found_at(path)
    assert error.value.what == said


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"language": (3, 10)}, "older than 3.11"),
        ({"bits": 32}, "pointers of 32 bits"),
        ({"system": "darwin"}, "runs on darwin"),
    ],
)
def test_an_interpreter_that_no_build_is_for_says_why(other: dict[str, Any], said: str) -> None:
    assert facts().refused_because == ""
    assert said in facts(**other).refused_because


def test_which_build_an_interpreter_loads() -> None:
    assert facts(implementation="CPython", free_threaded=False).abi == "abi3"
    assert facts(free_threaded=True, soabi="cpython-314t-x86_64-linux-gnu").abi.startswith("cpython-314t")
    assert facts(implementation="PyPy", soabi="pypy311-pp73").abi == "pypy311-pp73"
    assert facts(free_threaded=True, debug=True).name.endswith("debug free-threaded")


@pytest.mark.slow
def test_a_build_that_cannot_be_made_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = found_at(BASE)
    monkeypatch.setattr("bufspec.interpreters.built.shutil.which", lambda name: None)
    monkeypatch.setenv("BUFSPEC_SOURCES", str(tmp_path))
    other = type(found)(found.path, found.command, facts(free_threaded=True, soabi="cpython-399t"))
    with pytest.raises(InterpreterError, match=r"the sources of .* are not here") as error:
        folder_of(other)
    assert "BUFSPEC_SOURCES" in error.value.hint
    monkeypatch.setenv("BUFSPEC_SOURCES", str(Path(__file__).parents[2]))
    with pytest.raises(InterpreterError, match="there is no cmake") as error:
        folder_of(other)
    assert "install cmake" in error.value.hint
    assert [one.name for one in (tmp_path / "bufspec/interpreters").iterdir()] == []


def test_options_that_do_not_go_together_are_refused() -> None:
    done = run("check", "stdlib.bytearray", "--in-process", "--python", BASE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--in-process judges in the interpreter that runs bufspec" in done.stderr


def test_the_folder_of_another_system_is_known_by_its_root(tmp_path: Path) -> None:
    assert root_of(Path(sys.executable)) is None
    assert root_of(Path("/usr/bin/python3")) is None
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "etc/os-release").touch()
    assert root_of(tmp_path / "usr/bin/python3.14") == tmp_path
    assert is_seen_inside(Path.home() / ".cache") and not is_seen_inside(Path("/usr/share"))


def test_the_interpreters_of_a_machine_are_found_once_each(tmp_path: Path) -> None:
    link = tmp_path / "python3.98"
    link.symlink_to(BASE)
    bad = program(tmp_path, "exit 1")
    found = interpreters([BASE, str(link), bad, bad])
    assert [one.path for one in found.usable] == [BASE]
    assert [(one.path, one.name) for one in found.unusable] == [(bad, "python3.99")]


def test_which_words_name_an_interpreter() -> None:
    assert is_path("/usr/bin/python3") and is_path("./python") and is_path("~/python")
    assert not is_path("stdlib.*") and not is_path("numpy:array('a/b')") and not is_path("python3.12")


@pytest.mark.slow
def test_interpreters_side_by_side(cache: dict[str, str], tmp_path: Path) -> None:
    bad = program(tmp_path, "exit 3")
    out = tmp_path / "records"
    words = ["runtimes", BASE, bad, "stdlib.bytearray", "--case", "request.*", "-v", "--out", str(out)]
    done = run(*words, environment=cache)
    assert done.returncode == 0, done.stderr
    name = found_at(BASE).facts.name
    assert f"A  {name}  1 subject" in done.stdout
    assert f"not judged: python3.99 ({bad}): it does not run a program of Python" in done.stdout
    (folder,) = out.iterdir()
    assert folder.name == name.replace(" ", "-")
    assert events_in(folder)[-1]["complete"]
    used = run(*words, environment=cache)
    assert used.returncode == 2 and "of an earlier run is there" in used.stderr


@pytest.mark.slow
def test_what_differs_nowhere_is_said_so(cache: dict[str, str]) -> None:
    words = ["bisect", "request.format.absent", "stdlib.ctypes_array", "--pythons", BASE]
    same = run(*words, environment=cache)
    assert same.returncode == 0, same.stderr
    assert "request.format.absent on stdlib.ctypes_array: fail in all of them" in same.stdout
    unknown = run("bisect", "no.such", "stdlib.ctypes_array", "--pythons", BASE, environment=cache)
    assert unknown.returncode == 2
    assert "no judged rule matches 'no.such'" in unknown.stderr


@pytest.mark.slow
def test_the_first_that_differs_is_named(cache: dict[str, str], others: list[Found]) -> None:
    """Before 3.12 ctypes gave packed structures a format of one byte."""
    everyone = {found_at(BASE).facts.language: BASE, **{one.facts.language: one.path for one in others}}
    if not min(everyone) < (3, 12) <= max(everyone):
        pytest.skip("needs a CPython before 3.12 and one after it")
    first = min(one for one in everyone if one >= (3, 12))
    named = ["--pythons", *(path for path in (everyone[first], everyone[min(everyone)]))]
    done = run(
        "bisect", "format.itemsize.agrees", "stdlib.ctypes_structure_packed", *named, environment=cache
    )
    assert done.returncode == 1, done.stderr
    version = found_at(everyone[first]).facts.name
    assert f"{version} is the first that differs: skip, before it fail" in done.stdout


def test_where_references_are_not_counted_only_exporters_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exporter, consumer = (Subject(f"own.{name}", name, len) for name in ("exporter", "consumer"))
    assert (exporter.unavailable, consumer.unavailable) == ("", "")
    monkeypatch.delattr(sys, "getrefcount")
    assert exporter.unavailable == ""
    assert consumer.unavailable.startswith("only exporters are judged in an interpreter that does not count")


def test_where_references_are_not_counted_the_runtime_is_left_out_beside_other_subjects() -> None:
    here = Found("/usr/bin/python3", ("/usr/bin/python3",), facts())
    other = Found("/usr/bin/pypy3", ("/usr/bin/pypy3",), facts(implementation="PyPy"))
    of_runtime, both = ["runtime.*"], ["stdlib.*", "runtime.*"]
    asked = [
        in_interpreter(one, words, []).arguments[:-2] for one in (here, other) for words in (both, of_runtime)
    ]
    assert asked == [("stdlib.*", "runtime.*"), ("runtime.*",), ("stdlib.*",), ("runtime.*",)]


def test_a_build_of_sources_elsewhere_begins_anew(tmp_path: Path) -> None:
    sources, work = tmp_path / "sources", tmp_path / "work"
    forget_other_sources(work, sources)  # nothing was built yet
    work.mkdir()
    for built_from, stays in ((sources, True), (tmp_path / "sources2", False)):
        (work / "CMakeCache.txt").write_text(f"A:B=c\nCMAKE_HOME_DIRECTORY:INTERNAL={built_from}\n", "utf-8")
        forget_other_sources(work, sources)
        assert work.exists() == stays


@pytest.mark.nightly
def test_pypy_is_as_expected_where_it_is_installed() -> None:
    """Its exporters come to their end, with nothing new; what needs counts of references is skipped."""
    found = Path(__file__).resolve().parents[2] / "build/runtimes/usr/bin/pypy3"
    if not found.exists() or os.geteuid() != 0:
        pytest.skip("PyPy is not installed: make runtimes (root)")
    words = ["check", "stdlib.bytearray", *REQUESTS, "--python", str(found), "--format", "json"]
    done = run(*words)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    rules = next(one for one in said if one["event"] == "subject-finished")["rules"]
    assert rules["request.nd.shape_absent"]["outcome"] == "fail"
    assert rules["lifetime.release.references_restored"]["reason"] == "cannot observe references"
