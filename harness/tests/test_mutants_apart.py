"""Is code that breaks rules on purpose in no process but those that judge the mutants?

The native mutants are a module of their own; a run of anything else, and each of its workers, is without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import bufspec
import pytest
from command_line import run

NATIVE = "bufspec.subjects.mutants._native"

# A subject that writes down which modules its process has, whenever it is used.
WITNESS = """
import json, os, sys
from bufspec.declare import consumer, exporter

def write_down():
    with open(os.environ["WITNESS"], "a") as file:
        file.write(json.dumps([os.getpid(), sorted(sys.modules)]) + chr(10))

@exporter("witness.exporter")
def _exporter():
    write_down()
    return b"seen"

@consumer("witness.consumer")
def _consumer(exported):
    write_down()
    return bytes(exported)[:-1]
"""

# The command line, which writes down the same of the driver as it ends.
DRIVER = """
import atexit, json, os, sys
from bufspec.cli import main

def write_down():
    with open(os.environ["WITNESS"], "a") as file:
        file.write(json.dumps([os.getpid(), sorted(sys.modules)]) + chr(10))

atexit.register(write_down)
main(prog_name="bufspec")
"""

RUNS = {
    "check": ("check", "--case", "request.*", "--fail-on", "none", "witness.exporter"),
    "check_of_a_consumer": ("check", "--fail-on", "none", "witness.consumer"),
    "pairs": ("pairs", "--exporters", "witness.*", "--consumers", "witness.*"),
}


def modules_by_process(arguments: tuple[str, ...], folder: Path) -> dict[int, set[str]]:
    """The modules of the driver and of every process that had the subject, by process."""
    subjects, witness = folder / "witness.py", folder / "witness.jsonl"
    subjects.write_text(WITNESS, encoding="utf-8")
    command, *rest = arguments
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER, command, "--subjects", str(subjects), *rest],
        cwd=folder,
        env={**os.environ, "WITNESS": str(witness)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    found: dict[int, set[str]] = {}
    for line in witness.read_text(encoding="utf-8").splitlines():
        process, modules = json.loads(line)
        found.setdefault(process, set()).update(modules)
    return found


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
@pytest.mark.slow
def test_other_runs_do_not_load_the_native_mutants(arguments: tuple[str, ...], tmp_path: Path) -> None:
    processes = modules_by_process(arguments, tmp_path)
    assert len(processes) > 1
    assert any("bufspec._engine" in modules for modules in processes.values())
    assert [process for process, modules in processes.items() if NATIVE in modules] == []


def test_whoever_declares_the_mutants_loads_them() -> None:
    program = f"import sys, bufspec.subjects.mutants; sys.exit({NATIVE!r} not in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", program], check=False).returncode == 0


def test_the_package_has_the_native_mutants_and_not_their_source() -> None:
    package = Path(bufspec.__file__).parent
    assert [path.name for path in package.glob("subjects/mutants/_native*.so")]
    assert [path for path in package.rglob("*") if path.suffix in {".cpp", ".hpp"}] == []


@pytest.mark.interpreter
@pytest.mark.slow
def test_one_wheel_has_the_native_mutants() -> None:
    done = run("mutants", "obj_null")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 mutants missed, 0 false alarms" in done.stdout
