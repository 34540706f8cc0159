"""Are the messages of remote peers those of the schemas, and is everything else refused, and why?"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bufspec.remote.messages import (
    FROM_PEER,
    HEADINGS,
    MOST_BYTES,
    MOST_LEVELS,
    TO_PEER,
    ProtocolError,
    line_of,
    message_from,
)
from bufspec.remote.schemas import schemas
from bufspec.wire.line import laid_out

FOLDER = Path(__file__).resolve().parents[1] / "adapters" / "remote"

VIEW = {
    "address": 2**63,
    "obj": "exporter",
    "len": 3,
    "itemsize": 1,
    "readonly": 1,
    "ndim": 1,
    "format_text": "B",
    "shape": [3],
    "strides": [1],
    "suboffsets": None,
}
RESULT: dict[str, Any] = {
    "type": "result",
    "id": 7,
    "trace": {
        "steps": [
            {"answer": {"granted": True, "data": "616263", "view": VIEW}},
            {"answer": {"granted": False, "error": "BufferError"}},
            {"released": {}},
            {"reread": {"data": "616263"}},
            {},
        ]
    },
}
HELLO: dict[str, Any] = {
    "type": "hello",
    "protocol": 1,
    "peer": "a peer",
    "runtime": {"implementation": "CPython", "version": "3.13.0", "python": "3.13.0"},
    "subjects": [{"name": "a.b", "target": "exporter", "observes": ["struct"], "unseen": ["obj"]}],
}


def spoilt(message: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """The message with another value at that place."""
    changed = copy.deepcopy(message)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return changed


def test_the_files_are_the_schemas_of_the_messages() -> None:
    files = {path.name.removesuffix(".schema.json"): path for path in (FOLDER / "schema").iterdir()}
    assert set(files) == set(schemas()) == {*TO_PEER.values(), *FROM_PEER.values(), "trace"}
    for name, path in files.items():
        assert path.read_text(encoding="utf-8") == laid_out(schemas()[name]) + "\n", (
            f"run python -m bufspec.remote.schemas on {path.parent}"
        )
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_the_readme_has_each_heading_that_an_error_names() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {*HEADINGS.values(), "Lines"} <= set(re.findall(r"^## (.+)$", text, re.MULTILINE))


def test_the_lines_of_the_readme_are_messages() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (->|<-) (\{.*(?:\n        .*)*)", text, re.MULTILINE)
    kinds = set()
    for way, message in shown:
        types = TO_PEER if way == "->" else FROM_PEER
        kinds.add(types[message_from(message.replace("\n", " ").encode(), types)["type"]])
    assert kinds == {*TO_PEER.values(), *FROM_PEER.values()}


@pytest.mark.parametrize("message", [RESULT, HELLO], ids=["result", "hello"])
def test_a_message_is_read_back_as_it_was_written(message: dict[str, Any]) -> None:
    assert message_from(line_of(message), FROM_PEER) == message


def test_bytes_that_are_no_text_are_spelled_by_surrogates() -> None:
    odd = spoilt(RESULT, "trace", "steps", 0, "answer", "view", "format_text", to="B\udcff")
    assert message_from(line_of(odd), FROM_PEER) == odd


@pytest.mark.parametrize(
    ("message", "said", "heading"),
    [
        (spoilt(RESULT, "colour", to=1), "result: the message: no member 'colour'", "Result"),
        (spoilt(RESULT, "id", to="7"), 'result: id: "7" must be of type integer', "Result"),
        (spoilt(RESULT, "id", to=-1), "result: id: -1 is out of range", "Result"),
        (spoilt(RESULT, "trace", to=[]), "result: trace: [] must be of type object", "Result"),
        (
            spoilt(RESULT, "trace", "steps", 2, to=7),
            "result: trace.steps[2]: 7 must be of type obj",
            "Result",
        ),
        (
            spoilt(RESULT, "trace", "steps", 0, "answer", "view", "len", to=2**80),
            "result: trace.steps[0].answer.view.len: 1208925819614629174706176 is out of range",
            "Result",
        ),
        (
            spoilt(RESULT, "trace", "steps", 0, "answer", "view", "obj", to="me"),
            'result: trace.steps[0].answer.view.obj: unknown value "me" of obj',
            "Result",
        ),
        (
            spoilt(RESULT, "trace", "steps", 0, "answer", "data", to="abc"),
            'result: trace.steps[0].answer.data: "abc" is not well formed',
            "Result",
        ),
        ({"type": "result", "id": 7}, "result: the message: missing key", "Result"),
        (spoilt(RESULT, "answer", to={}), "result: the message: ", "Result"),
        (spoilt(HELLO, "subjects", to=[]), "hello: subjects: [] is too short", "Hello"),
        (
            spoilt(HELLO, "subjects", 0, "observes", to=["all"]),
            'hello: subjects[0].observes[0]: unknown value "all" of observes',
            "Hello",
        ),
        (
            spoilt(HELLO, "subjects", 0, "name", to="mine.bytes\n"),
            'hello: subjects[0].name: "mine.bytes\\\\n" is not well formed',
            "Hello",
        ),
        (spoilt(HELLO, "runtime", "version", to=3), "hello: runtime.version: 3 must be of type str", "Hello"),
        ({"type": "skipped", "id": 7}, "skipped: the message: missing key reason", "Refused, skipped, error"),
        ({"type": "scenario"}, "the type 'scenario', where one of hello, result", "Lines"),
        ({"id": 7}, "no type, where one of hello", "Lines"),
        ({"type": ["result"]}, "the type ['result'], where", "Lines"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(message: dict[str, Any], said: str, heading: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        message_from(line_of(message), FROM_PEER)
    assert caught.value.what.startswith(said)
    assert caught.value.heading == heading
    assert f'see "{heading}" in harness/adapters/remote/README.md' in caught.value.render()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "not a line of JSON"),
        (
            b"hello there\x1b[31m",
            "not a line of JSON (Expecting value: line 1 column 1 (char 0)): 'hello there\\x1b[31m'",
        ),
        (b"\xff\xfe\x80", "not UTF-8: byte 0xff at offset 0; write each line in UTF-8: '\\xff\\xfe\\x80'"),
        (
            b'{"type":"error","detail":"' + b"." * 100 + b"caf\xe9 au lait" + b"." * 100,
            "not UTF-8: byte 0xe9 at offset 129; write each line in UTF-8: ...'.................caf\\xe9 ",
        ),
        (b'"\xed\xa0\x80"', "not UTF-8: byte 0xed at offset 1; "),
        (b"[1, \xc3", "not UTF-8: byte 0xc3 at offset 4; "),
        ("{}".encode("utf-16"), "UTF-16 or UTF-32, not UTF-8: byte 0xff at offset 0; "),
        ("{}".encode("utf-16-le"), "UTF-16 or UTF-32, not UTF-8: byte 0x00 at offset 1; "),
        ("{}".encode("utf-32-be"), "UTF-16 or UTF-32, not UTF-8: byte 0x00 at offset 0; "),
        (b"\xc3\xbf\0garbage", "not a line of JSON (Expecting value"),
        (b"\0\0\0\0", "not a line of JSON (Expecting value"),
        ("\ufeff[1]".encode(), "not an object: "),
        (b"[1]", "not an object: '[1]'"),
        (b'{"type":"error","type":"error"}', "not a line of JSON (an object has a member twice)"),
        (b'{"type":"error","id":NaN}', "not a line of JSON (NaN is no JSON)"),
        (b'{"type":"error","id":1e999,"detail":"x"}', "error: id: Infinity must be of type integer"),
        (b'{"type":"error","id":' + b"9" * 5000 + b"}", "not a line of JSON (Exceeds the limit"),
        (b"[" * 100000, f"more than {MOST_LEVELS} values in each other"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, f"more than {MOST_LEVELS} values in each other"),
        (b" " * (MOST_BYTES + 1), f"a line of more than {MOST_BYTES} bytes"),
    ],
)
def test_a_line_that_is_no_message_is_quoted(line: bytes, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        message_from(line, FROM_PEER)
    assert caught.value.what.startswith(said)
    assert len(caught.value.what) < 500 and caught.value.what.isprintable()


def test_what_the_driver_sends_is_by_the_schemas(tmp_path: Path) -> None:
    from bufspec import _engine
    from bufspec.remote.subject import Account, RemoteSubject
    from bufspec.run.workspace import load_engine
    from bufspec.tables.rulebook import load_rulebook
    from bufspec.wire.profile import Profile
    from bufspec.worker.remote import memory_of

    load_engine(load_rulebook("current", _engine.rule_ids()), tmp_path)
    sent: list[str] = []

    class Listening:
        """In the place of a peer: every message is checked, and skipped."""

        def ask(self, message: dict[str, Any]) -> dict[str, Any]:
            checked = message_from(line_of(message), TO_PEER)
            sent.append(checked["type"])
            return {"type": "skipped", "id": message["id"], "reason": "only listening"}

    calls = ("is_contiguous", "size_from_format", "memoryview_cast", "copy_data")
    for target, profile in {
        "exporter": Profile(operations=("append",), builds=True),
        "consumer": Profile(),
        "function": Profile(operations=calls),
    }.items():
        subject = RemoteSubject("no command", "a.b", memory_of, Account())
        subject._peer = Listening()  # type: ignore[assignment]
        subject.subject = {"name": "a.b", "target": target, "observes": [], "calls": list(calls)}
        cases = profile.cases(target, "current", 3118, "short")
        before = len(sent)
        for number in range(0, len(cases), max(1, len(cases) // 200)):
            subject.trace(_engine.parts(cases.scenario(number)))
        assert len(sent) - before >= 20
    assert set(sent) == {"scenario", "call"}
