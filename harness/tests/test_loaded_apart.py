"""A worker loads the file or the peer of the subject that it judges, and no other one.

What loading comes to later, in a second process, is then that subject's alone.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from command_line import Record, record, run

PEER = Path(__file__).resolve().parent / "fakes" / "changing_peer.py"
FEW = ("--case", "request.word_0x00?", "--setup-timeout", "5")
LATER = """
import os, pathlib, time
from bufspec.declare import exporter
loads = pathlib.Path({loads!r})
loads.open("a").write("x")
if loads.stat().st_size > 1:
    {misdeed}
exporter("flaky.one")(bytearray)
"""
MISDEEDS = {
    "exits": "os._exit(3)",
    "hangs": "time.sleep(600)",
    "raises": "raise OSError('address already in use')",
    "declares for others": "exporter('good.one')(bytearray)",
    "is removed": "os.unlink(__file__)",
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    text = "from bufspec.declare import exporter\nexporter('good.one')(bytearray)\n"
    text += "def leave():\n    import os\n    os._exit(1)\nexporter('good.zero')(leave)\n"
    (tmp_path / "good.py").write_text(text, "utf-8")
    return tmp_path / "good.py"


def flaky(folder: Path, misdeed: str) -> str:
    text = LATER.format(loads=str(folder / "loads"), misdeed=MISDEEDS[misdeed])
    (folder / "flaky.py").write_text(text, "utf-8")
    return str(folder / "flaky.py")


def judged(*words: str) -> Record:
    """With a subject that ends its worker, so that the others need another one."""
    return record("stdlib.bytes", "good.*", "--jobs", "1", *FEW, *words)


@pytest.mark.slow
@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_a_file_that_fails_later_costs_its_own_subjects(misdeed: str, good: Path, tmp_path: Path) -> None:
    found = judged("--subjects", str(good), "flaky.*", "--subjects", flaky(tmp_path, misdeed))
    assert {"stdlib.bytes", "good.one", "flaky.one"} <= set(found.subjects)
    assert [found.subjects[name]["conforms"] for name in ("stdlib.bytes", "good.one")] == [True, True]


@pytest.mark.slow
def test_pairs_of_others_do_not_load_it(good: Path, tmp_path: Path) -> None:
    files = ["--subjects", str(good), "--subjects", flaky(tmp_path, "exits")]
    done = run("pairs", "--exporters", "good.one", "--consumers", "stdlib.memoryview_tobytes", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "loads").read_text() == "x"


def changing(what: str, first: int, folder: Path) -> str:
    return shlex.join([sys.executable, "-E", str(PEER), what, str(first), str(folder / "starts")])


@pytest.mark.slow
@pytest.mark.parametrize("what", ["exits", "garbage"])
def test_a_peer_that_fails_later_costs_its_own_subjects(what: str, good: Path, tmp_path: Path) -> None:
    peer = changing(what, 2, tmp_path)
    found = judged("--subjects", str(good), "changing.*", "--remote", peer)
    assert [found.subjects[name]["conforms"] for name in ("stdlib.bytes", "good.one")] == [True, True]
    assert found.subjects["changing.one"]["conforms"] is not True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        *((what, "corrupt") for what in ("operations", "builds", "target", "name", "protocol", "garbage")),
        ("exits", "exit"),
    ],
)
def test_a_peer_that_says_something_else_when_it_is_judged_is_not_believed(
    what: str, outcome: str, tmp_path: Path
) -> None:
    found = record("changing.one", *FEW, "--jobs", "1", "--remote", changing(what, 3, tmp_path))
    deaths = [one for one in found.events if one["event"] == "case-failed"]
    assert (found.code, [one["outcome"] for one in deaths], found.foot["complete"]) == (1, [outcome], True)


@pytest.mark.slow
@pytest.mark.parametrize("first", [1, 3])
def test_a_peer_that_observes_nothing_is_undecided(first: int, tmp_path: Path) -> None:
    found = record("changing.one", *FEW, "--jobs", "1", "--remote", changing("nothing", first, tmp_path))
    undecided = found.subjects["changing.one"]["undecided"]
    assert undecided["reason"] == "no rule could be judged: its peer observes nothing"
    assert found.code == 1
