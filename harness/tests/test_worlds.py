"""Do the peers of other implementations of Python answer by the protocol, and as the tables have it?

What they share, harness/adapters/remote/worlds/any_python, runs on this CPython too, where every case of the
tables must come out as the table says.  Each world is asked a little where it is installed, and everything by
the nightly run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from bufspec.remote.peer import Peer
from bufspec.remote.trace import Completion
from bufspec.remote.unseen import unjudged
from bufspec.values import UNSEEN_ANSWER
from command_line import Record, events_from_lines, run

ROOT = Path(__file__).resolve().parents[2]
WORLDS = ROOT / "harness" / "adapters" / "remote" / "worlds"
PROGRAMS = {
    "graalpy": "classes/Launcher.class",
    "jython": "classes/bufspec/jython/Held.class",
    "rustpython": "target/release/bufspec-rustpython-peer",
}
"""The worlds, and what `install` makes of each in build/worlds."""
FULL_RO = 0x11C

ON_CPYTHON = """
import sys
sys.path.insert(0, {folder!r})
from messages import Peer, serve
from subjects import all_subjects
serve(Peer("any Python", {{"implementation": "AnyPython", "version": "1.0"}}, all_subjects("any")))
"""


@pytest.fixture(scope="module")
def on_cpython(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the shared peer on this interpreter."""
    file = tmp_path_factory.mktemp("any") / "on_cpython.py"
    file.write_text(ON_CPYTHON.format(folder=str(WORLDS / "any_python")), encoding="utf-8")
    return [sys.executable, str(file)]


def command_of(world: str) -> list[str]:
    """What runs the peer of a world; skips the test where it is not installed."""
    if not (ROOT / "build" / "worlds" / world / PROGRAMS[world]).exists():
        pytest.skip(f"{world} is not installed: {WORLDS.relative_to(ROOT) / world / 'install'}")
    return [str(WORLDS / world / "run")]


def cases_of_tables() -> list[tuple[str, dict[str, Any]]]:
    """The data cases of all rules, each with its rule."""
    files = sorted((ROOT / "spec" / "tables").glob("*.yaml"))
    rules = [rule for file in files for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]]
    return [
        (rule["id"], case)
        for rule in rules
        if "current" in rule["editions"]
        for case in rule.get("cases", ())
    ]


def differences(peer: Peer, subject: str, calls: list[str]) -> tuple[list[str], Counter[str]]:
    """The cases of those calls whose answer is not the table's, and how many were answered in which way."""
    found: list[str] = []
    kinds: Counter[str] = Counter()
    for number, (rule, case) in enumerate(cases_of_tables()):
        if case["call"] not in calls:
            continue
        message = {"type": "call", "id": number, "subject": subject, "call": case["call"]}
        answered = peer.ask({**message, "given": case.get("given", {})})
        kinds[answered["type"]] += 1
        if answered["type"] != "result":
            continue
        answer = {name: one for name, one in answered["answer"].items() if name in {*case["expect"], "error"}}
        if answer != case["expect"]:
            found.append(f"{rule}/{case['id']}")
    return found, kinds


def scenario(subject: str, *steps: dict[str, Any]) -> dict[str, Any]:
    tried = {"target": "exporter", "edition": "current", "layout": None, "function": "is_contiguous"}
    tried |= {"check": None, "order": "C", "behaviours": [], "refused_requests": [], "steps": list(steps)}
    return {"type": "scenario", "id": 7, "subject": subject, "scenario": tried}


ACQUIRE = {"kind": "acquire", "slot": 0, "flags": FULL_RO}
RELEASE = {"kind": "release", "slot": 0}


@pytest.mark.slow
def test_the_shared_peer_answers_each_case_of_the_tables_right(on_cpython: list[str]) -> None:
    with Peer(on_cpython) as peer:
        library = peer.hello().subjects["any.memoryview_type"]
        wrong, kinds = differences(peer, "any.memoryview_type", library["calls"])
    assert wrong == []
    assert kinds["error"] == kinds["refused"] == 0
    assert kinds["result"] > 60 and kinds["skipped"] > 20


def test_the_shared_peer_sees_a_resize_refused_and_a_write_arrive(on_cpython: list[str]) -> None:
    mutate = {"kind": "mutate", "operation": 0}
    asked = scenario("any.bytearray", ACQUIRE, {"kind": "write", "slot": 0}, mutate, RELEASE, mutate)
    with Peer(on_cpython) as peer:
        hello = peer.hello()
        steps = peer.ask(asked)["trace"]["steps"]
    assert hello.subjects["any.bytearray"]["operations"][0] == "append"
    assert steps[0]["answer"]["data"] == bytes(range(12)).hex()
    assert steps[1]["written"] == {"tried": True, "possible": True, "read_back": True, "restored": True}
    assert steps[2]["mutated"]["error"] == "BufferError" and steps[2]["mutated"]["raised"]
    assert not steps[4]["mutated"]["raised"] and steps[4]["mutated"]["twin_tried"]


