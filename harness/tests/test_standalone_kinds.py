"""Does a replay, and a script, show the break of every form in which a user may declare a subject?

The subjects are a user's: factories, operations and consumers as lambdas, methods, classes, partials,
with views, `fits`, and names that a script uses itself.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run
from conftest import drawn

SUBJECTS = """
import ctypes
import dataclasses
import functools
from bufspec.declare import consumer, exporter

libc = ctypes.CDLL(None)  # has its own argument types, as whatever else is called like a piece of a script
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)
SIZE = 300_000
fields = entries = steps = SIZE


@dataclasses.dataclass
class Maker:
    count: int = 4

    def make(self):
        return (ctypes.c_int * self.count)()

    def __call__(self):
        return self.make()

    @classmethod
    def of_class(cls): return cls().make()


class Owner:
    def __init__(self): self.memory = bytearray(range(40))
    def right(self): return memoryview(self.memory)
    def wrong(self): return (ctypes.c_char * 40).from_buffer(self.memory)


maker = Maker(7)
exporter("own.method")(maker.make)
exporter("own.unnamed")(Maker(3).make)
exporter("own.of_class")(Maker.of_class)
exporter("own.object")(maker)
def of_size(count): return (ctypes.c_int * count)()


exporter("own.partial")(functools.partial(of_size, 3))
exporter(
    "own.owner",
    views={"wrong": Owner.wrong, "lam": lambda it: (ctypes.c_int * 10).from_buffer(it.memory)},
)(Owner)


def allocated():
    return memoryview((ctypes.c_char * fields).from_address(libc.malloc(SIZE))).cast("B")


free = {"release": lambda view: libc.free(ctypes.addressof(view.obj))}
exporter("own.freed", operations=free, discover=False)(allocated)
die = {"die": lambda view: ctypes.string_at(0)}
exporter("own.dies", operations=die, discover=False)(lambda: bytearray(4))


def table(exported):
    with memoryview(exported) as view:
        if view.nbytes != 96 or view.format != "f":
            raise ValueError("24 floats")
        return view.tobytes("F")


class Sums:
    def total(self, exported): return memoryview(exported).shape[0]
    def __call__(self, exported): return self.total(exported)


consumer("own.reads_fitting", returns="bytes", fits={"shape": (4, 6), "format": "f"})(table)
consumer("own.reads_16", fits={"nbytes": 16})(
    lambda o: memoryview(o).tobytes()[::-1] if memoryview(o).strides != (1,) else memoryview(o).tobytes()
)
consumer("own.total")(Sums().total)
consumer("own.sums")(Sums())
consumer("own.fresh")(consumer.fresh(lambda: Sums().total))
consumer("own.ends", returns="bytes")(lambda o: libc._exit(3) if memoryview(o).ndim == 2 else bytes(o))
"""

STRIDES = "request.strides.strides_present"
RIGHT = "consumer.data.elements_right"
FREED = "lifetime.export.memory_valid"
KINDS = {
    "own.method": ("request.word_0x018", STRIDES),
    "own.unnamed": ("request.word_0x018", STRIDES),
    "own.of_class": ("request.word_0x018", STRIDES),
    "own.object": ("request.word_0x010", "request.stray_bits.without_nd"),
    "own.partial": ("request.word_0x018", STRIDES),
    "own.owner.wrong": ("request.word_0x018", STRIDES),
    "own.owner.lam": ("request.word_0x000", "request.format.absent"),
    "own.freed": ("sequence.random_5", FREED),
    "own.dies": ("sequence.random_5", ""),
    "own.reads_fitting": ("consumer.reads_fitting_f_readonly", RIGHT),
    "own.reads_16": ("consumer.reads_fitting_b_reversed", "consumer.data.any_stride"),
    "own.total": ("consumer.reads_c_1d_int", RIGHT),
    "own.sums": ("consumer.reads_c_1d_int", RIGHT),
    "own.fresh": ("consumer.reads_c_1d_int", RIGHT),
    "own.ends": ("consumer.reads_c_2d_int", ""),
}
"""A case and the rule that it breaks; none for a death."""


def shown_by(name: str) -> tuple[str, bool]:
    """Which kind of case shows it, and whether that is a death."""
    case, rule = KINDS[name]
    return case.partition(".")[0], rule == ""


@pytest.mark.parametrize("name", drawn(KINDS, 8, kind=shown_by))
@pytest.mark.slow
def test_the_replay_line_and_the_script_show_the_break(name: str, tmp_path: Path) -> None:
    file, script = tmp_path / "own.py", tmp_path / "shown.py"
    file.write_text(SUBJECTS, encoding="utf-8")
    case, rule = KINDS[name]
    words = ["replay", "--subjects", str(file), f"{name}/{case}", *(["--rule", rule] if rule else [])]
    shown = run(*words)
    assert shown.returncode == 1 and (f"broken: {rule}" if rule else "did not return") in shown.stdout, shown
    done = run(*words, "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    text = script.read_text(encoding="utf-8")
    assert "bufspec." not in text and "\n\n\n\n" not in text
    ran = subprocess.run([sys.executable, "-S", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "broken: " in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.slow
def test_a_script_imports_what_a_star_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = "import ctypes\n__all__ = ['Base', 'array_of']\n"
    common += "class Base(bytearray): pass\ndef array_of(count): return (ctypes.c_int * count)()\n"
    (tmp_path / "common_of_stars.py").write_text(common, encoding="utf-8")
    # Elsewhere than the script lies, as a package is.
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for number, before in enumerate(("", "try:\n    ", "from math import *\n")):
        after = "\nexcept ImportError: pass" if before.startswith("try") else ""
        file, script = tmp_path / f"star_{number}.py", tmp_path / f"shown_{number}.py"
        file.write_text(
            f"{before}from common_of_stars import *{after}\nfrom bufspec.declare import exporter\n"
            "class Late(Base):\n    pass\nexporter('star.array')(lambda: (Late(), array_of(3))[1])\n",
            encoding="utf-8",
        )
        case = ("star.array/request.word_0x018", "--rule", STRIDES)
        done = run("replay", "--subjects", str(file), *case, "--standalone", str(script))
        assert done.returncode == 1, done.stderr
        ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
        assert ran.returncode == 1 and "broken: " in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.slow
def test_a_class_that_type_made_needs_its_name_at_the_top_of_its_file(tmp_path: Path) -> None:
    made = (
        "import ctypes\nfrom bufspec.declare import exporter\n"
        "def declare(kind): exporter('own.made')(lambda: kind())\n"
        "def made(): return type('Made', (ctypes.c_int * 4,), {'_type_': ctypes.c_int, '_length_': 4})\n"
    )
    file, script = tmp_path / "own.py", tmp_path / "shown.py"
    words = ("replay", "--subjects", str(file), "own.made/request.word_0x018", "--rule", STRIDES)
    file.write_text(f"{made}declare(made())\n", encoding="utf-8")
    done = run(*words, "--standalone", str(script))
    assert done.returncode > 1 and "class Made, or Made = type(...)" in done.stderr, done
    file.write_text(f"{made}Made = made()\ndeclare(Made)\n", encoding="utf-8")
    assert run(*words, "--standalone", str(script)).returncode == 1
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "broken: " in ran.stdout, ran.stdout + ran.stderr
