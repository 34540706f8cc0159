"""Do the mistakes that bufspec once made stay fixed?  suites/regress/ has a file for each kind."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from command_line import Event, Record, events_from_lines, run
from conftest import OF_THEM, made_once, sample

FOLDER = Path(__file__).resolve().parents[2] / "suites" / "regress"
FILES = sorted(path for path in FOLDER.glob("*.py"))
SOURCES = sorted(FOLDER.glob("*.c"))
IN_CYTHON = FOLDER / "in_cython"
KEYS = {"breaks", "recommends", "dies", "undecided"}


def verdicts(path: Path) -> dict[str, dict[str, Any]]:
    """What VERDICTS of that file says, read without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERDICTS":
            found: dict[str, dict[str, Any]] = ast.literal_eval(node.value)
            for name, right in found.items():
                assert not set(right) - KEYS, f"{path.name}: {name} has an unknown key"
            return found
    raise AssertionError(f"{path.name} has no VERDICTS")


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of the compiled modules."""

    def make() -> str:
        folder = tmp_path_factory.mktemp("regress_modules")
        for source in SOURCES:
            built = folder / f"{source.stem}.so"
            include = f"-I{sysconfig.get_paths()['include']}"
            command = ["cc", "-O1", "-shared", "-fPIC", include, str(source), "-o", str(built)]
            subprocess.run(command, check=True, capture_output=True, text=True)
        return str(folder)

    return str(made_once(tmp_path_factory, "regress_modules", make))


def came_to(subject: Event, failures: list[Event]) -> dict[str, Any]:
    """What a subject came to, in the words of VERDICTS."""
    broken = {rule: one["level"] for rule, one in subject["rules"].items() if one["outcome"] == "fail"}
    return {
        "breaks": sorted(rule for rule, level in broken.items() if level == "required"),
        "recommends": sorted(rule for rule, level in broken.items() if level == "recommended"),
        "dies": any(one["rule"] is None for one in failures),
        "undecided": subject.get("undecided", {}).get("reason", ""),
    }


FEW = ("[!lm]*", "lifetime.*", "leak.word_0x11c", "mutation.*[!0-9]", "mutation.random_*5")
"""The cases of exporters: of the dearest, leaks and mutations at random, a tenth; of the others all."""


def judge(path: Path, of_them: str, modules: str) -> None:
    """Judge the subjects of a file, in the folder of the modules that it needs, and compare."""
    right, cases = verdicts(path), tuple[str, ...]()
    if of_them == "drawn":
        right = {name: right[name] for name in sample(right, 12, kind=right.__getitem__)}
        cases = () if "consumer" in path.stem else FEW
    compare(path, right, modules, *cases)


def compare(path: Path, right: dict[str, dict[str, Any]], modules: str, *cases: str) -> None:
    arguments = ["check", "--subjects", str(path), "--no-expectations", "--jobs", "1", "--format", "json"]
    chosen = [word for glob in cases for word in ("--case", glob)]
    done = run(*arguments, *right, *chosen, cwd=Path(modules))
    assert done.returncode in (0, 1, 2), done.stderr
    record = Record(done.returncode, events_from_lines(done.stdout), done.stderr)
    assert sorted(record.subjects) == sorted(right), "VERDICTS names no other subject"
    for name, wanted in right.items():
        failures = [one for one in record.named("case-failed") if one["subject"] == name]
        found = came_to(record.subjects[name], failures)
        assert found["breaks"] == sorted(wanted.get("breaks", [])), (name, failures[:2])
        if "recommends" in wanted:
            assert found["recommends"] == sorted(wanted["recommends"]), (name, failures[:2])
        dies = wanted.get("dies", False)
        assert dies is None or found["dies"] == dies, (name, failures[:2])
        if "undecided" in wanted:
            assert wanted["undecided"] in found["undecided"] and found["undecided"], (name, found)
        else:
            assert not found["undecided"], (name, found)


@pytest.mark.parametrize("of_them", OF_THEM)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.slow
def test_the_verdict_is_right(path: Path, of_them: str, modules: str) -> None:
    if SOURCES and shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    judge(path, of_them, modules)


def made_by_cython(name: str, folder: Path) -> str:
    """The folder of a module, once it is compiled."""
    source = folder / f"{name}.c"
    from_cython = [sys.executable, "-m", "cython", "-3", str(IN_CYTHON / f"{name}.pyx"), "-o", str(source)]
    include = f"-I{sysconfig.get_paths()['include']}"
    to_module = ["cc", "-O0", "-shared", "-fPIC", include, str(source), "-o", str(folder / f"{name}.so")]
    for command in (from_cython, to_module):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return str(folder)


@pytest.mark.nightly
@pytest.mark.parametrize("what", ["exporters", "consumers"])
def test_the_verdict_is_right_in_cython(what: str, tmp_path: Path) -> None:
    path = IN_CYTHON / f"{what}.py"
    judge(path, "all", made_by_cython(f"cython_{what}", tmp_path))


@pytest.mark.slow
def test_the_verdict_of_one_kind_is_right_in_cython(tmp_path: Path) -> None:
    path = IN_CYTHON / "exporters.py"
    few = ("regress.transposed", "regress.not_transposed", "regress.grow_70000")
    right = {name: one for name, one in verdicts(path).items() if name in few}
    assert len(right) == len(few)
    compare(path, right, made_by_cython("cython_exporters", tmp_path), *FEW)


@pytest.mark.interpreter
@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes export from 3.12 on: .ci/each_interpreter")
@pytest.mark.parametrize("of_them", OF_THEM)
@pytest.mark.parametrize("what", ["exporters", "consumers"])
def test_the_verdict_is_right_of_classes_with_buffer(what: str, of_them: str) -> None:
    path = FOLDER / "since_3_12" / f"{what}.py"
    judge(path, of_them, str(path.parent))


def test_every_file_is_a_python_or_a_c_source() -> None:
    """So that none is left out by its name."""
    known = {*FILES, *SOURCES, FOLDER / "README.md"}
    assert {path for path in FOLDER.iterdir() if path.is_file()} == known
    assert sys.version_info >= (3, 11) and FILES
