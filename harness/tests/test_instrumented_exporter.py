"""bufspec.Exporter: each behaviour is shown by a consumer that meets it, and the log says what was done."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import bufspec
import pytest
from bufspec.declare import Layout
from bufspec.testing.exporter import ExporterError

SIMPLE, WRITABLE, FORMAT, ND, STRIDES, INDIRECT = 0, 0x1, 0x4, 0x8, 0x18, 0x118
FULL = INDIRECT | FORMAT | WRITABLE
RELEASED = 0xDB


class Struct(ctypes.Structure):
    """The document's Py_buffer."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


_python = ctypes.PyDLL(None)  # not pythonapi, whose argument types all share
_get = _python.PyObject_GetBuffer
_get.argtypes = [ctypes.py_object, ctypes.POINTER(Struct), ctypes.c_int]
_release = _python.PyBuffer_Release
_release.argtypes = [ctypes.POINTER(Struct)]
_release.restype = None


@contextmanager
def acquired(exporter: bufspec.Exporter, flags: int) -> Iterator[Struct]:
    view = Struct()
    _get(exporter, view, flags)
    try:
        yield view
    finally:
        _release(view)


def address_of(view: Struct, field: str) -> int:
    return ctypes.addressof(view) + getattr(Struct, field).offset


def array_address(array: object) -> int | None:
    return ctypes.cast(array, ctypes.c_void_p).value  # type: ignore[arg-type]


def ends_by_a_signal(body: str) -> bool:
    """Whether this Python text dies of a bad address."""
    program = "import ctypes, bufspec\nfrom bufspec import Exporter\n" + body
    return subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode < 0


def test_a_reader_sees_the_elements_of_every_named_layout() -> None:
    for name in ("bytes_one_dim", "c_2d_int", "reversed_2d_both", "broadcast_1d", "empty_1d", "zero_dim_int"):
        exporter = bufspec.Exporter(name)
        assert bytes(exporter) == memoryview(exporter).tobytes() == exporter.elements
        assert exporter.held == 0


def test_each_request_is_written_down_in_order() -> None:
    exporter = bufspec.Exporter("strided_1d")
    with suppress(BufferError):
        _get(exporter, Struct(), SIMPLE)
    view = memoryview(exporter)
    assert [(one.request, one.granted, one.released) for one in exporter.log] == [
        ("SIMPLE", False, 0),
        ("INDIRECT|FORMAT", True, 0),
    ]
    assert exporter.held == 1
    view.release()
    assert [one.released for one in exporter.log] == [0, 1]
    assert {one.thread for one in exporter.log} == {threading.get_ident()}


def test_a_layout_is_a_name_or_a_row_or_what_is_built() -> None:
    row = {"format": ">h", "itemsize": 2, "shape": [3], "strides": [-2], "offset": 4, "readonly": True}
    built = Layout(">h", 2, (3,), (-2,), None, 4, True, bytes(6), bytes(6))
    for layout in (row, built):
        view = memoryview(bufspec.Exporter(layout))
        assert (view.format, view.shape, view.strides, view.readonly) == (">h", (3,), (-2,), True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bufspec.Exporter("no_such_layout"),
        lambda: bufspec.Exporter({"format": "B", "itemsize": 1, "shape": [4], "strides": [2], "block": 3}),
        lambda: bufspec.Exporter({"itemsize": 1, "colour": 3}),
        lambda: bufspec.Exporter(behaviour="lie_colour"),
        lambda: bufspec.Exporter(behaviour="other_thread"),
        lambda: bufspec.Exporter(refuse=[8]),
        lambda: bufspec.Exporter(3),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(make: Callable[[], object]) -> None:
    with pytest.raises(ExporterError) as caught:
        make()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("behaviour", "step"),
    [("ends_at_page", 1), ("begins_at_page", -1)],
    ids=["behind the end", "before the begin"],
)
def test_one_byte_too_far_is_a_crash(behaviour: str, step: int) -> None:
    place = "12" if step > 0 else "-1"
    read = (
        f"m = Exporter(behaviour={behaviour!r})\n"
        "v = memoryview(m)\n"
        "a = ctypes.addressof(ctypes.c_char.from_buffer(v))\n"
    )
    assert not ends_by_a_signal(read + "ctypes.string_at(a, 12)")
    assert ends_by_a_signal(read + f"ctypes.string_at(a + {place}, 1)")


