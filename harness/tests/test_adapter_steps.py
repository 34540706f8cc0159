"""Does the adapter see what an exporter does at each kind of step?

The exporters are made by hand in fakes/held_exporters.py, each with one fault; that a blameless one shows
none of these is checked beside it.  Which rule a fault breaks is the judge's to say and is tested there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.profile import Profile
from bufspec.words import CURRENT
from bufspec.worker.operations import usual_operations
from command_line import FAKES, run

sys.path.insert(0, str(FAKES))
import held_exporters as fakes

FULL_RO = "0x11c"
Steps = list[dict[str, Any]]


@pytest.fixture(scope="module", autouse=True)
def tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    load_engine(load_rulebook(CURRENT, _engine.rule_ids()), Path(tmp_path_factory.mktemp("tables")))


def trace(case: str, factory: Callable[[], object], **declared: Any) -> dict[str, Any]:
    """What was seen in a case of the exporter that `factory` makes."""
    operations = dict(declared.pop("operations", {}))
    profile = Profile(tuple(operations), builds="build" in declared)
    cases = profile.cases("exporter", CURRENT, 3118, "short")
    return _engine.trace_case(
        "exporter",
        factory,
        cases=cases,
        index=cases.index(case),
        operations=list(operations.items()),
        **declared,
    )


def answers(case: str, factory: Callable[[], object], kind: str, **declared: Any) -> Steps:
    """What was seen at the steps of one kind."""
    return seen_at(trace(case, factory, **declared), kind)


def seen_at(seen: dict[str, Any], kind: str) -> Steps:
    steps, records = seen["scenario"]["steps"], seen["trace"]["steps"]
    return [
        next(iter(record.values()))
        for step, record in zip(steps, records, strict=False)
        if step["kind"] == kind
    ]


@pytest.mark.parametrize("each", [13, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.slow
def test_a_blameless_exporter_shows_nothing_at_any_step(each: int) -> None:
    operations = usual_operations(bytearray())
    profile = Profile(tuple(operations))
    cases = profile.cases("exporter", CURRENT, 3118, "short")
    for index in range(1024 + 100, len(cases), each):
        if cases[index].startswith("leak."):
            continue
        seen = _engine.trace_case(
            "exporter",
            lambda: bytearray(b"some bytes"),
            cases=cases,
            index=index,
            operations=list(operations.items()),
            expect=b"some bytes",
        )
        assert not seen["violations"], (cases[index], seen["violations"])


def test_elements_are_held_against_what_is_declared() -> None:
    (right,) = answers("data.read_" + FULL_RO, lambda: b"four", "acquire", expect=b"four")
    (wrong,) = answers("data.read_" + FULL_RO, lambda: b"four", "acquire", expect=b"five")
    assert (right["declared"], wrong["declared"]) == ("same", "different")
    (unknown,) = answers("data.read_" + FULL_RO, lambda: b"four", "acquire", expect=b"five", volatile=True)
    assert unknown["declared"] == "not_compared"


class Said(bytearray):
    """Bytes whose `__bytes__` says what they were at first, whatever is done to them."""

    def __init__(self) -> None:
        super().__init__(b"four")

    def __bytes__(self) -> bytes:
        return b"four"


class SaidAlone(Said):
    """The same, without items that could say otherwise."""

    def __getitem__(self, index: Any) -> Any:
        raise TypeError


def test_an_object_that_contradicts_itself_is_not_held_against_its_view() -> None:
    operations = {"pop": lambda it: it.pop()}
    case = "mutation.pop_then_requests"
    both = answers(case, Said, "acquire", operations=operations)
    assert {one["declared"] for one in both} == {"not_compared"}
    alone = answers(case, SaidAlone, "acquire", operations=operations)
    assert "different" in {one["declared"] for one in alone}


def test_memory_that_is_freed_while_a_view_lives_is_seen() -> None:
    for free in (fakes.FREED_BY_MALLOC, fakes.FREED_BY_PYTHON):
        held = answers(
            "mutation.free_while_exported",
            lambda free=free: fakes.freeing(free),
            "read",
            operations={"free": fakes.free},
        )
        assert held[0]["memory_reused"] or not held[0]["memory_readable"]
    kept = answers(
        "mutation.free_while_exported", lambda: fakes.freeing(None), "read", operations={"free": fakes.free}
    )
    assert not kept[0]["memory_reused"]


def test_memory_that_is_unmapped_while_a_view_lives_is_no_crash() -> None:
    (read,) = answers(
        "mutation.unmap_while_exported", fakes.mapped, "read", operations={"unmap": fakes.unmap}
    )
    assert read["memory_readable"] is False


def test_a_struct_that_is_changed_later_is_seen_field_by_field() -> None:
    (read, *_) = answers("lifetime.asked_while_held_0x001", fakes.rewriting, "read")
    assert read["changed"] == ["len", "shape"], "PyBuffer_FillInfo points shape at len"


def test_fields_that_are_not_written_are_named() -> None:
    (answer,) = answers("data.read_" + FULL_RO, lambda: fakes.leaving_out("suboffsets"), "acquire")
    assert answer["unwritten"] == ["suboffsets"]
    (answer,) = answers("data.read_" + FULL_RO, lambda: fakes.leaving_out("ndim"), "acquire")
    assert answer["unwritten"] == ["ndim"]


def test_memory_that_is_claimed_writable_is_tried_and_put_back() -> None:
    (written,) = answers("data.write_0x11d", lambda: bytearray(b"abc"), "write")
    assert written == {
        "tried": True,
        "possible": True,
        "read_back": True,
        "elsewhere": "not_compared",
        "restored": True,
    }
    (refused,) = answers("data.write_0x11d", fakes.mapped_readonly, "write")
    assert (refused["tried"], refused["possible"]) == (True, False)


def test_a_write_is_looked_for_in_the_other_views() -> None:
    shared = answers("data.write_full_twice", lambda: bytearray(b"abc"), "write")
    assert [one["elsewhere"] for one in shared] == ["same", "same"]
    apart = answers("data.write_full_twice", fakes.block_for_each_view, "write")
    assert [one["elsewhere"] for one in apart] == ["different", "different"]


@pytest.mark.slow
def test_what_stays_behind_of_many_requests_is_counted() -> None:
    (clean,) = answers("leak.word_" + FULL_RO, lambda: bytearray(b"abc"), "repeat")
    assert (clean["granted"], clean["references_kept"]) == (100000, 0)
    assert clean["second_half_bytes"] < 100000
    (leaking,) = answers("leak.word_" + FULL_RO, lambda: fakes.leaking(16), "repeat")
    assert min(leaking["first_half_bytes"], leaking["second_half_bytes"]) >= 8 * 50000


@pytest.mark.slow
def test_an_object_that_was_changed_before_it_was_asked_is_not_held_against_its_kind() -> None:
    """It takes another object, changes that, and asks it first: nothing is known of what it shows."""
    for operation in (0, 6):
        done = run("replay", f"stdlib.bytearray/scenario:00c2c00{operation}0000")
        assert done.returncode == 0, done.stdout
        assert " 0 broken" in done.stdout


def test_threads_ask_and_give_back() -> None:
    (done,) = answers("threads.word_" + FULL_RO, lambda: bytearray(b"abc"), "threads")
    assert done["granted"] == 4 * 300
    assert done["references_kept"] == 0
    assert done["elements_same"]


def test_an_operation_is_told_with_its_exception_and_its_twin() -> None:
    operations = usual_operations(bytearray(b"abc"))
    (held,) = answers(
        "mutation.append_while_exported", lambda: bytearray(b"abc"), "mutate", operations=operations
    )
    assert (held["raised"], held["exception_name"], held["views_held"]) == (True, "BufferError", 1)
    (free,) = answers(
        "mutation.append_after_release", lambda: bytearray(b"abc"), "mutate", operations=operations
    )
    assert (free["raised"], free["twin_tried"]) == (False, False), "what it did needs no comparison"
    (never,) = answers(
        "mutation.pop_after_release",
        bytearray,
        "mutate",
        operations={"pop": usual_operations(bytearray())["pop"]},
    )
    assert (never["raised"], never["twin_tried"], never["twin_raised"]) == (True, True, True)


def test_a_resize_that_takes_rows_and_columns_is_called_as_it_takes_them() -> None:
    class Grid:
        sizes: tuple[int, ...] = ()

        def resize(self, rows: int, columns: int) -> None:
            if self.sizes:
                raise BufferError
            self.sizes = rows, columns

    grid, resize = Grid(), usual_operations(Grid())["resize"]
    resize(grid)
    assert grid.sizes == (3, 3)
    with pytest.raises(BufferError):
        resize(grid)


def test_what_ends_or_moves_memory_by_other_names_is_called_as_it_takes_it() -> None:
    names = ("reserve", "shrink_to_fit", "sort", "reverse", "detach", "dispose")
    calls: list[tuple[str, int]] = []
    methods: dict[str, Any] = {
        name: lambda self, *given, name=name: calls.append((name, *given)) for name in names
    }
    methods["__enter__"] = lambda self: self
    methods["__exit__"] = lambda self, kind, value, trace: calls.append(("exit", value))
    operations = usual_operations(made := type("Ends", (), methods)())
    for call in operations.values():
        call(made)
    others = [(name,) for name in names[1:]]
    assert calls == [("reserve", 3), *others, ("exit", None)] and list(operations) == [*names, "exit"]


ENDED_BY_WITH = """
import ctypes
from bufspec.declare import exporter

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = (ctypes.c_void_p,)

