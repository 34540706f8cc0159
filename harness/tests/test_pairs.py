"""Does every pair get its outcome, whatever its consumer does, and is the right one of the two blamed?"""

from __future__ import annotations

import json
import re
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from bufspec import _engine
from bufspec.fits import as_it_lies, misfit
from bufspec.pairs import blame
from bufspec.pairs.blame import Broken, Fault
from bufspec.pairs.failure import pair_command
from bufspec.pairs.known import KnownPair, judge_known, load_known
from bufspec.run.selection import listed_expression
from bufspec.run.workspace import working_directory
from command_line import run, validator

Event = dict[str, Any]

SUBJECTS = """
import os
from bufspec.declare import consumer, exporter

exporter("mine.memory", expect=b"abcdef")(lambda: bytearray(b"abcdef"))
exporter("mine.frozen", expect=b"abcdef")(lambda: bytes(bytearray(b"abcdef")))
kept = []

consumer("mine.copies", returns="bytes")(bytes)
consumer("mine.aborts")(lambda it: os.abort())
consumer("mine.leaves")(lambda it: os._exit(7))
consumer("mine.hangs")(lambda it: exec("while True: pass"))
consumer("mine.hoards", returns="none")(lambda it: kept.append(memoryview(it)))
consumer("mine.reverses", returns="bytes")(lambda it: bytes(it)[::-1])
consumer("mine.scribbles", returns="none")(lambda it: memoryview(it).__setitem__(0, 99))
consumer("mine.refuses")(lambda it: [][0])
consumer("mine.length")(len)
"""


def validated(text: str) -> list[Event]:
    by_schema = validator("pairs")
    events = [json.loads(line) for line in text.splitlines()]
    for event in events:
        by_schema.validate(event)
    return events


def without_times(events: list[Event]) -> list[Event]:
    return [{key: one[key] for key in one if key not in ("seconds", "started")} for one in events]


def pairs_of(folder: Path, exporters: str, consumers: str, jobs: str = "1") -> tuple[int, list[Event]]:
    (folder / "mine.py").write_text(SUBJECTS, encoding="utf-8")
    words = ["--subjects", "mine.py", "--exporters", exporters, "--consumers", consumers, "--timeout", "1"]
    done = run("pairs", *words, "--json", "--jobs", jobs, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, validated(done.stdout)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    code, events = pairs_of(tmp_path_factory.mktemp("pairs"), "mine.memory", "mine.*")
    assert code == 1
    return events


@pytest.mark.slow
def test_a_death_costs_its_own_pair_and_no_other(events: list[Event]) -> None:
    row = next(one for one in events if one["event"] == "exporter-paired")["outcomes"]
    assert row == {
        "mine.copies": "pass",
        "mine.aborts": "crash",
        "mine.leaves": "exit",
        "mine.hangs": "hang",
        "mine.hoards": "fail",
        "mine.reverses": "fail",
        "mine.scribbles": "fail",
        "mine.refuses": "refused",
        "mine.length": "pass",
    }


@pytest.mark.slow
def test_what_a_consumer_does_to_any_exporter_is_its_own_fault(events: list[Event]) -> None:
    failed = [one for one in events if one["event"] == "pair-failed"]
    assert {one["fault"] for one in failed} == {"consumer"}
    rules = {one["consumer"]: one["rule"] for one in failed if one["exporter"] == "mine.memory"}
    assert rules["mine.aborts"] == "death"
    assert rules["mine.hoards"].startswith("consumer.release.")
    assert rules["mine.reverses"] == "consumer.data.elements_right"
    assert rules["mine.scribbles"].startswith("consumer.write.")


@pytest.mark.slow
def test_a_view_that_is_kept_shows_in_references_and_in_the_lock(events: list[Event]) -> None:
    (failed,) = (
        one
        for one in events
        if one["event"] == "pair-failed"
        and (one["exporter"], one["consumer"]) == ("mine.memory", "mine.hoards")
    )
    assert [one["kind"] for one in failed["symptoms"]] == ["references", "lock"]


@pytest.mark.slow
def test_the_record_is_the_same_for_two_jobs(tmp_path: Path) -> None:
    # One that dies, one that is wrong, one that refuses, and one that does right.
    one, two = (pairs_of(tmp_path, "mine.*", "mine.[acr]*", jobs)[1] for jobs in ("1", "2"))
    assert without_times(two) == without_times(one)
    assert {event["rule"] for event in two if event["event"] == "pair-failed"} >= {"death"}


@pytest.mark.slow
def test_pairs_are_pruned_to_what_touches_a_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SUBJECTS, encoding="utf-8")
    done = run(
        *("pairs", "--subjects", "mine.py", "--json", "--only-touching", "mine.copies"),
        *("--exporters", "stdlib.b*"),
        cwd=tmp_path,
    )
    rows = [one["outcomes"] for one in validated(done.stdout) if one["event"] == "exporter-paired"]
    assert rows
    assert all(list(row) == ["mine.copies"] for row in rows)
    done = run("pairs", "--only-touching", "nobody")
    assert done.returncode == 2
    assert "no pair touches 'nobody'" in done.stderr


