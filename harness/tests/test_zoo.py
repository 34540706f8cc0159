"""Are the packages of the zoo found where they are named, left alone where they are not, and known by their
module's name?  Needs none of them: a module that stands in for one lies in a folder of the test's.
"""

from __future__ import annotations

import ast
import json
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from bufspec import _engine
from bufspec.interpreters.facts import facts_here
from bufspec.reports.zoo import (
    PackageRow,
    SubjectRow,
    index_page,
    line_of,
    markdown_of,
    published,
    row_of,
    totals_of,
)
from bufspec.run.expectations.files import expectations_directory, load_expectations
from bufspec.worker.registry import group_names, load_group, shown_group_names
from bufspec.zoo.environment import Environment
from bufspec.zoo.judged import judge
from bufspec.zoo.packages import every_package, has_subjects, lock_from, locked_versions, packages_named
from bufspec.zoo.records import made_of
from command_line import run

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "harness" / "subjects" / "zoo"


def test_a_file_of_the_zoo_is_a_group_that_only_its_name_means() -> None:
    assert "bitarray" in group_names()
    assert not {"bitarray", "zoo"} & set(shown_group_names())
    assert "zoo" not in group_names()


@pytest.mark.slow
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


ROW = PackageRow(
    "mine",
    "bytes",
    "1.2",
    "2026-01-02T03:04:05+00:00",
    True,
    0,
    (
        SubjectRow("mine.a", "exporter", True, ()),
        SubjectRow(
            "mine.b",
            "exporter",
            False,
            (("field.len.product", "required", "defect"), ("request.format.absent", "required", "new")),
        ),
        SubjectRow("mine.c", "consumer", True, ()),
    ),
)


def test_each_subject_file_is_about_a_package_of_the_list() -> None:
    files = {one.stem.partition("_consumers")[0] for one in ZOO.glob("*.py")} - {"__init__"}
    assert files - {one.module for one in every_package()} == set()
    names = [one.module for one in every_package()]
    assert len(names) == len(set(names))
    assert has_subjects(packages_named(["bitarray"])[0])


def test_the_lock_has_exact_versions_and_no_place() -> None:
    lines = locked_versions((ZOO / "lock.txt").read_text("utf-8"))
    assert len(lines) > 30
    assert [one for one in lines if one.count("==") != 1 or "/" in one or " " in one] == []
    text = lock_from(["b==2", "a==1", "own @ file:///somewhere", "-e ."])
    assert locked_versions(text) == ["a==1", "b==2"]


def test_what_a_package_came_to_is_shown_in_every_form() -> None:
    assert line_of(ROW) == ("mine 1.2: 2 exporters, 1 consumer, 2 conforming; broken rules: 1 defect, 1 new")
    assert totals_of([ROW]) == "2 exporters of 1 package; 1 consumer of 1 package; 1 defect, 1 new"
    assert "| mine | 1.2 | 2 | 1 | 2 | 1 | - | - | - | 1 |" in markdown_of([ROW])
    assert '<a href="mine.html">mine</a>' in index_page([ROW])
    found = json.loads(json.dumps(published([ROW], "0.1", "3.11")))
    assert found["packages"][0]["date"] == "2026-01-02"
    assert found["packages"][0]["subjects"][1]["broken"][0]["class"] == "defect"


def test_every_known_failure_has_a_class_and_a_reason() -> None:
    files = list(expectations_directory().rglob("*.yaml"))
    assert len(files) > 35
    bare = [
        (file.name, entry["subject"], entry["rule"])
        for file in files
        for entry in yaml.safe_load(file.read_text("utf-8"))["expectations"]
        if not entry.get("class") or not entry["reason"].strip()
    ]
    assert bare == []