class Block(ctypes.c_char * 300_000):
    ended = False
    def __enter__(self):
        return self
    def __exit__(self, *_):
        if not self.ended:
            self.ended = True
            libc.free(ctypes.addressof(self))

@exporter("mine.block")
def block():
    return Block.from_address(libc.malloc(300_000))
"""


@pytest.mark.slow
def test_memory_that_the_end_of_a_with_frees_under_a_view_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(ENDED_BY_WITH, encoding="utf-8")
    rule = "lifetime.export.memory_valid"
    done = run("check", "--no-config", "--subjects", str(file), "--rule", rule, "--case", "mutation.exit_*")
    assert done.returncode == 1 and "mine.block/mutation.exit_while_exported" in done.stdout, done.stdout


def test_a_factory_with_one_object_has_no_cases_that_change_it() -> None:
    only = bytearray(b"abc")
    seen = trace("mutation.append_while_exported", lambda: only, operations=usual_operations(only))
    assert seen["trace"]["steps"] == []
    assert only == b"abc"


def test_views_outlive_the_last_reference() -> None:
    seen = trace("drop.while_held_" + FULL_RO, lambda: bytearray(b"abc"))
    (read,) = seen_at(seen, "read")
    assert (read["memory_readable"], read["memory_reused"], read["elements"]) == (True, False, "same")


def test_a_built_object_is_judged_by_its_layout() -> None:
    def build(layout: Any) -> object:
        if layout.format != "B" or layout.ndim != 1 or not layout.is_c_contiguous or layout.readonly:
            return NotImplemented
        return bytearray(layout.elements)

    seen = trace("built.bytes_one_dim", lambda: bytearray(b"abc"), build=build)
    assert {one["declared"] for one in seen_at(seen, "acquire")} == {"same"}
    assert not seen["violations"]
    assert trace("built.c_2d_int", lambda: bytearray(b"abc"), build=build)["trace"]["steps"] == []


@pytest.mark.slow
def test_a_trace_of_an_encoded_scenario_is_that_of_its_case() -> None:
    cases = Profile().cases("exporter", CURRENT, 3118, "short")
    for case in ("request.word_0x018", "data.write_full_twice", "sequence.random_3"):
        index = cases.index(case)
        by_case = _engine.trace_case("exporter", lambda: bytearray(b"abc"), cases=cases, index=index)
        by_scenario = _engine.trace_scenario("exporter", lambda: bytearray(b"abc"), cases.scenario(index))
        assert json.dumps(by_case | {"case": ""}) == json.dumps(by_scenario | {"case": ""})
        assert _engine.describe(cases.scenario(index)) == cases.describe(index) == by_case["described"]
        assert _engine.parts(cases.scenario(index)) == by_case["scenario"]
