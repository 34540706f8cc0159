"""Do the tables that the package has as JSON, so that no run parses them, hold what their YAML holds?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from bufspec.errors import TablesError
from bufspec.files import parsed
from bufspec.files.parsed import PARSED, as_json
from bufspec.files.problem import Problem
from bufspec.spec import tables as spec_tables
from bufspec.spec.positions import Document
from bufspec.spec.tables import Spec
from bufspec.tables.files import spec_directory, tree_from

TABLES = sorted(spec_directory().rglob("*.yaml"))
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def test_every_table_lies_there_and_is_the_same() -> None:
    assert len(TABLES) > 15
    assert {as_json(table.read_bytes()) for table in TABLES} == set(PARSED.iterdir())
    for table in TABLES:
        from_yaml = yaml.load(table.read_bytes(), LOADER)
        assert tree_from(table) == json.loads(as_json(table.read_bytes()).read_bytes()) == from_yaml, (
            table.name
        )


def test_a_table_of_another_text_is_parsed(tmp_path: Path) -> None:
    changed = tmp_path / "layouts.yaml"
    text = (spec_directory() / "layouts.yaml").read_text(encoding="utf-8")
    changed.write_text(text + "added: [1, true, null, text]\n", encoding="utf-8")
    tree = tree_from(changed)
    assert tree.pop("added") == [1, True, None, "text"]
    assert tree == tree_from(spec_directory() / "layouts.yaml")
    changed.write_text("[", encoding="utf-8")
    with pytest.raises(TablesError, match="cannot be read"):
        tree_from(changed)


def test_what_came_with_us_is_trusted_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []

    def problems(documents: list[tuple[Document, str]]) -> list[list[Problem]]:
        held.extend(document.file for document, _ in documents)
        return [[] for _ in documents]

    monkeypatch.setattr(spec_tables, "schema_problems", problems)
    folder = shutil.copytree(spec_directory(), tmp_path / "spec")
    Spec.load(folder)
    assert held == []
    for file in ("layouts.yaml", "schema/editions.schema.json"):
        (folder / file).write_text((folder / file).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    Spec.load(folder)
    assert held == ["editions.yaml", "layouts.yaml"]


@pytest.mark.parametrize(
    "spoil",
    [lambda file: file.unlink(), lambda file: file.write_bytes(b"{"), lambda file: file.write_bytes(b"\xff")],
    ids=["removed", "cut off", "no text"],
)
def test_without_it_the_table_is_parsed(
    spoil: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = spec_directory() / "editions.yaml"
    right = tree_from(table)
    shutil.copy(as_json(table.read_bytes()), tmp_path)
    spoil(tmp_path / as_json(table.read_bytes()).name)
    monkeypatch.setattr(parsed, "PARSED", tmp_path)
    assert tree_from(table) == right
