"""Is each published finding whole and listed, and does its script show the defect where the package is?"""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from bufspec import _engine
from bufspec.run.expectations.files import expectations_directory
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT
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


def test_at_least_twenty_five_name_the_line_of_their_source() -> None:
    assert len(FINDINGS) >= 60
    assert sum(bool(one.line) for one in FINDINGS) >= 25
    bad = [one.file.name for one in FINDINGS if one.line and not re.search(r"/blob/[^/]+/.+#L\d+", one.line)]
    assert bad == []


def test_every_known_defect_of_the_zoo_was_shown_outside_bufspec() -> None:
    rules = load_rulebook(CURRENT, _engine.rule_ids()).rules
    shown: dict[str, set[str]] = {}
    for finding in FINDINGS:
        shown.setdefault(finding.facts["module"], set()).update(finding.rules)
    unshown = []
    for file in (expectations_directory() / "zoo").glob("*.yaml"):
        for entry in yaml.safe_load(file.read_text("utf-8"))["expectations"]:
            text = entry["rule"]
            if " -> " in str(entry["subject"]) and text == "*":
                continue  # a defect of its own, which breaks no rule
            is_required = text not in rules or rules[text].level == "required"
            found = [one for one in shown.get(file.stem, ()) if fnmatch.fnmatchcase(one, text)]
            if entry["class"] == "defect" and is_required and not found:
                unshown.append((file.stem, text))
    assert unshown == []


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
    # A script that fails for another reason ends with 1, too.
    assert done.stdout.strip()
    assert not done.stderr.startswith("Traceback"), done.stderr
