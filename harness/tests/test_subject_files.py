"""Can somebody declare subjects outside our tree, and is a wrong declaration refused with its place?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from bufspec.declare import Layout, Subject, collecting, exporter
from bufspec.errors import DeclarationError
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.run.catalogue import find_subjects
from bufspec.wire.messages import Message, Request
from command_line import COMMAND, events_from_lines, run

GOOD = """
import ctypes
from bufspec.declare import exporter

@exporter("mine.bytes", expect=b"abc", operations={"grow": lambda it: it.append(1)})
def make():
    return bytearray(b"abc")

@exporter("mine.array")
def array():
    return (ctypes.c_int * 3)()
"""


def a_file(folder: Path, text: str, name: str = "own.py") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.slow
def test_a_file_of_ones_own_is_judged_whole_without_a_pattern(tmp_path: Path) -> None:
    done = run("check", "--subjects", a_file(tmp_path, GOOD), "--format", "json", cwd=tmp_path)
    finished = [one for one in events_from_lines(done.stdout) if one["event"] == "subject-finished"]
    assert [one["subject"] for one in finished] == ["mine.bytes", "mine.array"]
    assert [one["conforms"] for one in finished] == [True, False]


def test_patterns_reach_into_the_file_and_beyond_it(tmp_path: Path) -> None:
    own = a_file(tmp_path, GOOD)
    done = run("check", "--subjects", own, "*.bytes", "--list", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["targets"]["exporter"]["subjects"] == ["stdlib.bytes", "mine.bytes"]


@pytest.mark.slow
def test_the_replay_command_names_the_file_and_shows_the_failure(tmp_path: Path) -> None:
    done = run("check", "--subjects", a_file(tmp_path, GOOD), "--format", "json", cwd=tmp_path)
    command = next(
        one["replay"] for one in events_from_lines(done.stdout) if one["event"] == "case-failed"
    ).split()
    assert command[:4] == ["bufspec", "replay", "--subjects", "own.py"]
    again = subprocess.run(
        [*COMMAND, *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert again.returncode == 1
    assert "broken: " in again.stdout


RAISES = """
import struct
from bufspec.declare import exporter

def packed(number):
    return struct.pack("<q", number)

@exporter("mine.bad")
def bad():
    return bytearray(packed("three"))

made = []

@exporter("mine.late")
def late():
    made.append(1)
    if len(made) > 9:
        raise RuntimeError("spent")
    return bytearray(3)
