"""Does `spec drift` notice what changed in a document, and nothing else, in each form it is written in?"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from bufspec.errors import BufspecError, SelectionError
from bufspec.spec.accept import accept
from bufspec.spec.document import passages_of
from bufspec.spec.drift import drift_of
from bufspec.spec.tables import Spec
from command_line import run

ROOT = Path(__file__).resolve().parents[2]

DOCUMENTS = Path(__file__).parent / "documents"
SOURCE = (DOCUMENTS / "tank.rst").read_text()
PAGE = (DOCUMENTS / "tank.html").read_text()
CLAUSES = {
    "C-BUF-1": [("level", ["closed"])],
    "C-BUF-2": [("level", ["empty"]), ("tanks", ["water"])],
    "C-OBJ-1": [("name", ["ends"])],
    "C-REQ-1": [("name", ["TANK_ALL"]), ("name", ["TANK_ONE"])],
    "C-GET-1": [("tank_fill", ["Return"])],
    "C-GET-2": [("tank_fill", ["pour"])],
    "C-GET-3": [("tank_fill", ["close"])],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables whose clauses of one text were read from SOURCE."""
    path = tmp_path_factory.mktemp("tables") / "spec"
    shutil.copytree(ROOT / "spec", path, ignore=shutil.ignore_patterns("decisions"))
    rows = {
        clause: {
            "says": f"What {clause} says.",
            "passages": [{"section": one, "words": words, "digest": "0" * 64} for one, words in passages],
        }
        for clause, passages in CLAUSES.items()
    }
    tree = {"text": "c-api-buffer", "clauses": rows}
    (path / "sources/c-api-buffer.yaml").write_text(indented(yaml.safe_dump(tree, sort_keys=False)))
    document = path.parent / "tank.rst"
    document.write_text(SOURCE)
    file, count = accept(Spec.load(path), document, "c-api-buffer", "the tanks of Monday")
    assert (Path(file).name, count) == ("c-api-buffer.yaml", sum(map(len, CLAUSES.values())))
    return path


def indented(text: str) -> str:
    """What PyYAML writes, with lists as deep as in spec/sources."""
    lines = []
    for line in text.splitlines():
        deep = line.startswith(("    - ", "      "))
        lines.append(f"  {line}" if deep else line)
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def spec(folder: Path) -> Spec:
    return Spec.load(folder)


def states(spec: Spec, tmp_path: Path, text: str) -> dict[str, str]:
    """What became of each clause in a document, if it is not the same."""
    file = tmp_path / "document"
    file.write_text(text)
    found = drift_of(spec, file, "c-api-buffer").found
    return {one.clause: one.state for one in found if one.state != "same"}


@pytest.mark.parametrize("text", [SOURCE, PAGE], ids=["rst", "html"])
def test_a_document_that_has_not_changed_has_not_drifted(spec: Spec, tmp_path: Path, text: str) -> None:
    assert states(spec, tmp_path, text) == {}


def test_a_page_has_the_passages_of_its_source() -> None:
    assert [one.words for one in passages_of(PAGE)] == [one.words for one in passages_of(SOURCE)]
    assert [one.section for one in passages_of(PAGE)] == [one.section for one in passages_of(SOURCE)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("MUST NOT", "must not", {"C-BUF-1": "changed"}),
        ("0 <= level", "0 < level", {"C-BUF-1": "changed"}),
        ("``-1``", "``1``", {"C-GET-1": "changed"}),
        ("|  NULL |   NULL    |", "|  yes  |   NULL    |", {"C-REQ-1": "changed"}),
        ("i < n", "i <= n", {"C-GET-2": "changed"}),
        ("An empty tank has a level, too.", "", {"C-BUF-2": "gone"}),
        ("An empty tank", "A tank that is empty", {"C-BUF-2": "changed"}),
        (".. c:member:: const char *name\n\n      Its", "Its", {"C-OBJ-1": "moved", "C-REQ-1": "moved"}),
        ("A tank holds *water*", "A  tank\nholds **water**", {}),
        ("doesn't", "doesn\u2019t", {}),
    ],
)
def test_each_change_is_noticed_where_it_is(
    spec: Spec, tmp_path: Path, old: str, new: str, expected: dict[str, str]
) -> None:
    assert old in SOURCE
    assert states(spec, tmp_path, SOURCE.replace(old, new)) == expected