@pytest.mark.parametrize(
    ("subject", "unseen"),
    [
        ("bytearray", {"buf", "obj", "format", "shape", "strides"}),
        ("array_h", {"buf", "obj", "shape", "strides"}),
        ("memoryview_2d", {"buf", "obj", "strides"}),
        ("memoryview_sliced", {"buf", "obj", "format", "shape"}),
    ],
)
def test_fields_that_memoryview_would_fill_in_are_unseen(
    on_cpython: list[str], subject: str, unseen: set[str]
) -> None:
    with Peer(on_cpython) as peer:
        declared = peer.hello().subjects[f"any.{subject}"]
        answer = peer.ask(scenario(f"any.{subject}", ACQUIRE))["trace"]["steps"][0]["answer"]
    assert set(declared["unseen"]) == unseen
    shown = {"format_text": "format"}
    assert not unseen & {shown.get(name, name) for name in answer["view"]}


def test_a_request_that_python_code_cannot_make_is_skipped(on_cpython: list[str]) -> None:
    with Peer(on_cpython) as peer:
        peer.hello()
        answer = peer.ask(scenario("any.bytes", {**ACQUIRE, "flags": 0}))
    assert answer["type"] == "skipped" and "FULL_RO" in answer["reason"]


@pytest.mark.slow
def test_a_record_names_what_runs_the_subjects_of_a_peer(on_cpython: list[str]) -> None:
    chosen = ("any.bytes", "--case", "data.read_0x11c", "--format", "json")
    done = run("check", "--remote", " ".join(on_cpython), *chosen)
    versions = events_from_lines(done.stdout)[0]["versions"]
    assert done.returncode == 0, done.stderr
    assert versions["AnyPython"] == "1.0" and len(versions) > 2


@pytest.mark.parametrize("refused", [False, True])
def test_an_object_that_was_changed_has_other_elements_than_those_declared(refused: bool) -> None:
    """Unless the operation was refused, which changes nothing."""
    subject = {"target": "exporter", "observes": [], "unseen": []}
    trace = Completion(subject, expected=b"ab", operations=("append",))
    acquire = {"kind": "acquire", "slot": 0, "flags": FULL_RO}
    before = trace.record(acquire, {"answer": {"granted": True, "data": b"ab".hex()}}, "step 0")
    mutated = {"raised": refused, **({"error": "BufferError"} if refused else {})}
    trace.record({"kind": "mutate", "operation": 0}, {"mutated": mutated}, "step 1")
    after = trace.record(acquire, {"answer": {"granted": True, "data": b"abc".hex()}}, "step 2")
    assert before["answer"]["declared"] == "same"
    assert after["answer"]["declared"] == ("different" if refused else UNSEEN_ANSWER["declared"])


def test_rules_about_absent_fields_are_skipped_where_a_field_is_never_absent() -> None:
    rules = [
        "request.format.absent",
        "request.nd.shape_absent",
        "request.nd.shape_present",
        "format.itemsize.agrees",
    ]
    found = unjudged({"observes": ["struct", "canaries"], "unseen": ["absence"]}, rules)
    assert found == dict.fromkeys(rules[:2], "the peer cannot see the absence of a field")


@pytest.mark.parametrize(
    "world",
    [pytest.param(one, marks=pytest.mark.nightly) if one == "graalpy" else one for one in PROGRAMS],
)
def test_a_world_answers(world: str) -> None:
    slice_of = {"shape": [5], "start": 1, "stop": 4, "step": 1}
    call = {"type": "call", "id": 8, "subject": f"{world}.memoryview_type", "call": "memoryview_slice"}
    with Peer(command_of(world)) as peer:
        hello = peer.hello(300)
        steps = peer.ask(scenario(f"{world}.bytearray", ACQUIRE, RELEASE))["trace"]["steps"]
        sliced = peer.ask({**call, "given": slice_of})
    assert hello.implementation in ("GraalVM", "Jython", "RustPython")
    assert steps[0]["answer"]["granted"] and steps[0]["answer"]["data"] == bytes(range(12)).hex()
    assert steps[1] == {"released": {"exception_set": False}}
    assert sliced["answer"] == {"shape": [3], "strides": [1], "elements": [1, 2, 3]}


@pytest.mark.nightly
@pytest.mark.parametrize("world", PROGRAMS)
def test_a_world_shows_what_is_expected_of_it(world: str) -> None:
    command = command_of(world)
    done = run(
        "check",
        "--remote",
        " ".join(command),
        f"{world}.*",
        "--format",
        "json",
        "--timeout",
        "120",
        seconds=3000,
    )
    record = Record(done.returncode, events_from_lines(done.stdout), done.stderr)
    assert record.code == 0, done.stderr
    assert record.foot["complete"]
    assert sum(
        rule["outcome"] == "pass" for one in record.subjects.values() for rule in one["rules"].values()
    )


def test_what_starts_a_world_that_is_not_installed_says_what_to_run(tmp_path: Path) -> None:
    for world in PROGRAMS:
        folder = tmp_path / "harness" / "adapters" / "remote" / "worlds" / world
        folder.mkdir(parents=True)
        shutil.copy(WORLDS / world / "run", folder)
        done = subprocess.run([folder / "run"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr == f"{world}: not installed; run {folder}/install\n"
        assert done.stdout == ""
