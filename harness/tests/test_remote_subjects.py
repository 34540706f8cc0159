"""Are subjects of a peer judged like any other: conforming ones pass, a break that is put into one is found?

The peer is harness/adapters/remote/examples/peer.py, which its README alone was needed for.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Record, events_from_lines, run

EXAMPLE = Path(__file__).resolve().parents[1] / "adapters" / "remote" / "examples" / "peer.py"
CHOSEN = ("--case", "request.word_0x11?", "--case", "data.*", "--case", "direct.word_0x11?")
SEEN = 'fields |= {"len": view.nbytes, "readonly": int(view.readonly), "format_text": view.format}'


def peer(file: Path) -> str:
    return shlex.join([sys.executable, str(file)])


def judged(*arguments: str) -> Record:
    done = run("check", *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


@pytest.fixture(scope="module")
def record() -> Record:
    return judged("--remote", peer(EXAMPLE), *CHOSEN)


def test_the_example_is_as_short_as_it_is_said_to_be() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.slow
def test_subjects_that_do_right_conform(record: Record) -> None:
    assert record.code == 0
    assert list(record.subjects) == ["example.bytes", "example.bytearray"]
    for one in record.subjects.values():
        assert one["conforms"] and one["deaths"] == 0 and one["granted"] > 0
        assert sum(rule["outcome"] == "pass" for rule in one["rules"].values()) > 15


def test_rules_that_the_peer_cannot_show_are_skipped_with_the_reason(record: Record) -> None:
    rules = record.subjects["example.bytes"]["rules"]
    assert rules["field.obj.not_null"]["reason"] == "the peer cannot see obj"
    assert rules["field.buf.same_memory"]["reason"] == "the peer cannot see buf"
    assert rules["field.struct.all_filled"]["reason"] == "the peer does not observe canaries"
    assert rules["lifetime.release.memory_restored"]["reason"] == "cannot observe process"
    assert rules["lifetime.export.lock_ends"]["reason"] == "cannot observe mutation"
    assert all(rules[id_]["outcome"] == "skip" for id_ in rules if "peer" in rules[id_].get("reason", ""))


def test_what_the_peer_skips_is_told_with_its_number(record: Record) -> None:
    notes = record.subjects["example.bytes"]["notes"]
    assert "its peer skipped 4 cases: no step acquire_direct" in notes


BREAKS = {
    "field.len.product": (SEEN, SEEN + '\n    fields["len"] += 1'),
    "format.itemsize.agrees": (SEEN, SEEN + '\n    fields["format_text"] = "i"'),
    "field.strides.elements_right": ("view.tobytes().hex()", "view.tobytes()[::-1].hex()"),
    "field.readonly.boolean": (SEEN, SEEN + '\n    fields["readonly"] = 7'),
    "field.suboffsets.null_if_none": ("list(view.suboffsets) or None", "[-1]"),
    "lifetime.export.memory_unchanged": (
        '{"reread": seen(held[slot])}',
        '{"reread": {**seen(held[slot]), "data": "00" * 6}}',
    ),
}


IN_EACH_RUN = {"field.len.product", "field.strides.elements_right"}


@pytest.mark.parametrize(
    "rule", [one if one in IN_EACH_RUN else pytest.param(one, marks=pytest.mark.nightly) for one in BREAKS]
)
@pytest.mark.slow
def test_a_break_that_is_put_into_the_peer_is_found(rule: str, tmp_path: Path) -> None:
    right, wrong = BREAKS[rule]
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(right) == 1
    broken = tmp_path / "broken.py"
    broken.write_text(text.replace(right, wrong), encoding="utf-8")
    found = judged("--remote", peer(broken), *CHOSEN, "example.bytes")
    failed = {id_ for id_, one in found.subjects["example.bytes"]["rules"].items() if one["failed"]}
    assert failed == {rule}


@pytest.mark.slow
def test_a_subject_file_may_declare_the_subject_of_a_peer(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from bufspec.declare import remote\n"
        f"remote('example.bytes', {peer(EXAMPLE)!r})\n"
        f"remote('example.list', {peer(EXAMPLE)!r})\n",
        encoding="utf-8",
    )
    found = judged("--subjects", str(file), *CHOSEN, "example.bytes")
    assert found.code == 0 and found.subjects["example.bytes"]["conforms"]
    done = run("check", "--subjects", str(file), *CHOSEN, "example.list")
    assert done.returncode != 0
    said = " ".join((done.stdout + done.stderr).split())
    assert "the peer example has no such subject" in said


@pytest.mark.slow
def test_a_case_of_a_peer_is_replayed(tmp_path: Path) -> None:
    done = run("replay", "--remote", peer(EXAMPLE), "example.bytes/data.read_0x11c")
    assert done.returncode == 0, done.stderr
    assert "rules judged, 0 broken" in done.stdout
    broken = tmp_path / "broken.py"
    right, wrong = BREAKS["field.len.product"]
    broken.write_text(EXAMPLE.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    done = run("replay", "--subjects", f"remote:{peer(broken)}", "example.bytes/data.read_0x11c")
    assert done.returncode == 1
    assert "field.len.product" in done.stdout


@pytest.mark.slow
def test_all_that_a_peer_skips_is_no_verdict(tmp_path: Path) -> None:
    found = run("check", "--remote", peer(EXAMPLE), "--case", "request.word_0x001", "example.bytes")
    assert found.returncode in (0, 1)
    none = EXAMPLE.read_text(encoding="utf-8").replace("if flags != FULL_RO:", "if True:")
    file = tmp_path / "none.py"
    file.write_text(none, encoding="utf-8")
    record = judged("--remote", peer(file), *CHOSEN, "example.bytes")
    undecided = record.subjects["example.bytes"]["undecided"]
    assert undecided["reason"].startswith("its peer skipped ")
    assert record.subjects["example.bytes"]["conforms"] is None and record.code == 1


@pytest.mark.slow
def test_what_binds_an_interpreter_is_no_failure_of_a_remote_exporter(tmp_path: Path) -> None:
    """Newer CPythons refuse 0x100 and 0x200 before any exporter is asked; no other world need do so."""
    other = tmp_path / "other.py"
    text = EXAMPLE.read_text(encoding="utf-8").replace("platform.python_version()", '"1"')
    other.write_text(text.replace("if flags != FULL_RO", "if flags not in (FULL_RO, 0x100, 0x200)"), "utf-8")
    words = ["--case", "request.word_0x11c", "--case", "request.word_0x[12]00"]
    found = judged("--remote", peer(other), *words, "example.bytes")
    assert found.subjects["example.bytes"]["cases"] == 3
    failed = {one["rule"] for one in found.events if one["event"] == "case-failed"}
    assert "request.reserved.read_or_write_alone" not in failed


@pytest.mark.slow
def test_an_expectation_may_be_for_what_runs_a_remote_subject(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    right, wrong = BREAKS["field.len.product"]
    text = EXAMPLE.read_text(encoding="utf-8").replace("platform.python_implementation()", "'Pyodide'")
    broken.write_text(
        text.replace("platform.python_version()", "'314.0.7'").replace(right, wrong), encoding="utf-8"
    )
    known = tmp_path / "known.yaml"

    def code(conditions: str) -> int:
        known.write_text(
            "expectations:\n"
            "  - {subject: 'example.*', rule: field.len.product, reason: put in by a test,\n"
            f"     link: 'https://example.org', {conditions}}}\n",
            encoding="utf-8",
        )
        chosen = (*CHOSEN, "example.bytes", "--expectations", str(known))
        return judged("--remote", peer(broken), *chosen).code

    assert code("implementation: Pyodide, versions: {Pyodide: '>=314'}") == 0
    assert code("implementation: Pyodide, versions: {Pyodide: '<314'}") == 1
    assert code("implementation: MicroPython") == 1


CALLS = Path(__file__).resolve().parent / "fakes" / "calls_peer.py"


def test_calls_of_a_peer_are_judged() -> None:
    found = judged("--remote", peer(CALLS))
    assert found.code == 0
    one = found.subjects["calls.struct"]
    assert one["conforms"] and one["deaths"] == 0
    assert sum(rule["outcome"] == "pass" for rule in one["rules"].values()) > 5


@pytest.mark.parametrize("way", ["wrong", "text", "nothing"])
@pytest.mark.slow
def test_a_wrong_answer_to_a_call_breaks_its_rule(way: str) -> None:
    found = judged("--remote", f"{peer(CALLS)} {way}")
    one = found.subjects["calls.struct"]
    assert found.code == 1 and one["deaths"] == 0
    assert [id_ for id_, rule in one["rules"].items() if rule["failed"]]


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("fraction", "result: answer.result: 8.5 "),
        ("deep", "more than 12 values in each other"),
        ("trace", "no answer in answer"),
    ],
)
@pytest.mark.slow
def test_an_answer_that_cannot_be_read_costs_its_case(way: str, said: str) -> None:
    found = judged("--remote", f"{peer(CALLS)} {way}")
    one = found.subjects["calls.struct"]
    assert one["deaths"] >= 1 and one["cases"] > 20
    assert {death["outcome"] for death in found.deaths} == {"corrupt"}
    assert all(said in death["found"] for death in found.deaths)


@pytest.mark.parametrize("rule", ["field.len.product", "lifetime.export.memory_unchanged"])
@pytest.mark.slow
def test_a_break_of_a_peer_is_shown_by_a_script(rule: str, tmp_path: Path) -> None:
    right, wrong = BREAKS[rule]
    broken, script = tmp_path / "broken.py", tmp_path / "script.py"
    stays = "\nimport time\ntime.sleep(600)  # whatever it is told\n"
    text = EXAMPLE.read_text(encoding="utf-8").replace(right, wrong)
    broken.write_text(text, encoding="utf-8")
    file = f"remote:{peer(broken)}"
    done = run(*("replay", "--subjects", file, "example.bytes/data.read_0x11c"), "--standalone", str(script))
    assert done.returncode == 1, done.stderr
    broken.write_text(text + stays, encoding="utf-8")
    again = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert again.returncode == 1 and again.stdout.splitlines()[-1] == f"broken: {rule}", again.stderr
    broken.write_text(EXAMPLE.read_text(encoding="utf-8") + stays, encoding="utf-8")
    again = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert again.returncode == 0 and again.stdout.splitlines()[-1].startswith("kept"), again.stderr


CONSUMER = """
import json, sys

