"""Do the tables that the package has as JSON, so that no run parses them, hold what their YAML holds?"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from bufspec.errors import TablesError
from bufspec.tables import files
from bufspec.tables.files import spec_directory, tree_from

TABLES = [*spec_directory().glob("*.yaml"), *spec_directory().glob("tables/*.yaml")]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(table: Path) -> Path:
    """Where that table lies as JSON."""
    return files._PARSED / f"{hashlib.sha256(table.read_bytes()).hexdigest()}.json"


def test_every_table_lies_there_and_is_the_same() -> None:
    assert len(TABLES) > 15
    assert {parsed(table) for table in TABLES} == set(files._PARSED.iterdir())
    for table in TABLES:
        from_yaml = yaml.load(table.read_bytes(), LOADER)
        assert tree_from(table) == json.loads(parsed(table).read_bytes()) == from_yaml, table.name


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
    shutil.copy(parsed(table), tmp_path)
    spoil(tmp_path / parsed(table).name)
    monkeypatch.setattr(files, "_PARSED", tmp_path)
    assert tree_from(table) == right
