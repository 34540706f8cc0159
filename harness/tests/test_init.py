"""Does `bufspec init` find what a package exports, and write a gate that judges it and nothing over?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from bufspec.errors import SelectionError
from bufspec.project.exporting_types import has_buffer_slot
from bufspec.project.starting_gate import package_of
from bufspec.project.starting_subjects import FoundType, text_of_subjects, types_of
from command_line import run

PACKAGE = """
import array, ctypes, os, time

class Rows(array.array):
    def __new__(cls, rows, columns):
        return array.array.__new__(cls, "i", range(rows * columns))

class _Hidden(bytearray): pass
class Plain: pass
class Crashing(bytearray):
    def __init__(self, *arguments): ctypes.string_at(0)
class Leaving(bytearray):
    def __init__(self, *arguments): os._exit(7)
class Picky(bytearray):
    def __init__(self, *, size): pass
class Other(bytearray): pass
Other.__module__ = "elsewhere"
print("imported")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a package in it."""
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package/__init__.py").write_text(PACKAGE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run("init", *arguments, cwd=folder)
    assert "Traceback" not in done.stderr
    return done


def subjects_in(folder: Path) -> set[str]:
    """What `bufspec check` without arguments judges there."""
    done = run("check", "--list", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {line.split()[1] for line in done.stdout.splitlines() if line.startswith("  subject ")}


def test_a_slot_is_seen_without_an_object() -> None:
    slots = {kind.__name__: has_buffer_slot(kind) for kind in (bytes, bytearray, memoryview, str, int, dict)}
    assert slots == {
        "bytes": True,
        "bytearray": True,
        "memoryview": True,
        "str": False,
        "int": False,
        "dict": False,
    }


def test_types_are_found_and_made_in_processes_of_their_own(project: Path) -> None:
    found = {one.name: one for one in types_of("own_package")}
    assert set(found) == {f"own_package.{name}" for name in ("Rows", "Crashing", "Leaving", "Picky")}
    assert found["own_package.Rows"] == FoundType("own_package.Rows", "2, 3")
    assert "SIGSEGV" in found["own_package.Crashing"].failed
    assert "exit code 7" in found["own_package.Leaving"].failed
    assert "argument: 'size'" in found["own_package.Picky"].failed


@pytest.mark.slow
def test_what_is_written_judges_the_package(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "own-package"')
    (project / "tests").mkdir()
    done = init(project)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "wrote tests/bufspec_subjects.py",
        "added to pyproject.toml",
        "wrote .github/workflows/bufspec.yml",
        "own_package: 1 of 4 types with buffer slots are subjects",
        "next: bufspec check",
    ]
    table = tomllib.loads((project / "pyproject.toml").read_text())
    assert table["project"] == {"name": "own-package"}
    assert table["tool"]["bufspec"]["pairs"] == {"only-touching": "own_package"}
    assert subjects_in(project) == {"own_package.Rows"}
    judged = run("check", "--case", "request.*", cwd=project)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    compile((project / "tests/bufspec_subjects.py").read_text(), "subjects", "exec")


def test_nothing_is_written_over_without_force(project: Path) -> None:
    (project / "tests").mkdir(exist_ok=True)
    (project / "tests/bufspec_subjects.py").write_text("# mine\n")
    refused = init(project)
    assert refused.returncode == 2
    assert "tests/bufspec_subjects.py would be written over" in refused.stderr
    assert sorted(one.name for one in project.iterdir()) == ["own_package", "tests"]
    assert (project / "tests/bufspec_subjects.py").read_text() == "# mine\n"
    assert init(project, "--force").returncode == 0
    assert "own_package.Rows" in (project / "tests/bufspec_subjects.py").read_text()
    # The table that is there stays as it is, with --force too.
    (project / "bufspec.toml").unlink()
    (project / "pyproject.toml").write_text("[tool.bufspec]\njobs = 1\n")
    again = init(project, "--force")
    assert "pyproject.toml" not in again.stdout
    assert (project / "pyproject.toml").read_text() == "[tool.bufspec]\njobs = 1\n"


def test_the_ci_step_is_that_of_the_project(project: Path) -> None:
    (project / ".gitlab-ci.yml").touch()
    assert "wrote bufspec.gitlab-ci.yml" in init(project).stdout
    assert "wrote .github" in init(project, "--ci", "github", "--force").stdout
    assert ".yml" not in init(project, "--ci", "none", "--force").stdout


def test_the_package_is_that_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="no package"):
        package_of(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "PyYAML"\n')
    assert package_of(tmp_path) == "yaml"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "absent-one"\n')
    with pytest.raises(SelectionError) as caught:
        package_of(tmp_path)
    assert "install absent_one first" in caught.value.hint
    (tmp_path / "absent_one").mkdir()
    (tmp_path / "absent_one/__init__.py").touch()
    assert package_of(tmp_path) == "absent_one"


def test_a_package_that_cannot_be_imported_is_a_sentence(project: Path) -> None:
    done = init(project, "not_there")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not_there cannot be imported" in done.stderr
    (project / "own_package/__init__.py").write_text("import os; os.abort()")
    done = init(project)
    assert done.returncode == 2
    assert "own_package ends the process that imports it" in done.stderr
    assert not (project / "tests/bufspec_subjects.py").exists()


@pytest.mark.parametrize(
    "module, some", [("array", {"array.array"}), ("ctypes", {"ctypes.c_int", "ctypes.c_double"})]
)
@pytest.mark.slow
def test_a_module_of_the_standard_library(tmp_path: Path, module: str, some: set[str]) -> None:
    assert init(tmp_path, module, "--ci", "none").returncode == 0
    assert some <= subjects_in(tmp_path)
    if module == "array":
        assert run("check", "--case", "request.*", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
@pytest.mark.slow
def test_a_package_whose_subjects_bufspec_has_gets_names_of_its_own(tmp_path: Path) -> None:
    assert init(tmp_path, "numpy", "--ci", "none").returncode == 0
    assert {"own_numpy.ndarray", "own_numpy.bytes_", "own_numpy.datetime64"} <= subjects_in(tmp_path)
    assert "# numpy.generic: no object could be made" in (tmp_path / "tests/bufspec_subjects.py").read_text()


def test_a_reason_of_any_text_stays_a_comment() -> None:
    text = text_of_subjects("own", [FoundType("own.A", failed="first\nimport os\r\u2028x")])
    compile(text, "subjects", "exec")
    assert [line for line in text.splitlines() if line.startswith("import")] == ["import own"]
    assert sys.executable not in text
