"""Is each report for upstream ready to be filed, and does its script show what it says?"""

from __future__ import annotations

import ast
import re
import signal
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REPORTS = sorted((ROOT / "reports/published/upstream").glob("*.md"))
PARTS = ("Script", "Expected", "Found", "Clause")
KEYS = ("Versions", "Impact", "Rule of bufspec", "Where")
ENVIRONMENTS = (sys.executable, str(ROOT / "build/zoo/bin/python"))
"""Where the package may be installed: here, and where `bufspec zoo install` puts it."""


def part(text: str, name: str) -> str:
    found = re.search(rf"^## {name}\n\n(.*?)\s*(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, name
    return found[1]


def script_of(text: str) -> str:
    found = re.fullmatch(r"```python\n(.*)```", part(text, "Script"), re.DOTALL)
    assert found
    return found[1]


def lines_of(text: str, name: str) -> list[str]:
    return [line.strip() for line in part(text, name).splitlines()]


@lru_cache(maxsize=1)
def rules() -> frozenset[str]:
    tables = (ROOT / "spec/tables").glob("*.yaml")
    return frozenset(re.findall(r"^ +- id: (\S+)$", "\n".join(map(Path.read_text, tables)), re.MULTILINE))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: str(path.stem))
def test_a_report_has_all_its_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    package, _, rule = path.stem.partition("-")
    assert re.match(r"# \S+: .+\n", text)
    assert all(part(text, name) for name in PARTS)
    assert all(f"- {key}: " in text for key in KEYS)
    assert f"`{rule}`" in text
    assert rule in rules() | {"death"}
    assert lines_of(text, "Expected") != lines_of(text, "Found")
    known = ROOT / f"harness/expectations/zoo/{package}.yaml"
    assert known.is_file(), "its failure is not in the expectations"
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(script_of(text)))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert "bufspec" not in imported


def ran(python: str, script: str, folder: Path) -> list[str] | None:
    """What the script prints, or how its process ends; None if the package is not installed there."""
    file = folder / "script.py"
    file.write_text(script)
    command = [python, "-I", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder, check=False)
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode < 0:
        return [f"the process ends with {signal.Signals(-done.returncode).name}"]
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


@pytest.mark.nightly
@pytest.mark.parametrize("path", REPORTS, ids=lambda path: str(path.stem))
def test_its_script_shows_what_was_found(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "PEP 688" in text and sys.version_info < (3, 12):
        pytest.skip("exporters in Python need 3.12")
    for python in ENVIRONMENTS:
        if not Path(python).exists():
            continue
        shown = ran(python, script_of(text), tmp_path)
        if shown is None:
            continue
        found = lines_of(text, "Found")
        assert [line for line in shown if line in found] == found
        return
    pytest.skip("the package is not installed")