def test_writing_to_read_only_memory_at_a_page_is_a_crash() -> None:
    text = (
        "m = Exporter('bytes_one_dim_readonly', behaviour={!r})\n"
        "import numpy\n"
        "ctypes.memset(numpy.frombuffer(m, 'B').ctypes.data, 0, 1)\n"
    )
    assert not ends_by_a_signal(text.format("own_arrays"))
    assert ends_by_a_signal(text.format("begins_at_page"))


def test_each_view_has_a_block_of_its_own() -> None:
    shared, fresh = bufspec.Exporter(), bufspec.Exporter(behaviour="fresh_block")
    for exporter, is_same in ((shared, True), (fresh, False)):
        with acquired(exporter, FULL) as one, acquired(exporter, FULL) as other:
            assert (one.buf == other.buf) is is_same


def test_what_is_written_to_a_block_of_its_own_arrives() -> None:
    exporter = bufspec.Exporter(behaviour=("fresh_block", "poisoned"))
    with memoryview(exporter) as view:
        view[3] = 77
    assert exporter.memory[3] == 77
    assert bytes(exporter)[3] == 77


def test_memory_is_overwritten_at_the_release() -> None:
    exporter = bufspec.Exporter(behaviour=("fresh_block", "poisoned"))
    with acquired(exporter, SIMPLE) as view:
        place = view.buf
        assert place is not None and ctypes.string_at(place, 12) == exporter.elements
    assert ctypes.string_at(place, 12) == bytes([RELEASED]) * 12


@pytest.mark.parametrize("own", ["fresh_block", "own_arrays"])
@pytest.mark.slow
def test_memory_is_withdrawn_at_the_release(own: str) -> None:
    field = "v.buf" if own == "fresh_block" else "ctypes.cast(v.shape, ctypes.c_void_p).value"
    text = (
        "import sys\nsys.path.insert(0, {path!r})\n"
        "from test_instrumented_exporter import Struct, _get, _release\n"
        "m, v = Exporter(behaviour=({own!r}, 'withdrawn')), Struct()\n"
        "_get(m, v, 0x11c)\nplace = {field}\nctypes.string_at(place, 1)\n"
        "{release}\nctypes.string_at(place, 1)\n"
    )
    path = str(__file__).rpartition("/")[0]
    assert not ends_by_a_signal(text.format(path=path, own=own, field=field, release=""))
    assert ends_by_a_signal(text.format(path=path, own=own, field=field, release="_release(v)"))


def test_each_view_has_arrays_of_its_own() -> None:
    exporter = bufspec.Exporter("c_2d_int", behaviour="own_arrays")
    with acquired(exporter, FULL) as one, acquired(exporter, FULL) as other:
        assert array_address(one.shape) != array_address(other.shape)
        assert one.shape[:2] == other.shape[:2] == [2, 3]


def test_empty_memory_may_lie_nowhere() -> None:
    with acquired(bufspec.Exporter("empty_1d", behaviour="null_if_empty"), FULL) as view:
        assert view.buf is None and view.len == 0
    for layout in ("c_2d_int", "pil_empty_rows"):
        with acquired(bufspec.Exporter(layout, behaviour="null_if_empty"), FULL) as view:
            assert view.buf


