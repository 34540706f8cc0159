"""Does whatever a peer does wrong cost it that one case, with a clear error, and does the run go on?

fakes/faulty_peer.py has a subject for each way to break the protocol, which it does in the case of request
0x003 of 16.  All are judged in one run.
"""

from __future__ import annotations

import shlex
import signal
import sys
from pathlib import Path

import pytest
from attrs import evolve
from bufspec.isolation.job import SETUP_SECONDS, Job, hello_seconds, peer_seconds
from bufspec.remote.peer import BYE_SECONDS, Peer, PeerFault, command_from
from bufspec.remote.subject import Account, RemoteSubject
from bufspec.wire.remote_file import HELLO_SECONDS
from bufspec.worker.remote import memory_of
from command_line import Event, events_from_lines, run
from conftest import OF_THEM, sample

FAKE = Path(__file__).resolve().parent / "fakes" / "faulty_peer.py"
COMMAND = shlex.join([sys.executable, "-S", "-E", str(FAKE)])
CASE = "request.word_0x003"
QUOTED = '\'{"type": "result", "id": 5, "trace": {"steps": [{"answer": {\'...'
FAULTS: dict[str, tuple[str, str]] = {
    "garbage": (
        "corrupt",
        "not a line of JSON (Expecting value: line 1 column 1 (char 0)): 'hello there \\x1b[31mred'",
    ),
    "empty_line": ("corrupt", "not a line of JSON (Expecting value: line 1 column 1 (char 0)): ''"),
    "nul_bytes": ("corrupt", "not a line of JSON (Expecting value: line 1 column 1 (char 0)): '\\x00\\x00"),
    "not_utf8": (
        "corrupt",
        'not UTF-8: byte 0xff at offset 9; write each line in UTF-8: \'{"type":"\\xff\\xfe',
    ),
    "utf16": (
        "corrupt",
        "UTF-16 or UTF-32, not UTF-8: byte 0x00 at offset 1; write each line in UTF-8: '{\\x00",
    ),
    "log_before": (
        "corrupt",
        "not a line of JSON (Expecting value: line 1 column 1 (char 0)): 'debug: asked'",
    ),
    "list": ("corrupt", "not an object: '[1, 2]'"),
    "no_type": ("corrupt", "no type, where one of hello, result, refused, skipped, error is expected"),
    "unknown_type": ("corrupt", "the type 'answer', where one of hello, result, refused, skipped, error"),
    "hello_again": ("corrupt", "an answer to id none, where 5 was asked"),
    "wrong_id": ("corrupt", "an answer to id 6, where 5 was asked"),
    "no_id": ("corrupt", "result: the message: missing key id"),
    "id_as_text": ("corrupt", 'result: id: "5" must be of type integer'),
    "two_answers": ("corrupt", f"more than one answer to scenario: after {QUOTED} also {QUOTED}"),
    "half_a_line": ("exit", "the peer exited with status 0 without an answer to scenario, after half a line"),
    "half_and_silent": ("hang", "no result within the time limit"),
    "silent": ("hang", "no result within the time limit"),
    "endless_line": ("corrupt", "a line of more than 16777216 bytes, which begins 'xxxxxx"),
    "exits": (
        "exit",
        "the peer exited with status 3 without an answer to scenario; it said: KeyError: 'flags'",
    ),
    "crashes": (
        "crash",
        "the peer ended by SIGSEGV without an answer to scenario; it said: what a peer says last",
    ),
    "closes_output": ("corrupt", "the peer closed its standard output without an answer to scenario"),
    "huge_number": ("corrupt", "not a line of JSON (Exceeds the limit (4300 digits)"),
    "beyond_64_bits": ("corrupt", "result: trace.steps[0].answer.view.len: 1180591620717411303424 is out of"),
    "fraction": ("corrupt", "result: trace.steps[0].answer.view.len: 2.5 must be of type integer"),
    "infinity": ("corrupt", "result: trace.steps[0].answer.view.len: Infinity must be of type integer"),
    "not_a_number": ("corrupt", "not a line of JSON (NaN is no JSON)"),
    "deep": ("corrupt", "more than 12 values in each other: '[[["),
    "deep_object": ("corrupt", 'more than 12 values in each other: \'{"type":{"type"'),
    "member_twice": ("corrupt", "not a line of JSON (an object has a member twice)"),
    "member_unknown": ("corrupt", "result: the message: no member 'colour'"),
    "no_granted": ("corrupt", "result: trace.steps[0].answer: missing key granted"),
    "wrong_type": ("corrupt", 'result: trace.steps[0].answer.view.len: "three" must be of type integer'),
    "unknown_owner": ("corrupt", 'result: trace.steps[0].answer.view.obj: unknown value "me" of obj'),
    "odd_data": ("corrupt", 'result: trace.steps[0].answer.data: "616" is not well formed'),
    "long_text": ("corrupt", 'result: trace.steps[0].answer.view.format_text: "BBBBB'),
    "view_lacks_shape": ("corrupt", "result: trace.steps[0].answer: no view.shape, and the subject observes"),
    "many_extents": ("corrupt", "result: trace.steps[0].answer.view.shape: [1, 1, 1"),
    "many_records": ("corrupt", "result: trace.steps: 5 records of 4 steps"),
    "few_records": ("corrupt", "result: trace.steps: 2 records of 4 steps"),
    "leaves_a_child": ("exit", "the peer exited with status 5 without an answer to scenario"),
    "much_on_stderr": (
        "exit",
        "the peer exited with status 4 without an answer to scenario; it said: and then it ended",
    ),
    "very_many_records": ("corrupt", "result: trace.steps: [{}, {}, {}"),
    "record_of_another": ("corrupt", "result: trace.steps[3]: answer of a step release, which has released"),
    "answer_for_trace": ("corrupt", "result: no trace in answer to scenario"),
    "nothing_in_result": ("corrupt", "result: the message: missing key"),
    "refuses": ("raised", "the peer refuses the message: no such step"),
    "fails": ("raised", "the peer failed: out of memory"),
    "error_without_detail": ("corrupt", "error: the message: missing key detail"),
}
"""Each way, what the case comes to, and how the text begins that says why."""
LATE = {
    "late_second": "an answer to id 5, where 6 was asked",
    "closes_input": "the peer closed its standard input before it had read the message",
}
"""What is found when the next message is sent only: it costs the case after it."""


