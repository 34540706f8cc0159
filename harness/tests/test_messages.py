"""Do driver and worker take only messages that fit their types, as the published schema has them?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from anyio.abc import Process
from bufspec.isolation.process import Ended, Worker
from bufspec.wire.line import (
    MOST_BYTES,
    MessageError,
    check_request,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    schema,
)
from bufspec.wire.messages import REQUESTS, Message
from bufspec.wire.shapes import MOST_TEXT
from bufspec.worker import main

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "schema" / "worker-messages.schema.json"

CASE = {
    "tables": "t",
    "edition": "current",
    "seed": 1,
    "bound": "short",
    "operations": [],
    "builds": True,
    "memories": "",
}
COST = {"request_ns": 1, "release_ns": 2}
ASKED: dict[str, Message] = {
    "groups": {"do": "groups"},
    "list": {"do": "list", "groups": None, "files": ["a.py"], "hello_seconds": 5.0},
    "resolve": {"do": "resolve", "subject": "stdlib.bytes"},
    "profile": {"do": "profile", "subject": "stdlib.bytes", "files": [], "discover": True, **CASE},
    "run": {
        "do": "run",
        "subject": "s",
        "ledger": "l",
        "journal": "j",
        "rules": ["a.b"],
        "first_case": 0,
        "ranges": [[0, 4], [6, 7]],
        "memory_limit": 0,
        "stop_on_failure": False,
        **CASE,
    },
    "explore": {
        "do": "explore",
        "subject": "s",
        "tables": "t",
        "state": "s",
        "ledger": "l",
        "journal": "j",
        "edition": "current",
        "rules": None,
        "seed": 1,
        "stream": 0,
        "until": 9,
        "seconds": 0.5,
        "guided": True,
        "bound": "short",
        "operations": ["append"],
        "builds": False,
        "memories": "",
        "inputs": ["00ff"],
        "stops": False,
        "memory_limit": 0,
    },
    "trace": {"do": "trace", "subject": "s", "tables": "t", "scenario": "00ff", "operations": []},
    "source": {"do": "source", "subject": "s", "scenario": "00", "tried": ["append"]},
    "pairs": {"do": "pairs", "exporter": "e", "consumers": [[0, "c"]], "journal": "j", "probe": True},
    "pair_trace": {"do": "pair_trace", "exporter": "e", "consumer": "c", "journal": "j"},
    "bench": {"do": "bench", "subject": "s", "tables": "t", "rounds": 3},
    "measure": {"do": "measure", "subject": "s", "files": []},
    "bench_built": {"do": "bench_built", "subject": "s", "tables": "t", "ledger": "l", "runs": 1, "cases": 2},
}
ANSWERED: dict[str, Message] = {
    "groups": {"done": "groups", "groups": ["stdlib"]},
    "list": {"groups": [{"name": "stdlib", "unavailable": "", "subjects": []}]},
    "resolve": {"done": "resolve"},
    "profile": {
        "operations": ["append"],
        "builds": False,
        "volatile": True,
        "memories": "",
        "facts": {"declared": [], "views": ["data"], "exports": True, "type": "bytes", "expects": -1},
    },
    "run": {
        "worn": [],
        "facts": {
            "memories": {"all": [3, 1]},
            "raised": {"TypeError": [2, "TypeError: no"]},
            "plain": "",
            "differs": "",
            "inferred": "list",
        },
    },
    "explore": {"there": True, "worn": []},
    "trace": {
        "trace": {
            "case": "",
            "scenario": {},
            "described": "",
            "trace": {},
            "violations": [],
            "judged": [],
            "readings": {"a.b": "one"},
        }
    },
    "source": {"make": "", "elements": None, "operations": {"append": "def"}},
    "pairs": {"worn": ["threads"], "failed": "no"},
    "pair_trace": {"traced": {}, "worn": []},
    "bench": {"bench": {"raw_ns": 1.5, "words": 2}, "process": 7},
    "measure": {"measured": {"bytes": 4, "own": COST, "bytearray": {**COST, "read_ns": 3}}},
    "bench_built": {"built": {}},
}
REFUSED = {"refused": "SelectionError", "what": "x", "where": "", "hint": ""}
RAISED = {"raised": "ValueError: x", "kind": "ValueError", "trace": ""}

STRANGE: list[Any] = [None, True, -(2**63) - 1, 2**64, 1.5, "x", [], [1], [[1, 2]], {}, {"x": 1}]


def spoilt(message: Message) -> Iterator[Message]:
    """The message with a field left out, added or replaced; nested ones too."""
    yield {**message, "colour": 0}
    for key, value in message.items():
        yield {other: message[other] for other in message if other != key}
        yield from ({**message, key: one} for one in STRANGE)
        if isinstance(value, dict):
            yield from ({**message, key: one} for one in spoilt(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ({**message, key: [one]} for one in spoilt(value[0]))


def fits(check: Callable[[], object]) -> bool:
    try:
        check()
    except MessageError:
        return False
    return True


def validator(name: str) -> jsonschema.Draft202012Validator:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": published["$defs"]})


def test_the_published_schema_is_that_of_the_types() -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    assert published == schema()


def test_every_request_has_a_handler_a_type_and_an_example_here() -> None:
    assert set(main.HANDLERS) == set(REQUESTS) == set(ASKED) == set(ANSWERED)


@pytest.mark.parametrize("do", REQUESTS)
def test_requests_fit_by_type_and_by_schema_alike(do: str) -> None:
    right = ASKED[do]
    assert decode_request(encode_request(right)) == right
    by_schema = validator("request")
    assert by_schema.is_valid(right)
    refused = 0
    for wrong in spoilt(right):
        is_valid = by_schema.is_valid(wrong)
        assert fits(lambda wrong=wrong: check_request(wrong)) == is_valid, wrong
        refused += not is_valid
    assert refused > len(right)


@pytest.mark.parametrize("do", REQUESTS)
def test_answers_fit_by_type_and_by_schema_alike(do: str) -> None:
    for kind, right in ((REQUESTS[do][1].__name__, ANSWERED[do]), ("Refused", REFUSED), ("Raised", RAISED)):
        assert decode_answer(do, encode_answer(right)) == right
        by_schema = validator(kind)
        assert by_schema.is_valid(right)
        for wrong in spoilt(right):
            if ("refused" in wrong) != (kind == "Refused") or ("raised" in wrong) != (kind == "Raised"):
                continue  # then it is an answer of another kind
            if wrong.get("done", do) != do and isinstance(wrong["done"], str):
                continue  # which request was answered is not the schema's to say: see below
            is_valid = by_schema.is_valid(wrong)
            assert fits(lambda wrong=wrong: decode_answer(do, encode_answer(wrong))) == is_valid, wrong


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "answer to run: not a line of JSON"),
        (b"\xff\xfe\x80\n", "answer to run: not a line of JSON: 'utf-8' codec can't decode byte 0xff"),
        ("{}".encode("utf-16"), "answer to run: not a line of JSON: 'utf-8' codec can't decode byte 0xff"),
        (b"[" * 100000, "answer to run: not a line of JSON"),
        (b'{"worn": [' + b"9" * 5000 + b"]}", "answer to run: not a line of JSON"),
        (b"[]", "answer to run: not an object"),
        (b"{}", "answer to run: expected a field worn"),
        (b'{"worn": [0]}', r"answer to run: worn\[0\]: expected a text"),
        (b'{"worn": {}}', "answer to run: worn: expected a list"),
        (b'{"worn": [], "colour": 1}', "answer to run: expected no field 'colour'"),
        (b'{"worn": [], "done": "list"}', "answer to run: done says another request"),
        (b'{"refused": "WorkerError"}', "answer to run: expected a field what"),
        (b'{"raised": 1, "kind": "", "trace": ""}', "answer to run: raised: expected a text"),
        (b'{"worn": ["' + b"x" * (MOST_TEXT + 1) + b'"]}', r"worn\[0\]: expected a text of at most"),
        (b" " * (MOST_BYTES + 1), "answer to run: not a line of JSON: more than"),
    ],
    ids=lambda one: one[:20] if isinstance(one, str) else repr(one[:12]),
)
def test_an_answer_that_does_not_fit_names_the_message_and_the_field(line: bytes, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        decode_answer("run", line)


def test_a_request_that_does_not_fit_is_refused_by_the_driver_and_by_the_worker() -> None:
    wrong = {**ASKED["bench"], "rounds": "3"}
    with pytest.raises(MessageError, match="request bench: rounds: expected an integer"):
        encode_request(wrong)
    line = json.dumps(wrong).encode()
    assert json.loads(main.answer_to_line(line)) == {
        "refused": "MessageError",
        "where": "worker",
        "hint": "",
        "what": "request bench: rounds: expected an integer",
    }
    with pytest.raises(MessageError, match="request: do is not one of groups, list"):
        encode_request({"do": "dance"})


class Liar(Worker):
    """A worker that answers whatever it is asked with one line, and then waits."""

    line = ""

    async def _open(self) -> Process:
        says = f"import sys; sys.stdin.readline(); print({self.line!r}, flush=True); sys.stdin.read()"
        return await anyio.open_process(
            [sys.executable, "-c", says],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "answer to groups: not a line of JSON"),
        ('{"groups": [1]}', "answer to groups: groups[0]: expected a text"),
    ],
)
def test_an_answer_that_does_not_fit_is_the_end_of_that_worker(tmp_path: Path, line: str, says: str) -> None:
    async def ask() -> Ended:
        worker = Liar(tmp_path / "log")
        worker.line = line
        async with worker:
            with pytest.raises(Ended) as ended:
                await worker.ask({"do": "groups"}, overdue=lambda waited: False)
        return ended.value

    end = anyio.run(ask)
    assert end.detail.startswith(says)
    assert end.misfit == end.detail
    assert not end.hung
