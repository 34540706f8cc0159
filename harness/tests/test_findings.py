"""Is each published finding whole and listed, and does its script show the defect where the package is?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from published_findings import PUBLISHED, Finding, every_finding, text_of

FINDINGS = every_finding()
ZOO = Path(__file__).resolve().parents[2] / "build" / "zoo" / "env" / "bin" / "python"
"""The environment of `bufspec zoo install`."""


def test_the_list_has_each_finding_of_the_files() -> None:
    assert (PUBLISHED / "findings.md").read_text("utf-8") == text_of(FINDINGS)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda one: one.file.stem)
def test_a_script_is_python_and_needs_the_package_alone(finding: Finding) -> None:
    compile(finding.script, finding.file.name, "exec")
    assert "bufspec" not in finding.script
    assert finding.file.stem.startswith(finding.facts["module"])


@pytest.mark.nightly
@pytest.mark.parametrize("finding", FINDINGS, ids=lambda one: one.file.stem)
def test_the_script_shows_the_defect(finding: Finding) -> None:
    module = finding.facts["module"]
    if not ZOO.exists() or subprocess.run([ZOO, "-c", f"import {module}"], capture_output=True).returncode:
        pytest.skip(f"{module} is not installed in build/zoo")
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [ZOO, "-c", finding.script], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "defect" in done.stdout
