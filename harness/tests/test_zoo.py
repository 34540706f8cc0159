"""Are the packages of the zoo found where they are named, left alone where they are not, and known by their
module's name?  Needs none of them: a module that stands in for one lies in a folder of the test's.
"""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from bufspec import _engine
from bufspec.interpreters.facts import facts_here
from bufspec.run.expectations.files import load_expectations
from bufspec.worker.registry import group_names, load_group, shown_group_names
from command_line import run

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "harness" / "subjects" / "zoo"


def test_a_file_of_the_zoo_is_a_group_that_only_its_name_means() -> None:
    assert "bitarray" in group_names()
    assert not {"bitarray", "zoo"} & set(shown_group_names())
    assert "zoo" not in group_names()


def test_a_package_that_is_not_installed_is_left_out_with_the_reason() -> None:
    groups = json.loads(run("subjects", "--format", "json").stdout)["files"]
    shown = {one["name"]: one.get("reason", "") for one in groups}
    missing = [one for one in group_names() if (ZOO / f"{one}.py").exists() and not load_group(one).subjects]
    assert missing
    assert {name: shown[name] for name in missing} == {name: load_group(name).unavailable for name in missing}
    assert all("is not installed" in shown[name] for name in missing if name == "bitarray")


def test_the_known_failures_of_a_package_are_read_for_it_alone() -> None:
    rules = _engine.rule_ids()
    files = {one.file for one in load_expectations([], rules, ours=True).files}
    assert not [one for one in files if "/zoo/" in one]
    named = {one.file for one in load_expectations([], rules, ours=True, packages=["bitarray", "../x"]).files}
    assert named - files == {"expectations/zoo/bitarray.yaml"}


def test_a_version_is_found_by_the_name_of_the_module_too() -> None:
    # PyYAML's module is yaml; bufspec itself needs it.
    assert facts_here().version_of("yaml") == metadata.version("PyYAML")
    assert facts_here().version_of("no_such_module") is None