def _names_declared(file: Path) -> set[str]:
    """The names that calls of exporter() and consumer() in a subject file give.

    One that a loop computes stands for each text that the head of the loop has.
    """
    names: set[str] = set()

    def look(node: ast.AST, texts: tuple[str, ...]) -> None:
        if isinstance(node, ast.For):
            found = [one.value for one in ast.walk(node.iter) if isinstance(one, ast.Constant)]
            texts = tuple(one for one in found if isinstance(one, str)) or texts
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            parts = first.values if isinstance(first, ast.JoinedStr) else [first]
            if node.func.id in ("exporter", "consumer"):
                said = [str(one.value) if isinstance(one, ast.Constant) else None for one in parts]
                names.update(
                    "".join(text if one is None else one for one in said) for text in texts or ("*",)
                )
        for child in ast.iter_child_nodes(node):
            look(child, texts)

    look(ast.parse(file.read_text("utf-8")), ())
    return names


def test_the_exporters_and_the_consumers_of_a_package_have_no_name_in_common() -> None:
    both = [one for one in ZOO.glob("*.py") if list(ZOO.glob(f"{one.stem}_consumers*.py"))]
    assert len(both) > 10
    for file in both:
        exporters = _names_declared(file)
        consumers = set().union(*map(_names_declared, ZOO.glob(f"{file.stem}_consumers*.py")))
        assert exporters, file
        assert consumers, file
        assert exporters & consumers == set()
        assert not [one for one in exporters | consumers if not one.startswith(f"{file.stem}.")]


def test_a_word_that_names_nothing_and_a_folder_without_an_environment_are_said(tmp_path: Path) -> None:
    done = run("zoo", "check", "bitaray", "--in", str(tmp_path))
    assert done.returncode == 2
    assert "nothing is installed there" in done.stderr
    done = run("zoo", "install", "bitaray", "--in", str(tmp_path))
    assert done.returncode == 2
    assert "bitarray" in done.stderr


def test_why_a_package_could_not_be_installed_is_kept(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    assert environment.reasons() == {}
    (tmp_path / "not_installed.json").write_text('{"mine": "no wheel"}', "utf-8")
    assert environment.reasons() == {"mine": "no wheel"}
    (tmp_path / "not_installed.json").write_text("[", "utf-8")
    assert environment.reasons() == {}


@pytest.mark.nightly
def test_a_package_is_judged_and_paired_in_its_environment_and_kept(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    venv.create(tmp_path / "env", symlinks=True)
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    (site / "crc32c.py").write_text("from zlib import crc32 as crc32c\n", "utf-8")
    (package,) = packages_named(["crc32c"])
    parts = made_of(environment, [package])
    assert parts["crc32c"].startswith("None ")
    first = judge(environment, package, jobs=1, again=False)
    assert first.found is not None
    assert not first.kept
    assert first.found.of_target("consumer")
    assert judge(environment, package, jobs=1, again=False).kept
    done = run("zoo", "pairs", "crc32c", "--in", str(tmp_path))
    assert done.returncode == 2
    assert "no exporter" in done.stderr


class FakeRecord:
    """A record that has these events."""

    head: ClassVar = {"versions": {"mine": "1.2"}, "started": "2026-01-02T03:04:05+00:00"}
    foot: ClassVar = {"complete": True}
    is_whole = True

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = events

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.events)


def _finished(rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "subject-finished",
        "subject": "mine.a",
        "target": "exporter",
        "conforms": False,
        "rules": rules,
    }


def test_a_death_has_the_class_of_its_entry_and_is_new_without_one() -> None:
    died = {"event": "case-failed", "subject": "mine.a", "rule": None}
    known = {**died, "verdict": "as_expected", "known_as": "defect"}
    row = row_of("mine", "bytes", FakeRecord(known, _finished({})))  # type: ignore[arg-type]
    assert (row.classes, row.code) == ({"defect": 1}, 0)
    row = row_of("mine", "bytes", FakeRecord(known, {**died, "verdict": "news"}, _finished({})))  # type: ignore[arg-type]
    assert (row.classes, row.code) == ({"defect": 1, "new": 1}, 1)


def test_an_outdated_expectation_of_a_package_is_counted_and_is_news() -> None:
    outdated = {"event": "expectation-outdated", "subject": "mine.a", "rule": "field.len.product"}
    row = row_of("mine", "bytes", FakeRecord(outdated, _finished({})))  # type: ignore[arg-type]
    assert row.code == 1
    assert line_of(row).endswith("; 1 outdated expectation")