def test_arrays_may_lie_in_the_struct_itself() -> None:
    exporter = bufspec.Exporter(behaviour="self_referential")
    with acquired(exporter, STRIDES) as view:
        assert array_address(view.shape) == address_of(view, "len")
        assert array_address(view.strides) == address_of(view, "itemsize")
    assert exporter.log[0].changed == ()
    with acquired(bufspec.Exporter("c_2d_int", behaviour="self_referential"), ND) as view:
        assert array_address(view.shape) != address_of(view, "len")


def test_the_owner_may_be_another_object() -> None:
    exporter = bufspec.Exporter(behaviour="redirected")
    view = memoryview(exporter)
    assert view.obj is not exporter
    del exporter  # its stand-in keeps the memory
    gc.collect()
    assert view.tobytes() == bufspec.Exporter().elements


@pytest.mark.parametrize(
    ("behaviour", "refused", "granted"),
    [
        ("refuses_writable", WRITABLE, FORMAT | ND),
        ("refuses_flat", SIMPLE, ND),
        ("refuses_strideless", ND, STRIDES),
        ("refuses_formatless", ND, ND | FORMAT),
        ("refuses_format", ND | FORMAT, ND),
        ("refuses_contiguity", 0x38, STRIDES),
    ],
)
def test_a_kind_of_requests_is_refused(behaviour: str, refused: int, granted: int) -> None:
    exporter = bufspec.Exporter(behaviour=behaviour)
    with pytest.raises(BufferError):
        _get(exporter, Struct(), refused)
    with acquired(exporter, granted):
        assert exporter.held == 1
    assert [one.granted for one in exporter.log] == [False, True]


def test_requests_are_refused_by_number() -> None:
    exporter = bufspec.Exporter(refuse=(0, 2))
    outcomes = []
    for _ in range(4):
        try:
            bytes(exporter)
            outcomes.append("granted")
        except BufferError:
            outcomes.append("refused")
    assert outcomes == ["refused", "granted", "refused", "granted"]
    with pytest.raises(BufferError):
        bytes(bufspec.Exporter(behaviour="refuses_all"))


@pytest.mark.parametrize(
    ("behaviour", "error", "obj"),
    [
        ("refuses_all", BufferError, None),
        ("refusal_untouched", BufferError, 7),
        ("refusal_memory_error", MemoryError, None),
        ("refusal_runtime_error", RuntimeError, None),
        ("refusal_value_error", ValueError, None),
    ],
)
def test_refusals_fail_in_every_way(behaviour: str, error: type[Exception], obj: int | None) -> None:
    view = Struct(obj=7)
    with pytest.raises(error):
        _get(bufspec.Exporter(behaviour=("refuses_all", behaviour)), view, SIMPLE)
    assert view.obj == obj


@pytest.mark.parametrize("behaviour", ["reenters", "collects", "slow"])
@pytest.mark.slow
def test_what_happens_inside_a_request_leaves_no_trace(behaviour: str) -> None:
    exporter = bufspec.Exporter(behaviour=behaviour)
    assert bytes(exporter) == exporter.elements
    assert len(exporter.log) == 1
    assert exporter.held == 0


@pytest.mark.slow
def test_garbage_is_collected_inside_requests() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    kept = weakref.ref(Cycle())
    assert kept() is not None
    bytes(bufspec.Exporter(behaviour="collects"))
    assert kept() is None


def test_others_run_inside_a_slow_request() -> None:
    exporter = bufspec.Exporter(behaviour="slow")
    running, counted = threading.Event(), [0]

    def count() -> None:
        while not running.is_set():
            counted[0] += 1
            time.sleep(0)  # lets go at once, so that a turn is one count

    interval = sys.getswitchinterval()
    sys.setswitchinterval(100.0)  # nobody else has a turn but while we let go
    thread = threading.Thread(target=count)
    try:
        bytes(exporter)
        thread.start()
        before = counted[0]
        for _ in range(5000):  # on a busy machine the other thread need not run at once
            bytes(exporter)
            if counted[0] > before:
                break
        assert counted[0] > before
    finally:
        sys.setswitchinterval(interval)
        running.set()
        thread.join()