def test_a_new_passage_is_noticed_in_the_sections_of_clauses_alone(spec: Spec, tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_text(
        SOURCE.replace("   * close it.\n", "   * wait;\n\n   * close it.\n") + "\nPumps\n=====\n\nNew.\n"
    )
    drift = drift_of(spec, file, "c-api-buffer")
    assert [(one.section, one.passage) for one in drift.new] == [("tank_fill", "wait")]
    assert drift.drifted
    file.write_text(SOURCE.replace("open the valve", "open the door"))
    assert [one.passage for one in drift_of(spec, file, "c-api-buffer").new] == ["open the door"]
    file.write_text(SOURCE.replace("MUST NOT", "may"))
    assert drift_of(spec, file, "c-api-buffer").new == ()


def test_a_plain_text_has_the_passages_too(spec: Spec, tmp_path: Path) -> None:
    plain = "Tanks\n=====\n\nA tank holds water; see and Tank_Fill()s.\n\nIts name ends with a NUL.\n"
    found = states(spec, tmp_path, plain)
    assert found.pop("C-OBJ-1") == "moved"
    assert found.pop("C-BUF-2") == "gone"
    assert set(found.values()) == {"gone"}


def test_a_definition_of_a_header_is_a_passage(tmp_path: Path) -> None:
    header = tmp_path / "pybuffer.h"
    header.write_text(
        "#define PyBUF_FORMAT 4\n#  define PyBUF_WRITEABLE \\\n   PyBUF_WRITABLE /* an old name */\n"
    )
    spec = Spec.load(ROOT / "spec")
    drift = drift_of(spec, header, None)
    assert (drift.text, drift.totals["same"], drift.drifted) == ("header", 1, False)
    header.write_text("#define PyBUF_WRITEABLE (PyBUF_WRITABLE | 2)\n")
    assert [one.state for one in drift_of(spec, header, None).found] == ["changed"]


def test_a_document_that_is_none_of_the_texts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cake.rst"
    file.write_text("Cake\n====\n\nTake two eggs.\n")
    with pytest.raises(SelectionError, match="a copy of none of the texts"):
        drift_of(Spec.load(ROOT / "spec"), file)
    with pytest.raises(SelectionError, match="not a text with passages"):
        drift_of(Spec.load(ROOT / "spec"), file, "cpython-run")


def test_a_passage_that_is_not_one_is_not_accepted(spec: Spec, tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_text(
        SOURCE.replace("Its name ends with a NUL.", "It ends here.\n\n      The name ends there.")
    )
    with pytest.raises(BufspecError, match=r"C-OBJ-1 \(2 passages of section name\)"):
        accept(spec, file, "c-api-buffer", "Tuesday")


def test_a_name_of_a_copy_is_one_line(spec: Spec, tmp_path: Path) -> None:
    file = tmp_path / "document"
    file.write_text(SOURCE)
    for name in ("", "a\nb", "x" * 201):
        with pytest.raises(SelectionError, match="printable"):
            accept(spec, file, "c-api-buffer", name)


@pytest.mark.parametrize(
    "text",
    [
        "<!---->" * 30_000 + "x",
        "<body>" + "<b>x</b>" * 60_000,
        "<body>" + "<div>" * 60_000,
        ":a" * 100_000,
        "`" + " " * 100_000,
        "#define a \\\n" * 40_000,
        "- " * 100_000,
        "+--+\n|a\n" * 20_000,
    ],
    ids=["comments", "pieces", "nested", "roles", "target", "defines", "bullets", "grids"],
)
def test_a_long_document_of_a_hostile_form_ends_soon(text: str) -> None:
    before = time.process_time()
    passages_of(text)
    assert time.process_time() - before < 30


def test_accepting_changes_digests_alone(spec: Spec, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "spec"
    shutil.copytree(folder, other)
    target = other / "sources/c-api-buffer.yaml"
    before = yaml.safe_load(target.read_text())
    file = tmp_path / "document"
    file.write_text(SOURCE.replace("MUST NOT", "may"))
    accept(Spec.load(other), file, None, "Tuesday")
    after = yaml.safe_load(target.read_text())
    assert after["read"] == "Tuesday"
    assert _digests(before).keys() == _digests(after).keys()
    changed = [one for one in _digests(before) if _digests(before)[one] != _digests(after)[one]]
    assert changed == [("C-BUF-1", 0)]
    assert {one: row["says"] for one, row in before["clauses"].items()} == {
        one: row["says"] for one, row in after["clauses"].items()
    }


def _digests(tree: dict[str, Any]) -> dict[tuple[str, int], str]:
    return {
        (clause, number): one["digest"]
        for clause, row in tree["clauses"].items()
        for number, one in enumerate(row["passages"])
    }


@pytest.mark.slow
def test_the_command_says_what_changed_and_ends_with_one(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "tank.rst"
    file.write_text(SOURCE.replace("MUST NOT", "may"))
    options = ("--text", "c-api-buffer", "--spec", str(folder))
    done = run("spec", "drift", str(file), *options)
    assert (done.returncode, done.stderr) == (1, "")
    for told in (
        "C-BUF-1: changed",
        "What C-BUF-1 says.",
        "tank may change",
        "field.buf.logical_start",
        "8 same",
    ):
        assert told in done.stdout, told
    file.write_text(SOURCE)
    done = run("spec", "drift", str(file), *options, "--format", "json")
    values = json.loads(done.stdout)
    assert (done.returncode, values["drifted"]) == (0, False)
    assert values["totals"] == {"same": 9, "moved": 0, "changed": 0, "gone": 0, "new": 0}


@pytest.mark.slow
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    done = run("spec", "drift", str(tmp_path / "nothing.html"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "<html><dt><p></li></dt><table><tr><pre>a\n\nb",
        "=" * 9,
        "+--+\n|",
        ".. ::\n\n====  ====\n",
        "::\n\n  a",
    ],
)
def test_a_broken_document_has_no_traceback(text: str) -> None:
    assert len(passages_of(text)) < 4


def test_every_digest_is_of_something() -> None:
    """No file of ours holds the text of a document, so what they are digests of cannot be shown here."""
    spec = Spec.load(ROOT / "spec")
    passages = [one for clause in spec.clause_texts.values() for one in clause.passages]
    assert len(passages) > 280
    assert {one.digest for one in passages}.isdisjoint({"0" * 64, hashlib.sha256(b"").hexdigest()})
