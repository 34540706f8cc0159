"""What a subject changes around itself in the middle of its cases is put back, or costs itself only.

Each neighbour here is broken unless it finds what the subject before it changed: it has to be found broken.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Record, record, run

HOSTILE = """
import ctypes, decimal, gc, locale, os, resource, socket, sys, threading, time, tracemalloc, warnings
from bufspec.declare import exporter

PLAIN, OTHER = ("C", "C.UTF-8") if locale.setlocale(locale.LC_ALL) == "C" else ("C.UTF-8", "C")
made = 0

def work_folder():
    (found,) = {{line.split()[-1] for line in open("/proc/self/maps") if line.rstrip().endswith(".ledger")}}
    return os.path.dirname(found)

@exporter("mine.hostile")
def hostile():
    global made
    made += 1
    if made == 3:
        {change}
    return bytearray(4)

@exporter("mine.neighbour")
def neighbour():
    return bytearray(4) if {changed} else (ctypes.c_int * 3)(1, 2, 3)
"""
CHANGES = {
    "decimal": ("decimal.getcontext().prec = 3", "decimal.getcontext().prec == 3"),
    "collector": ("gc.set_threshold(1)", "gc.get_threshold()[0] == 1"),
    "locale": ("locale.setlocale(locale.LC_ALL, OTHER)", "locale.setlocale(locale.LC_ALL) == OTHER"),
    "warnings": ("warnings.simplefilter('error')", "warnings.filters[0][0] == 'error'"),
    "sockets": ("socket.setdefaulttimeout(3)", "socket.getdefaulttimeout() == 3"),
    "digits": ("sys.set_int_max_str_digits(5000)", "sys.get_int_max_str_digits() == 5000"),
    "rounding": ("ctypes.CDLL(None).fesetround(0x400)", "ctypes.CDLL(None).fegetround() == 0x400"),
    "tracemalloc": ("tracemalloc.start(2)", "tracemalloc.is_tracing()"),
    "environment": ("os.environ['FAST'] = '1'", "'FAST' in os.environ"),
}
MISDEEDS = {
    "tables": "open(work_folder() + '/tables.json', 'w').write('{}'); os._exit(0)",
    "tables are a pipe": "p = work_folder() + '/tables.json'; os.unlink(p); os.mkfifo(p); os._exit(0)",
    "no files": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "an interrupt later": "here, end = ctypes.c_ulong(threading.get_ident()), ctypes.py_object(SystemExit); "
    "send = ctypes.pythonapi.PyThreadState_SetAsyncExc; "
    "threading.Thread(target=lambda: (time.sleep(0.2), send(here, end))).start()",
    "the work folder is removed": "import shutil; shutil.rmtree(work_folder())",
    "the work folder is renamed": "os.rename(work_folder(), work_folder() + '.away')",
    "the work folder is a file": "p = work_folder(); os.rename(p, p + '.away'); open(p, 'w').close()",
    "the log is a pipe": "p = work_folder() + '/plan.log'; os.unlink(p); os.mkfifo(p); os.abort()",
    "modules raise": "sys.modules = type('M', (dict,), {'get': lambda s, *a: sys.exit(0)})(sys.modules)",
}


def judged(folder: Path, change: str, changed: str = "False") -> Record:
    file = folder / "mine.py"
    file.write_text(HOSTILE.format(change=change, changed=changed), "utf-8")
    return record(
        "--jobs", "1", "--case", "mutation.a*", "--case", "request.word_0x00?", "--subjects", str(file)
    )


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.slow
def test_what_a_subject_changes_in_the_middle_is_put_back(what: str, tmp_path: Path) -> None:
    found = judged(tmp_path, *CHANGES[what])
    assert {name: one["conforms"] for name, one in found.subjects.items()} == {
        "mine.hostile": True,
        "mine.neighbour": False,
    }


@pytest.mark.parametrize("what", MISDEEDS)
@pytest.mark.slow
def test_a_misdeed_costs_its_own_subject(what: str, tmp_path: Path) -> None:
    found = judged(tmp_path, MISDEEDS[what])
    assert found.foot["complete"] is True, found.errors
    assert (found.code, found.subjects["mine.neighbour"]["conforms"]) == (1, False)


@pytest.mark.slow
def test_folders_a_thousand_deep_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "tmp"
    work.mkdir()
    monkeypatch.setenv("TMPDIR", str(work))
    deep = "os.chdir(work_folder()); [(os.mkdir('d'), os.chdir('d')) for _ in range(1500)]"
    found = judged(tmp_path, deep)
    assert (found.code, found.foot["complete"], found.errors) == (1, True, "")
    assert list(work.iterdir()) == []


@pytest.mark.slow
def test_a_file_cannot_hide_what_others_declare(tmp_path: Path) -> None:
    hides = "import sys\nsys.modules['array'] = sys.modules['mmap'] = None\n"
    (tmp_path / "mine.py").write_text(hides + HOSTILE.format(change="pass", changed="True"), "utf-8")
    found = record(
        "--case", "request.word_0x00?", "--subjects", str(tmp_path / "mine.py"), "*.bytes*", "mine.*"
    )
    assert {"mine.hostile", "stdlib.bytes", "stdlib.bytesio_getbuffer"} <= set(found.subjects)


@pytest.mark.parametrize(
    "spoil", ["import builtins; builtins.open = None; import os; os.open = os.read = None"]
)
def test_a_file_that_spoils_python_for_all_is_named(spoil: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(HOSTILE.format(change="pass", changed="True") + spoil, "utf-8")
    (tmp_path / "other.py").write_text(
        "from bufspec.declare import exporter\nexporter('other.one')(bytearray)\n", "utf-8"
    )
    files = [str(tmp_path / "mine.py"), str(tmp_path / "other.py")]
    done = run("check", "--subjects", files[0], "--subjects", files[1])
    assert done.returncode == 2
    assert "subjects cannot be listed with these files" in done.stderr
    assert f"{files[0]}:1:1" in done.stderr


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (
            "import bufspec.worker.registry as r; r.group_names = lambda: []",
            "bufspec.worker.registry.group_names",
        ),
        ("import bufspec.declare as d; d.exporter = print", "bufspec.declare.exporter"),
        ("import sys; sys.modules['bufspec.subjects'] = None", "bufspec.subjects"),
        ("import bufspec.declare as d; d.Subject.__init__ = print", "bufspec.declaring.subject.__init__"),
        ("import bufspec.worker.registry as r; r.group_names = None; raise ValueError", "ValueError"),
    ],
)
def test_a_file_that_replaces_what_is_ours_is_named(spoil: str, name: str, tmp_path: Path) -> None:
    for file, text in (("mine.py", spoil), ("other.py", "")):
        declared = f"from bufspec.declare import exporter\nexporter('{file[:-3]}.one')(bytearray)\n"
        (tmp_path / file).write_text(declared + text, "utf-8")
    done = run("check", "--subjects", str(tmp_path / "mine.py"), "--subjects", str(tmp_path / "other.py"))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path / 'mine.py'}:" in done.stderr
    assert name in done.stderr


@pytest.mark.slow
def test_a_name_that_is_more_than_a_text_is_the_text(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        """
from bufspec.declare import exporter
class Name(str):
    def partition(self, *rest): raise SystemExit(0)
exporter(Name("mine.named"))(bytearray)
""",
        "utf-8",
    )
    found = record("--case", "request.word_0x00?", "--subjects", str(tmp_path / "mine.py"))
    assert (found.code, list(found.subjects)) == (0, ["mine.named"])