WAYS = [*FAULTS, *LATE]
BY_NAME = "wrong_type"
"""What other tests speak of."""


def outcome_of(way: str) -> str:
    return "late" if way in LATE else FAULTS[way][0]


DRAWN = sample(WAYS, 3, kind=outcome_of, always=BY_NAME.__eq__)


@pytest.fixture(scope="module", params=OF_THEM)
def ways(request: pytest.FixtureRequest) -> list[str]:
    """A third of those with each outcome, nightly all."""
    return DRAWN if request.param == "drawn" else WAYS


@pytest.fixture(scope="module")
def events(ways: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The record of a run of these ways; if of all, nobody names them."""
    out = tmp_path_factory.mktemp("faults") / "record"
    names = [f"faulty.{way}" for way in ways] if ways is DRAWN else []
    ended = run(
        *("check", "--remote", COMMAND, *names, "--case", "request.word_0x00?"),
        *("--timeout", "2", "--jobs", "2", "--out", str(out)),
    )
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr.replace("Traceback ...", "")
    return events_from_lines((out / "events.jsonl").read_text(encoding="utf-8"))


def of_subject(events: list[Event], event: str, way: str) -> list[Event]:
    return [one for one in events if one["event"] == event and one["subject"] == f"faulty.{way}"]


@pytest.mark.slow
def test_the_run_has_every_way(ways: list[str], events: list[Event]) -> None:
    assert events[-1]["complete"]
    judged = {one["subject"] for one in events if one["event"] == "subject-finished"}
    assert judged == {f"faulty.{way}" for way in ways}
    assert len(FAULTS) >= 40


@pytest.mark.slow
def test_a_fault_costs_its_own_case_and_no_other(ways: list[str], events: list[Event]) -> None:
    for way in ways:
        outcome, said = FAULTS.get(way) or ("corrupt", LATE[way])
        (failed,) = of_subject(events, "case-failed", way)
        assert failed["case"] == ("request.word_0x004" if way in LATE else CASE), way
        assert (failed["outcome"], failed["rule"]) == (outcome, None), way
        assert failed["found"].startswith(said), way
        assert failed["found"].isprintable() and len(failed["found"]) < 700, way
        (finished,) = of_subject(events, "subject-finished", way)
        assert (finished["cases"], finished["deaths"], finished["cases_skipped"]) == (15, 1, 0), way
        assert finished["conforms"] is False, way
        assert not [id_ for id_, rule in finished["rules"].items() if rule["failed"]], way


@pytest.mark.slow
def test_the_text_says_where_the_readme_has_it(events: list[Event]) -> None:
    (failed,) = of_subject(events, "case-failed", BY_NAME)
    assert failed["found"].endswith("(see Result in harness/adapters/remote/README.md)")


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("protocol", "the peer speaks protocol 2, and bufspec 1"),
        ("no_subjects", "hello: subjects: [] is too short"),
        ("twice", "hello names a subject twice"),
        ("stray", "stdlib.mine is a stray: other files declare the subjects of stdlib"),
        ("garbage", "not a line of JSON (Expecting value: line 1 column 1 (char 0)): 'Welcome to peer 1.0'"),
        ("not_utf8", "not UTF-8: byte 0xff at offset 0; write each line in UTF-8: '\\xff\\xfe\\x80'"),
        ("unknown_observation", 'hello: subjects[0].observes[0]: unknown value "all" of observes'),
        (
            "dies",
            "the peer exited with status 1 without an answer to hello; it said: ModuleNotFoundError: No",
        ),
    ],
)
def test_a_peer_that_says_no_hello_is_refused(way: str, said: str) -> None:
    ended = run("check", "--remote", f"{COMMAND} {way}")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {said}"), ended.stderr
    assert "where: " in ended.stderr and "hint: " in ended.stderr


def test_a_peer_may_take_as_long_to_say_hello_as_an_object_to_be_made() -> None:
    ended = run("check", "--remote", f"{COMMAND} silent", "--setup-timeout", "0.3")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: the peer gave no answer to hello within 0.3 s"), ended.stderr
    assert "--setup-timeout SECONDS gives it longer" in ended.stderr


def test_so_it_may_where_its_subject_is_looked_at_or_judged() -> None:
    silent = RemoteSubject(f"{COMMAND} silent", "faulty.garbage", memory_of, Account(), hello_seconds=0.3)
    with pytest.raises(PeerFault, match=r"no answer to hello within 0\.3 s"), silent:
        pass


PEERS = ("remote:a", "mine.py", "remote:b")
JOB = Job("faulty.garbage", "t", "l", "j", "current", None, 1, "exporter", timeout=1.0, files=PEERS)


def test_a_virtual_machine_may_start_slowly_unless_a_time_is_named() -> None:
    assert hello_seconds(SETUP_SECONDS) == HELLO_SECONDS > SETUP_SECONDS
    assert [hello_seconds(one) for one in (0.3, 5.0, 600.0)] == [0.3, 5.0, 600.0]
    assert JOB.request()["hello_seconds"] == HELLO_SECONDS
    assert evolve(JOB, setup_timeout=5.0).request()["hello_seconds"] == 5.0


@pytest.mark.parametrize("setup_timeout", [0.3, SETUP_SECONDS, 600.0])
def test_a_worker_has_longer_than_it_waits_for_its_peers(setup_timeout: float) -> None:
    job = evolve(JOB, setup_timeout=setup_timeout)
    each = hello_seconds(setup_timeout) + 2 * BYE_SECONDS
    assert job.peer_seconds > 2 * each
    assert peer_seconds(["mine.py"], setup_timeout) == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-command-at-all", "the peer cannot be started: "),
        ("'unclosed", "not a command: No closing quotation"),
        (" ", "an empty command"),
    ],
)
def test_a_command_that_is_none_is_refused(command: str, said: str) -> None:
    ended = run("check", "--remote", command)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {said}"), ended.stderr


@pytest.mark.slow
def test_a_peer_that_stays_is_killed_and_what_it_answered_counts(tmp_path: Path) -> None:
    # A case may take less time than the bye.
    ended = run(
        *("check", "--remote", f"{COMMAND} stays", "faulty.garbage", "--case", "request.word_0x000"),
        *("--timeout", "1.5", "--out", str(tmp_path)),
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (finished,) = [
        one
        for one in events_from_lines((tmp_path / "events.jsonl").read_text(encoding="utf-8"))
        if one["event"] == "subject-finished"
    ]
    assert (finished["cases"], finished["deaths"]) == (1, 0)


@pytest.mark.slow
def test_a_peer_that_stays_leaves_no_process() -> None:
    with Peer(command_from(f"{COMMAND} stays")) as peer:
        peer.hello()
    assert peer._process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_fault_is_seen_again_in_a_replay() -> None:
    ended = run("replay", "--subjects", f"remote:{COMMAND}", f"faulty.wrong_type/{CASE}")
    assert ended.returncode == 1
    assert "must be of type integer" in " ".join(ended.stdout.split())
