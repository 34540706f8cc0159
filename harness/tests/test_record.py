"""Are the requests of an application recorded, all of them, without changing what it does?"""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from command_line import run

COUNTED = """
    import array, binascii, hashlib, io, mmap, struct, sys

    class Own(bytearray):
        pass

    class Array(array.array):
        pass

    def ask(it):
        bytes(it)                          # the interpreter's own consumers
        memoryview(it).release()
        b"".join([it])
        binascii.hexlify(it)               # y*
        io.BytesIO(bytes(8)).readinto(it)  # w*
        struct.unpack_from("<q", it)
        hashlib.sha256(it)

    for _ in range(100):
        ask(Own(8))
    ask(Array("b", bytes(8)))
"""


def recorded(folder: Path, script: str, *options: str, code: int = 0, arguments: tuple[str, ...] = ()) -> str:
    """Record a script; what it printed."""
    file = folder / "app.py"
    file.write_text(textwrap.dedent(script), encoding="utf-8")
    command = [sys.executable, str(file), *arguments]
    done = run("record", "--force", "--out", str(folder / "out"), *options, "--", *command, cwd=folder)
    assert done.returncode == code, done.stderr
    return done.stdout


def judged(folder: Path, *, code: int = 0) -> dict[str, Any]:
    """What is said of the recording."""
    done = run("judge", str(folder / "out"), "--format", "json", cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_every_request_of_a_script_is_recorded(tmp_path: Path) -> None:
    recorded(tmp_path, COUNTED)
    said = judged(tmp_path)
    assert said["types"]["__main__.Own"] == 700
    assert said["types"]["__main__.Array"] == 7
    assert said["broken"] == []
    assert said["rules_judged"] > 15
    assert [one for one in said["held_at_exit"] if "__main__" in one["type"]] == []


def test_what_the_application_prints_and_returns_stays_the_same(tmp_path: Path) -> None:
    script = "import sys; print(sys.argv[1], bytes(bytearray(b'x')), sys.modules.get('bufspec')); sys.exit(7)"
    assert recorded(tmp_path, script, code=7, arguments=("--out",)) == "--out b'x' None\n"


def test_threads_and_places_are_told_apart(tmp_path: Path) -> None:
    recorded(
        tmp_path,
        """
        import threading

        class Own(bytearray):
            pass

        kept = []
        def keep(it):
            for _ in range(50):
                kept.append(memoryview(it))
        threads = [threading.Thread(target=keep, args=[Own(1)]) for _ in range(4)]
        for one in threads: one.start()
        for one in threads: one.join()
        """,
    )
    said = judged(tmp_path)
    assert said["types"]["__main__.Own"] == 200
    (held,) = [one for one in said["held_at_exit"] if one["type"] == "__main__.Own"]
    assert held["count"] == 200
    assert held["frames"][0].endswith("app.py:10 (keep)")
    assert [one for one in said["never_released"] if one["type"] == "__main__.Own"] == []


def test_children_are_recorded_with_the_views_that_they_inherit(tmp_path: Path) -> None:
    recorded(
        tmp_path,
        """
        import os, subprocess, sys

        class Own(bytearray):
            pass

        it = Own(1)
        view = memoryview(it)
        child = os.fork()
        bytes(it)
        if child == 0:
            view.release()
            other = memoryview(it)
            other.release()
            sys.exit()
        os.waitpid(child, 0)
        subprocess.run([sys.executable, "-c", "class Other(bytearray): pass\\nbytes(Other(1))"], check=True)
        """,
    )
    said = judged(tmp_path)
    assert said["types"]["__main__.Own"] == 4
    assert said["types"]["__main__.Other"] == 1
    assert len(said["processes"]) == 3
    assert said["broken"] == []
    assert said["skipped"] == {}
    assert [one["count"] for one in said["held_at_exit"] if one["type"] == "__main__.Own"] == [1]


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(3)", "ctypes.string_at(1)"])
def test_what_was_recorded_up_to_a_crash_is_judged(tmp_path: Path, end: str) -> None:
    code = {"os._exit(3)": 3}.get(end, 128 + (signal.SIGKILL if "kill" in end else signal.SIGSEGV))
    script = f"""
        import ctypes, os

        class Own(bytearray):
            pass

        def keep():
            return memoryview(Own(1))

        kept = [keep() for _ in range(1000)]
        {end}
        """
    recorded(tmp_path, script, code=code)
    said = judged(tmp_path)
    assert said["types"]["__main__.Own"] == 1000
    assert said["processes"][0]["end"].startswith("died")
    assert [one["count"] for one in said["held_at_exit"] if one["type"] == "__main__.Own"] == [1000]


def test_stacks_name_every_frame(tmp_path: Path) -> None:
    script = """
        class Own(bytearray):
            pass

        def inner(it):
            kept.append(memoryview(it))

        def outer(it):
            inner(it)

        kept = []
        outer(Own(1))
        """
    recorded(tmp_path, script, "--stacks")
    (held,) = [one for one in judged(tmp_path)["held_at_exit"] if one["type"] == "__main__.Own"]
    assert [frame.split("(")[1] for frame in held["frames"]] == ["inner)", "outer)", "<module>)"]
    shown = run("judge", str(tmp_path / "out"))
    assert "inner" in shown.stdout and "from" in shown.stdout


@pytest.mark.slow
def test_no_more_is_written_than_may_be(tmp_path: Path) -> None:
    objects = "every = [bytearray(n % 100) for n in range(50_000)]"
    recorded(tmp_path, f"{objects}\nfor _ in range(4):\n  for it in every: bytes(it)", "--most", "2")
    (file,) = (tmp_path / "out").glob("*.requests")
    assert file.stat().st_size <= 2 << 20
    said = judged(tmp_path)
    assert said["counted_only"] > 50_000
    assert said["requests"] + said["releases"] + said["counted_only"] > 400_000


REPEATED = """
    class Own(bytearray):
        pass

    class Other(bytearray):
        pass

    def loop(rounds, *every):
        for _ in range(rounds):
            for it in every:
                memoryview(it)

    one, other = Own(8), Other(8)
    loop(5_000, one, other)
    one += bytes(8)            # another answer of the same object
    loop(5_000, one, other)
    loop(300, one)             # other than was expected
    loop(300, other)
    for n in range(50):        # types and code that die, whose addresses others get
        class Short(bytearray):
            pass
        exec(f"for _ in range({n}): memoryview(it)", {"it": Short(n)})
    kept = [memoryview(one) for _ in range(100)]
"""


def test_what_comes_again_takes_little_room_and_is_counted_one_by_one(tmp_path: Path) -> None:
    recorded(tmp_path, REPEATED)
    (file,) = (tmp_path / "out").glob("*.requests")
    assert file.stat().st_size < 40_000
    said = judged(tmp_path)
    assert said["types"]["__main__.Own"] == 10_400
    assert said["types"]["__main__.Other"] == 10_300
    assert said["types"]["__main__.Short"] == sum(range(50))
    assert said["broken"] == []
    assert said["skipped"] == {}
    assert [one["count"] for one in said["held_at_exit"] if "__main__" in one["type"]] == [100]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (b"\x80", "none is expected"),
        (b"\xff" * 9, "more events than the head counts"),
        (b"\x11\x05", "no event is in slot 5"),
        (b"\x11\x80\x20", "4096 where 0 to 4095"),
        (b"\x10\x05\x0f", "no event of kind 15 is kept"),
        (b"\x10\x05", "half an event"),
        (b"\x12", "no event is of kind 18"),
    ],
)
def test_a_repetition_of_what_did_not_happen_is_refused(tmp_path: Path, event: bytes, said: str) -> None:
    recorded(tmp_path, "pass")
    (file,) = (tmp_path / "out").glob("*.requests")
    raw = file.read_bytes()
    file.write_bytes(raw[:4096] + event)
    done = run("judge", str(tmp_path / "out"))
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_process_that_is_not_recorded_is_named(tmp_path: Path) -> None:
    done = run("record", "--out", str(tmp_path / "out"), "--", sys.executable, "-I", "-c", "print(1)")
    assert done.stdout == "1\n"
    assert "no Python process was recorded" in done.stderr
    none = run("judge", str(tmp_path / "out"))
    assert none.returncode == 2
    assert "bufspec record" in none.stderr


def test_wrong_use_is_refused_with_a_hint(tmp_path: Path) -> None:
    missing = run("record", "--out", str(tmp_path / "out"), "--", "/no/such/command")
    assert (missing.returncode, "cannot be started" in missing.stderr) == (2, True)
    recorded(tmp_path, "pass")
    again = run("record", "--out", str(tmp_path / "out"), "--", sys.executable, "-c", "pass")
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    os.chmod(tmp_path / "out", 0o700)
    file = run("record", "--out", str(tmp_path / "app.py"), "--", sys.executable, "-c", "pass")
    assert file.returncode == 2
    assert "Traceback" not in missing.stderr + again.stderr + file.stderr