for line in sys.stdin:
    message = json.loads(line)
    answer = {"id": message.get("id")}
    if message["type"] == "hello":
        subject = {"name": "c.reader", "target": "consumer", "observes": ["result", "exception", "requests"]}
        runtime = {"implementation": "none", "version": "1"}
        answer = {"type": "hello", "protocol": 1, "peer": "c", "runtime": runtime, "subjects": [subject]}
    elif message["type"] == "bye":
        break
    elif message["scenario"]["behaviours"] or SKIPS:
        answer.update(type="skipped", reason="plain memory alone")
    else:
        request = [{"flags": 284, "granted": True, "releases": 1}]
        seen = {"called": True, "requests": request, "data": message["memory"]["elements"]}
        if RAISES:
            seen.pop("data")
            seen.update(raised=True, error="ValueError")
        steps = message["scenario"]["steps"]
        done = {"called": False, "requests": request}
        records = [{"consumed": seen if step["kind"] == "consume" else done} for step in steps]
        answer.update(type="result", trace={"steps": records})
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.parametrize("mask", [0xFF, 0x7F])
@pytest.mark.slow
def test_a_peer_is_given_memory_without_a_zero_byte(mask: int, tmp_path: Path) -> None:
    file = tmp_path / "consumer.py"
    text = CONSUMER.replace("SKIPS", "False").replace("RAISES", "False")
    masked = f'bytes(one & {mask} for one in bytes.fromhex(message["memory"]["elements"])).hex()'
    file.write_text(
        text.replace('message["memory"]["elements"]', masked).replace(
            'message["scenario"]["behaviours"] or',
            'set(message["scenario"]["behaviours"]) - {"no_zero_byte", "ends_at_page"} or',
        ),
        encoding="utf-8",
    )
    found = judged("--remote", peer(file), "--case", "consumer.no_zero_byte_*")
    rules = found.subjects["c.reader"]["rules"]
    assert rules["consumer.data.elements_right"]["outcome"] == ("pass" if mask == 0xFF else "fail")


@pytest.mark.parametrize(
    ("skips", "raises", "said"),
    [
        (False, False, ""),
        (True, False, "its peer skipped 40 cases: plain memory alone"),
        (False, True, "it refused all 40 memories: ValueError"),
    ],
)
@pytest.mark.slow
def test_a_consumer_of_a_peer_that_takes_nothing_is_undecided(
    skips: bool, raises: bool, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "consumer.py"
    file.write_text(CONSUMER.replace("SKIPS", str(skips)).replace("RAISES", str(raises)), encoding="utf-8")
    found = judged("--remote", peer(file), "--case", "consumer.reads_c_*", "--case", "consumer.reads_f_*")
    one = found.subjects["c.reader"]
    reason = (one.get("undecided") or {}).get("reason", "")
    assert reason.split(" (")[0].replace(str(one["cases"]), "40") == said
    assert found.code == (1 if said else 0)
    if not said:
        assert one["conforms"] and one["rules"]["consumer.data.elements_right"]["outcome"] == "pass"
