"""How are messages written and read?  Each is one JSON object a line, and fits its type.

Whatever does not fit is refused with the message and the field: a subject may have written it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bufspec.errors import WorkerError
from bufspec.wire.messages import ENTRIES, REQUESTS, Message, Raised, Refused, Request
from bufspec.wire.shapes import MOST_LEVELS, Misfit, check, schema_of

MOST_BYTES = 1 << 24
"""Of one line."""
MOST_COLUMNS = 110
MOST_SAID = 200
MOST_QUOTED = 60
"""Bytes of a line that does not fit, of those that are shown."""


class MessageError(WorkerError):
    """A message that does not fit its type."""


def encode_request(request: Request) -> bytes:
    """The request as a line; raises MessageError if it is none."""
    check_request(request)
    return _line(request)


def check_request(request: object) -> None:
    """Raise MessageError, with the message and the field, for what is not a request."""
    do = request.get("do") if isinstance(request, Mapping) else None
    if not isinstance(do, str) or do not in REQUESTS:
        raise MessageError(f"request: do is not one of {', '.join(REQUESTS)}", where="worker")
    _check(REQUESTS[do][0], request, f"request {do}")


def decode_request(line: bytes) -> Message:
    """The request that a line has; raises MessageError if it is none."""
    request = _parsed(line, "request")
    check_request(request)
    return request


def encode_answer(answer: Request) -> bytes:
    """The answer as a line; what JSON has no form for as its repr()."""
    return _line(answer)


def decode_answer(do: str, line: bytes) -> Message:
    """The answer to the request `do`; raises MessageError for any other line."""
    answer = _parsed(line, f"answer to {do}")
    check_answer(do, answer)
    return answer


def check_answer(do: str, answer: Message) -> None:
    """Raise MessageError, with the message and the field, for what is no answer to the request `do`."""
    kind = Refused if "refused" in answer else Raised if "raised" in answer else REQUESTS[do][1]
    _check(kind, answer, f"answer to {do}")
    if answer.get("done", do) != do:
        raise MessageError(f"answer to {do}: done says another request", where="worker")


def decode_entry(line: bytes) -> Message:
    """The entry that a line of a journal has; raises MessageError for any other line."""
    entry = _parsed(line, "journal")
    for name, kind in ENTRIES.items():
        if name in entry:
            _check(kind, entry, f"journal, {name}")
            if name == "end":
                check_answer("run", entry["end"])
            return entry
    raise MessageError("journal: an entry of no known kind", where="worker")


def quoted(line: bytes) -> str:
    """The beginning of a line that a subject may have written, as text that shows every byte."""
    more = "..." if len(line) > MOST_QUOTED else ""
    return ascii(bytes(line[:MOST_QUOTED]))[1:] + more


def schema() -> dict[str, Any]:
    """Requests and answers as JSON Schema, made of the types."""
    definitions: dict[str, Any] = {}
    requests = [schema_of(asked, definitions, {"do": {"const": do}}) for do, (asked, _) in REQUESTS.items()]
    answers = {answer.__name__: answer for _, answer in REQUESTS.values()}
    kinds = [schema_of(kind, definitions) for kind in (*answers.values(), Refused, Raised)]
    entries = [schema_of(kind, definitions) for kind in ENTRIES.values()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What driver and worker say to each other: one object a line",
        "description": "Version 1. A request names what to do; the answer is of the type that belongs to "
        "it, or says that bufspec refused (Refused) or that the subject raised an exception (Raised). "
        "What happens meanwhile is an entry of the journal. What is only bounded here has at most "
        f"{MOST_LEVELS} levels.",
        "anyOf": [{"$ref": f"#/$defs/{what}"} for what in ("request", "answer", "entry")],
        "$defs": {
            "request": {"oneOf": requests},
            "answer": {"anyOf": kinds},
            "entry": {"anyOf": entries},
            **definitions,
        },
    }


def laid_out(value: object, level: int = 0) -> str:
    """A schema as text: what fits on a line is on one line."""
    text = json.dumps(value)
    inner = "  " * (level + 1)
    if len(text) + len(inner) <= MOST_COLUMNS or not isinstance(value, dict | list):
        return text
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {laid_out(one, level + 1)}" for key, one in value.items()]
    else:
        lines = [laid_out(one, level + 1) for one in value]
    opens, closes = "{}" if isinstance(value, dict) else "[]"
    body = f",\n{inner}".join(lines)
    return f"{opens}\n{inner}{body}\n{'  ' * level}{closes}"


def _line(message: Request) -> bytes:
    return json.dumps(message, default=repr).encode("ascii") + b"\n"


def _parsed(line: bytes, what: str) -> Message:
    try:
        if len(line) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        message = json.loads(line.decode("utf-8"))  # of bytes, it would guess another encoding
    except (ValueError, RecursionError) as error:
        raise MessageError(f"{what}: not a line of JSON: {error}", where="worker") from error
    if not isinstance(message, dict):
        raise MessageError(f"{what}: not an object", where="worker")
    return message


def _check(kind: type, message: object, what: str) -> None:
    try:
        check(kind, message)
    except Misfit as error:
        # The place has names that a subject may have made up.
        said = str(error).encode("unicode_escape").decode("ascii")[:MOST_SAID]
        raise MessageError(f"{what}: {said}", where="worker") from error


if __name__ == "__main__":  # what reports/schema/worker-messages.schema.json has to say
    print(laid_out(schema()))