"""


@pytest.mark.slow
def test_a_factory_that_raises_shows_its_file_and_line(tmp_path: Path) -> None:
    own = a_file(tmp_path, RAISES)
    done = run("check", "--subjects", own, "--format", "json", cwd=tmp_path)
    events = events_from_lines(done.stdout)
    bad = next(one for one in events if one["event"] == "subject-finished" and one["subject"] == "mine.bad")
    assert bad["error"].endswith(" (own.py:6, in packed)"), bad["error"]
    late = next(one for one in events if one["event"] == "case-failed" and one["subject"] == "mine.late")
    assert late["found"] == "its factory made no object: RuntimeError: spent (own.py:18, in late)"
    by_expression = run("check", "--exporter", "own:packed('three')", cwd=tmp_path)
    assert "(own.py:6, in packed)" in by_expression.stderr
    nowhere = run("check", "--exporter", "no_such_module:Matrix(2, 3)", cwd=tmp_path)
    (said,) = (line for line in nowhere.stderr.splitlines() if line.startswith("error: "))
    assert said.endswith("No module named 'no_such_module'")


@pytest.mark.slow
def test_subjects_lists_the_file(tmp_path: Path) -> None:
    shown = json.loads(
        run("subjects", "--subjects", a_file(tmp_path, GOOD), "--format", "json", cwd=tmp_path).stdout
    )
    assert [one["name"] for one in shown["subjects"]][-2:] == ["mine.bytes", "mine.array"]


@pytest.mark.slow
def test_a_subject_file_imports_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    a_file(tmp_path / "folder", "MEMORY = bytes(3)\n", "neighbour.py")
    text = (
        "import neighbour\nfrom bufspec.declare import exporter\nexporter('a.b')(lambda: neighbour.MEMORY)\n"
    )
    a_file(tmp_path / "folder", text)
    assert run("check", "--subjects", "folder/own.py", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("text", "told", "place"),
    [
        ("import no_such_module\n", "No module named 'no_such_module'", "own.py:1"),
        ("\n1 +\n", "SyntaxError", "own.py:2"),
        ("raise SystemExit(3)\n", "SystemExit: 3", "own.py:1"),
        ("import os\nos.abort()\n", "ended the process", "own.py"),
        ("", "declares nothing", "own.py"),
        (
            "from bufspec.declare import exporter\n\nexporter('Bad')(bytes)\n",
            "is not a subject name",
            "own.py:3",
        ),
        (
            "from bufspec.declare import exporter\nexporter('mine.a', expects=b'')(bytes)\n",
            "exporter() has no keyword 'expects'",
            "own.py:2",
        ),
        (GOOD.replace("mine.array", "mine.bytes"), "mine.bytes is declared twice", "own.py"),
        (GOOD.replace("mine.array", "stdlib.array"), "stdlib.array is a stray", "own.py"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(
    tmp_path: Path, text: str, told: str, place: str
) -> None:
    done = run("check", "--subjects", a_file(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert place in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("files", "told", "where", "hint"),
    [
        (["a.py"], "importing the subject file did not", "a.py:1:1", "a subject file must only declare"),
        (["a.py", "b.py"], "importing the subject files did not", "a.py:1:1, b.py:1:1", "must only declare"),
        (
            ["nat/a.so"],
            "loading the library did not",
            "nat/a.so",
            "constructors run when a library is loaded",
        ),
        (["a.so", "b.so.1"], "loading the libraries did not", "a.so, b.so.1", "constructors run"),
        (["remote:./a.so b"], "starting the peer did not", "--remote './a.so b'", "bufspec remote validate"),
        (["a.so", "a.py"], "loading the subjects did not", "a.so, a.py:1:1", "later; a subject file must"),
    ],
)
def test_a_file_that_does_not_come_to_an_end_is_told_by_what_is_done_with_it(
    files: list[str], told: str, where: str, hint: str
) -> None:
    class Hanging(Supervisor):
        async def ask(self, request: Request, *, seconds: float = 0) -> Message:
            if request["do"] == "list":
                raise Ended(-9, hung=True, detail="")
            return {"groups": []}

    with pytest.raises(DeclarationError) as caught:
        anyio.run(find_subjects, Hanging(Path("unused.log")), (), (), files)
    assert caught.value.what.startswith(f"{told} come to an end within ")
    assert caught.value.where == where
    assert hint in caught.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run("check", "--subjects", "absent.py", cwd=tmp_path)
    assert (done.returncode, "no such file" in done.stderr) == (2, True)


def test_two_files_do_not_declare_one_name(tmp_path: Path) -> None:
    first, second = a_file(tmp_path, GOOD), a_file(tmp_path, GOOD, "other.py")
    done = run("check", "--subjects", first, "--subjects", second, cwd=tmp_path)
    assert (done.returncode, "first declared in" in done.stderr) == (2, True)


def an_entry_point(folder: Path, text: str) -> dict[str, str]:
    """A package in `folder` whose entry point declares subjects, and the environment in which it is found."""
    a_file(folder, text, "their_subjects.py")
    metadata = folder / "theirs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        "[bufspec.subjects]\ntheirs = their_subjects\n", encoding="utf-8"
    )
    return {"PYTHONPATH": str(folder)}


@pytest.mark.slow
def test_an_entry_point_declares_the_subjects_of_its_package(tmp_path: Path) -> None:
    environment = an_entry_point(tmp_path, GOOD.replace("mine.", "theirs."))
    done = run("check", "theirs.bytes", "--format", "json", environment=environment)
    assert done.returncode == 0, done.stderr
    head = events_from_lines(done.stdout)[0]
    assert head["subjects"] == ["theirs.bytes"]
    assert head["versions"]["theirs"] == "1.0"


@pytest.mark.parametrize(("text", "told"), [(GOOD, "declares mine.bytes"), ("x = 1\n", "declares nothing")])
@pytest.mark.slow
def test_an_entry_point_that_cannot_be_used_is_listed_with_the_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    done = run("check", "theirs.*", environment=an_entry_point(tmp_path, text))
    assert (done.returncode, told in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (lambda: exporter("a.b", build=3), "build of a.b"),
        (lambda: exporter("a.b", expect="text"), "expect of a.b is str"),
        (lambda: exporter("a.b", operations=["close"]), "operations of a.b is list"),
        (lambda: exporter("a.b", operations={"Close It": len}), "'Close It' is not a name"),
        (lambda: exporter("a.b", operations={"close": None}), "operation close of a.b is None"),
        (lambda: exporter("a.b", needs="two words"), "needs is 'two words'"),
        (lambda: exporter("a.b")(3), "factory of a.b is 3"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused_with_its_line(
    declare: Callable[[], object], told: str
) -> None:
    with collecting() as made, pytest.raises(DeclarationError, match=told) as refused:
        declare()
    assert refused.value.where.startswith(__file__)
    assert refused.value.hint
    assert made == []


def test_what_is_declared_is_kept() -> None:
    with collecting() as made:
        exporter(
            "a.b", expect=bytearray(b"12"), operations={"grow": list.append}, discover=False, volatile=True
        )(list)
    (subject,) = made
    assert subject == Subject(
        "a.b",
        "exporter",
        list,
        expect=b"12",
        operations={"grow": list.append},
        discover=False,
        volatile=True,
    )


def test_a_subject_may_need_a_version_of_python() -> None:
    assert Subject("a.b", "exporter", bytes, needs="python>=3.99").unavailable == "needs Python 3.99"
    assert Subject("a.b", "exporter", bytes, needs="python>=3.11").unavailable == ""


def a_layout(shape: tuple[int, ...], strides: tuple[int, ...] | None, offset: int = 0) -> Layout:
    return Layout("h", 2, shape, strides, None, offset, False, b"", b"")


@pytest.mark.parametrize(
    ("shape", "strides", "contiguous"),
    [
        ((), None, True),
        ((2, 3), None, True),
        ((2, 3), (6, 2), True),
        ((2, 3), (2, 4), False),
        ((1, 3), (999, 2), True),
        ((3,), (-2,), False),
        ((0, 3), (5, 5), True),
    ],
)
def test_a_layout_knows_whether_it_is_one_piece(
    shape: tuple[int, ...], strides: tuple[int, ...] | None, contiguous: bool
) -> None:
    assert a_layout(shape, strides).is_c_contiguous is contiguous


def test_a_layout_counts_its_elements_and_dimensions() -> None:
    assert (a_layout((), None).size, a_layout((), None).ndim) == (1, 0)
    assert (a_layout((2, 3), None).size, a_layout((2, 3), None).c_strides) == (6, (6, 2))