@pytest.mark.slow
def test_a_listed_failure_of_a_pair_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(
        """
expectations:
  - subject: "mine.* -> mine.reverses"
    rule: "consumer.data.elements_right"
    reason: "It is meant to turn the bytes round."
    link: "https://example.org/mine/1"
""",
        encoding="utf-8",
    )
    (tmp_path / "mine.py").write_text(SUBJECTS, encoding="utf-8")
    words = ["pairs", "--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.reverses"]
    assert run(*words, cwd=tmp_path).returncode == 1
    done = run(*words, "--expectations", "known.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "It is meant to turn" in done.stdout


@pytest.mark.slow
def test_an_earlier_record_is_taken_over_with_the_known_failures_of_now(tmp_path: Path) -> None:
    subjects, known = tmp_path / "mine.py", tmp_path / "known.yaml"
    subjects.write_text(SUBJECTS, encoding="utf-8")
    words = ["pairs", "--subjects", "mine.py", "--exporters", "mine.memory"]
    words += ["--consumers", "mine.reverses", "--consumers", "mine.copies", "--json"]
    first = run(*words, "--out", "first", cwd=tmp_path)
    assert first.returncode == 1, first.stderr
    subjects.write_text(SUBJECTS.replace("bytes(it)[::-1]", "os.abort()"), encoding="utf-8")
    known.write_text(
        'expectations: [{subject: "mine.reverses", rule: "consumer.data.*", reason: "It is meant so.",'
        ' link: "https://example.org/mine/1"}]',
        encoding="utf-8",
    )
    again = run(*words, "--reuse", "first", "--expectations", "known.yaml", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    (failed,) = [one for one in validated(again.stdout) if one["event"] == "pair-failed"]
    (before,) = [one for one in validated(first.stdout) if one["event"] == "pair-failed"]
    assert (before["verdict"], failed["verdict"], failed["because"]) == (
        "news",
        "as_expected",
        "It is meant so.",
    )
    assert failed["symptoms"] == before["symptoms"], "nothing was tried again"
    more = run(*words, "--consumers", "mine.length", "--reuse", "first", cwd=tmp_path)
    (row,) = [one["outcomes"] for one in validated(more.stdout) if one["event"] == "exporter-paired"]
    assert row == {"mine.copies": "pass", "mine.reverses": "crash", "mine.length": "pass"}, "another choice"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text.replace('"CPython": "', '"CPython": "2.'), "other version of CPython"),
        (lambda text: re.sub('"tables": "[0-9a-f]{8}', '"tables": "01234567', text), "other rules"),
        (lambda text: text[: len(text) // 2], "does not|line|damaged|JSON"),
    ],
)
@pytest.mark.slow
def test_a_record_of_others_is_not_taken_over(
    damage: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    words = ["pairs", "--exporters", "stdlib.bytes", "--consumers", "stdlib.zlib_crc32"]
    assert run(*words, "--out", str(tmp_path)).returncode == 0
    file = tmp_path / "pairs.jsonl"
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    done = run(*words, "--reuse", str(tmp_path))
    assert done.returncode in (2, 3), done.stdout
    assert re.search(said, done.stderr), done.stderr


@pytest.mark.slow
def test_a_trace_shows_every_request_of_a_pair_and_is_kept(tmp_path: Path) -> None:
    words = ["--exporters", "stdlib.bytearray", "--consumer", "zlib:crc32", "--trace", "--out", str(tmp_path)]
    done = run("pairs", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0x000 SIMPLE: granted, released once" in done.stdout
    (line,) = (tmp_path / "traces.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["exporter"] == "stdlib.bytearray"


LEAKS = """
from bufspec.declare import consumer, exporter

kept = []


exporter("mine.memory", expect=b"abcdef")(lambda: bytearray(b"abcdef"))
consumer("mine.leaks_of_its_own", returns="none")(lambda it: kept.append(bytes(memoryview(it)) * 20))
consumer("mine.keeps_views", returns="none")(lambda it: kept.append(memoryview(it)))
"""


@pytest.mark.slow
def test_what_a_consumer_loses_with_any_memory_is_no_failure_of_a_pair(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LEAKS, encoding="utf-8")
    done = run(
        "pairs",
        "--subjects",
        "mine.py",
        "--exporters",
        "mine.*",
        "--consumers",
        "mine.*",
        "--json",
        cwd=tmp_path,
    )
    (row,) = [one for one in validated(done.stdout) if one["event"] == "exporter-paired"]
    assert row["outcomes"] == {"mine.leaks_of_its_own": "pass", "mine.keeps_views": "fail"}


def test_a_relay_forwards_answers_and_refusals() -> None:
    relay = _engine.Relay(b"abc")
    view = memoryview(relay)
    assert view.tobytes() == b"abc"
    assert [one["releases"] for one in relay.log()] == [0]
    view.release()
    assert [one["releases"] for one in relay.log()] == [1]
    writable = 0x001
    assert _engine.memory_of(relay, writable) is None
    assert [one["exception"] for one in relay.log()] == ["", "BufferError"]
    with pytest.raises(TypeError):
        _engine.Relay(5)


@pytest.mark.slow
def test_known_culprits_are_named(tmp_path: Path) -> None:
    rows = load_known()
    assert len(rows) >= 40
    first: dict[str, list[KnownPair]] = {}
    for row in rows:
        first.setdefault(row.fault, []).append(row)
    assert set(first) == {*(one.value for one in Fault if one is not Fault.UNEXPLAINED), "works"}
    sample = [row for group in first.values() for row in group[::9]]

    async def judge() -> list[str]:
        with working_directory() as work:
            score = await judge_known(work, jobs=2, timeout=10.0, pairs=sample)
        return [f"{one.pair}: {one.said}" for one in score.wrong]

    assert anyio.run(judge) == []


@pytest.mark.slow
def test_pairs_see_writes_into_readonly_memory_moves_below_a_kept_result_and_late_releases() -> None:
    done = run(
        "pairs", "--subjects", "pair_subjects.py", "--exporters", "pair.*", "--consumers", "pair.*", "--json"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    failed = {
        (one["exporter"], one["consumer"]): json.dumps(one)
        for one in map(json.loads, done.stdout.splitlines())
        if one["event"] == "pair-failed"
    }
    assert set(failed) == {
        ("pair.readonly", "pair.fills_anyway"),
        ("pair.grows", "pair.keeps_a_pointer"),
        ("pair.large", "pair.keeps_a_pointer"),
        ("pair.large", "pair.wrong_far_in"),
        ("pair.null", "pair.looks_at_nothing"),
    }
    assert "consumer.write.only_if_asked" in failed["pair.readonly", "pair.fills_anyway"]
    assert "consumer.hold.while_used" in failed["pair.grows", "pair.keeps_a_pointer"]
    of_nothing = json.loads(failed["pair.null", "pair.looks_at_nothing"])
    assert of_nothing["fault"] == "consumer"
    assert of_nothing["consumer_rules"][0]["case"].startswith("scenario:"), "on memory without an address"


def test_a_death_elsewhere_explains_deaths_alone() -> None:
    elsewhere = [Broken("death", "consumer.null_if_empty_empty_1d", beyond=True)]
    here = [Broken("death", "scenario:00")]
    state = [Broken("lifetime.release.references_restored", "leak.word_0x000", beyond=True)]

    def fault(kind: str, accused: list[Broken], seen: list[Broken]) -> str:
        verdict = blame._decide([kind], accused, seen, (0,), misleads=False)
        return verdict.fault if verdict else ""

    assert fault("references", state, elsewhere) == "exporter"
    assert fault("references", state, here) == "both"
    assert fault("data", [], elsewhere) == ""
    assert fault("death", [], elsewhere) == "consumer"
    in_threads = [blame._died_of("threads.word_0x000", "no result within the time limit")]
    keeps = [Broken("consumer.release.exactly_once", "scenario:00")]
    assert fault("references", in_threads, keeps) == "consumer"
    assert fault("death", in_threads, []) == "exporter"


def test_who_is_at_fault_is_who_made_the_symptom() -> None:
    dies = [Broken("death", "scenario:00")]
    keeps = [Broken("consumer.release.exactly_once", "scenario:00")]
    short_lived = [Broken("lifetime.export.memory_valid", "drop.while_held_0x11c")]
    with_arrays = [Broken("request.nd.shape_absent", "request.word_0x000")]

    def fault(kind: str, accused: list[Broken], seen: list[Broken]) -> str:
        verdict = blame._decide([kind], accused, seen, (0,), misleads=True)
        return verdict.fault if verdict else ""

    assert fault("references", short_lived, keeps) == "consumer", "memory that goes too early keeps nothing"
    assert fault("references", short_lived, []) == "exporter", "where nothing else explains it"
    assert fault("death", with_arrays, dies) == "consumer", "it dies with our exporter as well"
    assert fault("death", with_arrays, []) == "exporter"


FITTING = """
import array
from bufspec.declare import consumer, exporter

exporter("mine.table", expect=bytes(96))(lambda: array.array("f", bytes(96)))
exporter("mine.longer")(lambda: array.array("f", bytes(100)))
exporter("mine.numbers")(lambda: array.array("i", bytes(96)))

@consumer("mine.takes_24_floats", returns="bytes", fits={"shape": (24,), "format": "f"})
def takes_24_floats(memory):
    view = memoryview(memory)
    assert (view.shape, view.format) == ((24,), "f"), "never called with another memory"
    return bytes(view)
"""


@pytest.mark.slow
def test_a_consumer_is_paired_only_with_memory_that_fits(tmp_path: Path) -> None:
    (tmp_path / "fitting.py").write_text(FITTING, encoding="utf-8")
    words = ["--subjects", "fitting.py", "--exporters", "mine.*", "--consumers", "mine.*"]
    done = run("pairs", *words, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    paired = {one["exporter"]: one for one in validated(done.stdout) if one["event"] == "exporter-paired"}
    assert paired["mine.table"]["outcomes"] == {"mine.takes_24_floats": "pass"}
    for name, reason in (("mine.longer", "(25,)"), ("mine.numbers", "'i'")):
        assert paired[name]["outcomes"] == {"mine.takes_24_floats": "skip"}
        assert reason in paired[name]["skipped"]["mine.takes_24_floats"]
    said = " ".join(run("pairs", *words, "-v", cwd=tmp_path).stdout.split())
    reason = paired["mine.longer"]["skipped"]["mine.takes_24_floats"]
    assert "; - not judged: " in said and f"{reason} (1 pair)" in said, said


@pytest.mark.parametrize(
    ("shape", "strides", "as_they_lie"),
    [
        ([2, 3], [3, 1], b"abcdef"),
        ([2, 3], [1, 2], b"adbecf"),
        ([3, 1, 2], [1, 99, 3], b"acebdf"),
        ([2, 3], [1, 4], b"abcdef"),  # not one segment
        ([6], [-1], b"abcdef"),
    ],
)
def test_the_order_of_the_memory_is_that_of_the_segment(
    shape: list[int], strides: list[int], as_they_lie: bytes
) -> None:
    layout = {"shape": shape, "strides": strides, "itemsize": 1}
    assert as_it_lies(b"abcdef", layout) == as_they_lie


@pytest.mark.parametrize(
    ("fits", "fault"),
    [
        ({"nbytes": 12}, ""),
        ({"shape": (2, 3), "format": "h", "align": 2}, ""),
        ({"nbytes": 6}, "12 bytes"),
        ({"shape": (6,)}, "(2, 3)"),
        ({"format": "H"}, "'@h'"),
        ({"nbytes": 12, "align": 4}, "aligned"),
    ],
)
def test_memory_that_does_not_fit_says_why(fits: dict[str, Any], fault: str) -> None:
    layout = {"shape": [2, 3], "strides": [6, 2], "itemsize": 2, "format": "@h"}
    said = misfit(fits, layout, 4096)
    assert fault in said and bool(said) == bool(fault)


def test_a_relay_leaves_the_consumers_exception_alone() -> None:
    """A consumer may release the view while it raises; the listener must not swallow that."""
    heard: list[str] = []
    relay = _engine.Relay(b"abc", lambda what, flags: heard.append(what))
    view = memoryview(relay)

    class Raising:
        def __del__(self) -> None:
            view.release()

    def consume() -> None:
        holder = Raising()  # noqa: F841  released while the exception passes
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    assert heard == ["request", "release"]


@pytest.mark.slow
def test_pairs_are_tried_in_another_interpreter(tmp_path: Path) -> None:
    venv.create(tmp_path / "there", symlinks=True)
    python = str(tmp_path / "there" / "bin" / "python")
    words = ["--exporter", "sys:prefix.encode()", "--consumer", "zlib:crc32", "--python", python]
    done = run("pairs", *words, "--trace", "--json")
    assert done.returncode == 0, done.stderr
    (trace,) = json.loads(done.stdout)
    assert bytes.fromhex(trace["seen"]["memory"]["elements"]) == str(tmp_path / "there").encode()
    done = run("pairs", *words[:-1], str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "there is no such interpreter" in done.stderr


def test_the_replay_of_a_pair_names_the_interpreter() -> None:
    one, other = listed_expression("sys:prefix"), listed_expression("consumer zlib:crc32")
    assert pair_command(one, other, "/there/python").endswith(" --python /there/python --trace")
    assert "--python" not in pair_command(one, other)
