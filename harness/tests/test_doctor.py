"""Does `bufspec doctor` say what works here, and what to install for the rest?"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from bufspec.doctor import machine
from bufspec.doctor.installation import optional_packages
from bufspec.interpreters import probe
from command_line import run
from conftest import drawn

WITHOUT_ENGINE = """
import sys
sys.modules["bufspec._engine"] = None
from bufspec.cli import main
main(["doctor", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    """The rows of this machine, by name."""
    done = run("doctor", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["version"], said["works"]) == (metadata.version("bufspec"), True)
    return {row["name"]: row for row in said["rows"]}


@pytest.mark.slow
def test_what_works_says_what_it_is(rows: dict[str, Any]) -> None:
    assert rows["engine"]["found"].startswith("_engine.")
    assert rows["engine"]["needed"] and rows["tables"]["needed"]
    assert rows["pytest"]["found"] == metadata.version("pytest")
    assert sys.executable in rows["this one"]["found"]
    assert {row["works"] for row in rows.values() if row["found"]} == {True}


def test_what_is_missing_says_what_to_install(rows: dict[str, Any]) -> None:
    for row in rows.values():
        assert bool(row["install"]) != row["works"], row["name"]
        assert row["used_for"], row["name"]


@pytest.mark.slow
def test_people_see_one_line_for_what_works_and_what_to_type_for_the_rest(rows: dict[str, Any]) -> None:
    done = run("doctor", environment={"PATH": os.path.dirname(sys.executable), "COLUMNS": "80"})
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    at = next(number for number, line in enumerate(lines) if line.startswith("  missing  g++"))
    assert "for building bufspec" in lines[at]
    assert lines[at + 1].split()[:3] == ["install:", "install", "GCC"]
    assert re.search(r"\d+ things missing: g\+\+, ", done.stdout)


@pytest.mark.parametrize("output", drawn(["pretty", "json"], 2))
@pytest.mark.slow
def test_without_the_engine_all_is_said_and_the_exit_code_is_3(output: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT_ENGINE, "--format", output],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "python -m pip install" in done.stderr
    if output == "json":
        said = json.loads(done.stdout)
        assert not said["works"]
        assert [row["name"] for row in said["rows"] if row["needed"] and not row["works"]] == ["engine"]
    else:
        assert "missing  engine" in done.stdout


def program(folder: Path, name: str, text: str) -> None:
    """Write a program that a search of PATH finds."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def interpreter(folder: Path, name: str, **other: Any) -> None:
    """A script that answers as this interpreter would, but for what is given."""
    said = {**probe.facts(with_packages=True), "real": str(folder / name), **other}
    line = shlex.quote(f"bufspec:{json.dumps(said)}")
    program(folder, name, f"printf '%s\\n' {line}")


def test_programs_are_found_by_what_they_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter(tmp_path, "python3.14", version="3.14.1", language=[3, 14])
    interpreter(tmp_path, "python3.13t", version="3.13.9", language=[3, 13], free_threaded=True)
    interpreter(tmp_path, "pypy3", version="3.11.99", implementation="PyPy", soabi="pypy311-pp99")
    program(tmp_path, "python3.11", "exit 1")
    interpreter(tmp_path, "python3.10", version="3.10.0", language=[3, 10])
    program(tmp_path, "g++", "echo g++ 99.1")
    program(tmp_path, "clang++-19", "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("bufspec.interpreters.found.EVERYWHERE", ())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    found = {row.name: row for row in machine.machine()}
    names = {name: row for name, row in found.items() if row.area == "interpreters" and name != "this one"}
    assert names.keys() == {"CPython 3.14.1", "CPython 3.13.9 free-threaded", "PyPy 3.11.99"}
    own = {name for name, row in names.items() if "with a build of its own" in row.used_for}
    assert own == {"CPython 3.13.9 free-threaded", "PyPy 3.11.99"}
    assert found["g++"].found == "g++ 99.1"
    assert [found[name].found for name in ("clang++", "libFuzzer", "gdb", "a browser")] == [""] * 4


def test_a_program_that_does_not_end_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SECONDS", 0.2)
    program(tmp_path, "gdb", "exec sleep 60")
    assert machine.said_by(str(tmp_path / "gdb"), "--version") == ""


def test_an_extra_names_the_packages_of_it_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.requires("bufspec") or []
    # With a dot it would be a module in a package: as tap.py, where it is not installed.
    wanted = [*real, *(f'{name}; extra == "docs"' for name in ("no-such-package-anywhere", "no-such.py"))]
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    (docs,) = [row for row in optional_packages() if row.name == "bufspec[docs]"]
    assert not docs.found
    assert "no-such-package-anywhere, no-such.py" in docs.install
    assert "click" not in docs.install


@pytest.mark.skipif(not shutil.which("clang++-19"), reason="needs clang++-19, a package of make test")
def test_the_fuzzer_of_clang_is_found(rows: dict[str, Any]) -> None:
    assert rows["libFuzzer"]["found"].endswith(".a")
