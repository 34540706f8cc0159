"""Are views that methods make judged like exporters, with the object behind them?"""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import bufspec
import pytest
from bufspec import _engine
from command_line import record

SUBJECTS = """
from bufspec.declare import exporter

class Stream:
    def __init__(self):
        self.memory = bytearray(range(64))

    def data(self):
        return memoryview(self.memory)

    def grow(self):
        self.memory.extend(bytes(10000))

    def swap(self):
        self.memory = bytearray(10000)

exporter(
    "mine.stream",
    views={"data": Stream.data, "raises": lambda stream: stream.nothing},
    operations={"grow": Stream.grow, "swap": Stream.swap},
)(Stream)
"""


@pytest.mark.slow
def test_each_view_is_a_subject_and_operations_are_done_to_the_object(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(SUBJECTS, encoding="utf-8")
    found = record("--subjects", str(file), "--no-expectations").subjects
    assert list(found) == ["mine.stream", "mine.stream.data", "mine.stream.raises"]
    data = found["mine.stream.data"]
    assert data["conforms"] and data["operations"][:2] == ["grow", "swap"]
    assert data["rules"]["lifetime.export.memory_valid"]["outcome"] == "pass"
    assert "refused all" in found["mine.stream.raises"]["undecided"]["reason"]
    assert "undecided" not in found["mine.stream"] and found["mine.stream"]["conforms"] is None


def test_a_view_keeps_its_object_only_as_long_as_it_needs_it() -> None:
    class Owner(bytearray):
        pass

    owner = Owner(b"abc")
    seen = weakref.ref(owner)
    views = _engine.ViewOf(owner, memoryview)
    assert views.owner is owner
    view = memoryview(views)
    assert bytes(view) == b"abc"
    view.release()
    del owner, views
    gc.collect()
    assert seen() is None


def test_what_a_method_raises_is_the_answer() -> None:
    views = _engine.ViewOf(b"", lambda owner: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        memoryview(views)
    with pytest.raises(TypeError):
        _engine.ViewOf(b"", 5)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_test_judges_views_too() -> None:
    kept: list[object] = []

    class Matrix(bytearray):
        def leaking(self) -> memoryview:
            kept.append(self)
            return memoryview(self)

    bufspec.assert_conforms(Matrix, views={"plain": memoryview})
    with pytest.raises(AssertionError, match=r"lifetime\.release\.references_restored"):
        bufspec.assert_conforms(Matrix, views={"leaking": Matrix.leaking})
