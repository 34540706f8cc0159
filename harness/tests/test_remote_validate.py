"""Does `bufspec remote validate` say of a right peer that it is right, and of a wrong one what is wrong and
where the README has it?"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, run

EXAMPLE = Path(__file__).resolve().parents[1] / "adapters" / "remote" / "examples" / "peer.py"
MODEL = shlex.join([*COMMAND, "remote", "validate", "--as-peer"])


def validated(file: Path) -> subprocess.CompletedProcess[str]:
    return run("remote", "validate", shlex.join([sys.executable, str(file)]), "--timeout", "5")


@pytest.mark.parametrize(
    "command", [shlex.join([sys.executable, str(EXAMPLE)]), MODEL], ids=["example", "model"]
)
def test_a_right_peer_is_right(command: str) -> None:
    done = run("remote", "validate", command)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("ok      hello: ")
    assert done.stdout.splitlines()[-1].endswith(" 0 wrong")
    assert "two views, read: granted, granted, reread, reread, released, released" in done.stdout


STRIDES = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    answer = {"type": "skipped", "id": message.get("id"), "reason": "only calls"}
    if message["type"] == "hello":
        runtime = {"implementation": "none", "version": "1"}
        subject = {"name": "own.functions", "target": "function", "observes": ["result", "memory"]}
        subjects = [{**subject, "calls": ["fill_contiguous_strides"]}]
        answer = {"type": "hello", "protocol": 1, "peer": "own", "runtime": runtime, "subjects": subjects}
    if message["type"] == "call":
        given = message["given"]
        strides = [given["itemsize"]] * len(given["shape"])
        answer = {"type": "result", "id": message["id"], "answer": {"strides": strides}}
    if message["type"] == "bye":
        break
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.slow
def test_a_call_is_given_what_a_case_of_the_tables_gives(tmp_path: Path) -> None:
    (tmp_path / "peer.py").write_text(STRIDES, encoding="utf-8")
    done = validated(tmp_path / "peer.py")
    assert "ok      own.functions: fill_contiguous_strides\n" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "said", "heading"),
    [
        ('"protocol": 1', '"protocol": 9', "hello: the peer speaks protocol 9, and bufspec 1", "Hello"),
        ('"observes": [', '"sees": [', "hello: hello: subjects[0]: ", "Hello"),
        (
            '{"reread": seen(held[slot])}',
            '{"answer": seen(held[slot])}',
            "two views, read: result: trace.steps[2].answer: missing key granted",
            "Result",
        ),
        (
            'return {"released": {}}',
            'return {"released": []}',
            "acquire, release: result: trace.steps[1].released: [] must be of type object",
            "Result",
        ),
        (
            '"suboffsets": list(view.suboffsets) or None',
            "",
            "acquire, release: result: trace.steps[0].answer: no view.suboffsets",
            "Result",
        ),
        ('{"id": message.get("id")}', '{"id": 0}', "an answer to id 0, where 1 was asked", "Lines"),
        (
            '"type": "refused", "reason": f"no {message[\'type\']} for {message.get(\'subject\')}"',
            '"type": "result", "trace": {"steps": []}',
            "a subject that it does not have: result in answer to a scenario for a subject",
            "Refused, skipped, error",
        ),
        pytest.param(
            *("        break", "        continue", "bye: the peer has not ended", "Bye"),
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_heading(
    right: str, wrong: str, said: str, heading: str, tmp_path: Path
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(right) == 1
    changed = text.replace(right, wrong)
    if heading == "Bye":  # it goes on, even when its input has ended
        changed += "import time\ntime.sleep(30)\n"
    file = tmp_path / "wrong.py"
    file.write_text(changed, encoding="utf-8")
    done = validated(file)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("wrong ") and said in line]
    assert places, done.stdout
    assert lines[places[0] + 1].strip() == f'see "{heading}" in harness/adapters/remote/README.md'


def test_a_model_of_a_peer_says_what_is_wrong_with_a_line() -> None:
    lines = ['{"type":"hello","protocol":1}', '{"type":"scenario","id":1}', "nonsense", '{"type":"bye"}']
    done = subprocess.run(
        shlex.split(MODEL), input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["hello"]
    assert "error: scenario: the message: missing key" in done.stderr
    assert "error: not a line of JSON" in done.stderr


@pytest.mark.slow
def test_the_model_of_a_peer_conforms() -> None:
    done = run("check", "--remote", MODEL, "--case", "request.word_0x0??", "--case", "sequence.*")
    assert done.returncode == 0
    assert "model.bytes  conforms  " in done.stdout


def test_what_is_no_command_is_wrong_usage() -> None:
    assert run("remote", "validate").returncode == 2
    assert run("remote", "validate", "true", "--as-peer").returncode == 2
    done = run("remote", "validate", "no-such-command-at-all")
    assert done.returncode == 1 and "the peer cannot be started" in done.stdout


def test_a_refused_answer_needs_what_the_struct_has_as_its_owner(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('"unseen": ["buf", "obj"]', '"unseen": ["buf"]')
    text = text.replace("fields |= {", 'fields |= {"obj": "exporter", ')
    cannot = 'raise NotImplementedError("memoryview() has one kind of request")'
    assert cannot in text
    file = tmp_path / "peer.py"
    found = []
    for told in ("", ', "view": {"obj": None}', ', "view": {"obj": "untouched"}'):
        refused = 'return {"answer": {"granted": False, "error": "BufferError"' + told + "}}"
        file.write_text(text.replace(cannot, refused), encoding="utf-8")
        done = validated(file)
        lines = [one for one in done.stdout.splitlines() if "a request for writable memory: " in one]
        found.append((done.returncode, lines[0].partition("writable memory: ")[2]))
    missing = (
        "result: trace.steps[0].answer: no view.obj of a refused request, and the subject observes struct"
    )
    assert found == [
        (1, f"{missing}: send it, or name it in unseen"),
        (0, "BufferError"),
        (0, "BufferError"),
    ]