def test_an_exception_inside_a_release_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    hook = sys.unraisablehook
    exporter = bufspec.Exporter(behaviour="raises_at_release")
    assert bytes(exporter) == exporter.elements
    assert exporter.held == 0
    assert sys.unraisablehook is hook
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_a_release_keeps_the_exception_on_whose_way_it_is() -> None:
    exporter = bufspec.Exporter(behaviour=("raises_at_release", "reenters", "collects", "slow"))
    with pytest.raises(ZeroDivisionError), memoryview(exporter):
        _ = 1 / 0
    assert exporter.held == 0


@pytest.mark.parametrize(
    ("lie", "flags", "field", "told"),
    [
        ("lie_len", FULL, "len", 13),
        ("lie_readonly", FULL, "readonly", 1),
        ("lie_format", FULL, "format", b"}i{"),
    ],
)
def test_a_lie_shows_in_the_struct(lie: str, flags: int, field: str, told: object) -> None:
    for pages in ((), ("ends_at_page",)):
        with acquired(bufspec.Exporter(behaviour=(lie, *pages)), flags) as view:
            assert getattr(view, field) == told
            assert view.buf is not None and len(ctypes.string_at(view.buf, view.len)) == view.len


def test_idle_suboffsets_are_a_lie() -> None:
    with acquired(bufspec.Exporter("c_2d_int", behaviour="lie_suboffsets"), FULL) as view:
        assert view.suboffsets[:2] == [-1, -1]
    with acquired(bufspec.Exporter("c_2d_int"), FULL) as view:
        assert not view.suboffsets


def test_a_release_of_what_was_refused_is_counted() -> None:
    exporter = bufspec.Exporter(behaviour=("refuses_all", "lie_obj"))
    view = Struct()
    with pytest.raises(BufferError):
        _get(exporter, view, SIMPLE)
    assert view.obj
    _release(view)
    assert exporter.stray_releases() == 1
    del exporter
    gc.collect()


def test_spoilt_structs_are_understood() -> None:
    exporter = bufspec.Exporter("c_2d_int")
    with acquired(exporter, FULL) as view:
        view.internal = 0
        view.shape[0] = 99
    assert exporter.log[0].changed == ("shape", "internal")
    assert exporter.held == 0
    assert memoryview(exporter).shape == (2, 3)


def test_a_second_release_through_a_copy_is_counted_and_harmless() -> None:
    exporter = bufspec.Exporter()
    before = sys.getrefcount(exporter)
    view, copy = Struct(), Struct()
    _get(exporter, view, SIMPLE)
    ctypes.memmove(ctypes.byref(copy), ctypes.byref(view), ctypes.sizeof(Struct))
    _release(view)
    _release(copy)
    assert exporter.log[0].released == 2
    assert sys.getrefcount(exporter) == before


def test_writes_are_told_apart() -> None:
    exporter = bufspec.Exporter("strided_1d_bytes")
    with acquired(exporter, FULL) as view:
        assert view.buf is not None
        ctypes.memset(view.buf + 1, 0, 1)
    assert exporter.strayed
    assert exporter.memory == exporter.elements
    with memoryview(exporter) as seen:
        seen[1] = 200
    assert exporter.memory != exporter.elements


def test_threads_are_told_apart() -> None:
    exporter = bufspec.Exporter(behaviour=("fresh_block", "poisoned"))

    def read() -> None:
        for _ in range(200):
            assert bytes(exporter) == exporter.elements

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exporter.held == 0


@pytest.mark.slow
def test_behaviours_are_named() -> None:
    names = bufspec.Exporter.behaviours()
    assert "ends_at_page" in names and "other_thread" not in names
    for name in names:
        with suppress(BufferError):
            memoryview(bufspec.Exporter(behaviour=name)).release()
