"""Is what AddressSanitizer or UBSan reports of a subject a crash that names the kind and the function?"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from bufspec.isolation.sanitizer_report import sanitizer_report
from command_line import FAKES, Event, events_from_lines, run

COMPILER = shutil.which("gcc")
OVERFLOWING, FITTING = "sanitized:Overflowing()", "sanitized:Fitting()"


def runtime(name: str) -> str:
    """A library of the compiler; skips the test where there is none."""
    if COMPILER is None:
        pytest.skip("no gcc on this system")
    command = [COMPILER, f"-print-file-name={name}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(found).is_absolute():
        pytest.skip(f"gcc has no {name} on this system")
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Event]]:
    """The output of `bufspec check` on the exporters of the extension, and the record."""
    folder = tmp_path_factory.mktemp("sanitized")
    preload = f"{runtime('libasan.so')} {runtime('libstdc++.so.6')}"
    assert COMPILER is not None
    flags = ["-fsanitize=address", "-g", "-O1", "-fno-omit-frame-pointer", "-shared", "-fPIC"]
    include, module = sysconfig.get_path("include"), str(folder / "sanitized.so")
    source = str(FAKES / "sanitized.c")
    command = [COMPILER, *flags, f"-I{include}", source, "-o", module]
    subprocess.run(command, check=True, cwd=folder)
    environment = {
        "LD_PRELOAD": preload,
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
    }
    words = [
        "--exporter",
        OVERFLOWING,
        "--exporter",
        FITTING,
        "--case",
        "request.word_0x010",
        "-v",
        "--out",
        "out",
    ]
    done = run("check", *words, cwd=folder, environment=environment)
    assert done.returncode == 1, done.stderr
    return done.stdout, events_from_lines((folder / "out" / "events.jsonl").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_an_overflow_is_a_crash_that_names_its_kind_and_the_function(judged: tuple[str, list[Event]]) -> None:
    shown, events = judged
    first: Event = next(one for one in events if one["event"] == "case-failed")
    assert (first["subject"], first["outcome"]) == (OVERFLOWING, "crash")
    assert "heap-buffer-overflow" in first["found"]
    assert "fill_in" in first["found"]
    assert "fill_in" in first["stack"][0]
    assert [line.split()[:2] for line in shown.splitlines() if "stack" in line] == [["stack", "fill_in"]]


def test_the_same_without_its_fault_conforms(judged: tuple[str, list[Event]]) -> None:
    _, events = judged
    finished = {one["subject"]: one for one in events if one["event"] == "subject-finished"}
    assert (finished[FITTING]["conforms"], finished[FITTING]["deaths"]) == (True, 0)
    assert {one["subject"] for one in events if one["event"] == "case-failed"} == {OVERFLOWING}


def test_the_first_frames_named_are_the_subjects() -> None:
    report = sanitizer_report(
        "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000018 at pc 0x7f bp 0x7f\n"
        "READ of size 4 at 0x602000000018 thread T0\n"
        "    #0 0x7f0001 in __interceptor_memcpy ../../src/libsanitizer/sanitizer_common/x.inc:827\n"
        "    #1 0x7f0002 in copy_row /src/matrix.c:12\n"
        "    #2 0x7f0003 in PyObject_GetBuffer (/usr/bin/python3.11+0x51)\n"
        "\n"
        "freed by thread T0 here:\n"
        "    #0 0x7f0004 in free_row /src/matrix.c:40\n"
    )
    assert report is not None
    assert report.found == "AddressSanitizer: heap-use-after-free, in copy_row matrix.c:12"
    assert len(report.stack) == 3


def test_what_ubsan_says_is_a_report_and_other_words_are_none() -> None:
    report = sanitizer_report("/src/m.c:3:7: runtime error: shift exponent 40 is too large\n")
    assert report is not None
    assert report.found == "UBSan: shift exponent 40 is too large (m.c:3:7)"
    assert report.stack == ()
    assert sanitizer_report("Segmentation fault\n    #0 0x1 in f\n") is None
