"""How are messages written and read?  Each is one JSON object a line, and fits its type.

Whatever does not fit is refused with the message and the field: a subject may have written it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bufspec.errors import WorkerError
from bufspec.wire.messages import REQUESTS, Message, Raised, Refused, Request
from bufspec.wire.shapes import Misfit, check, schema_of

MOST_BYTES = 1 << 26
"""Of one line."""


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
    kind = Refused if "refused" in answer else Raised if "raised" in answer else REQUESTS[do][1]
    _check(kind, answer, f"answer to {do}")
    if answer.get("done", do) != do:
        raise MessageError(f"answer to {do}: done says another request", where="worker")
    return answer


def schema() -> dict[str, Any]:
    """Requests and answers as JSON Schema, made of the types."""
    definitions: dict[str, Any] = {}
    requests = [schema_of(asked, definitions, {"do": {"const": do}}) for do, (asked, _) in REQUESTS.items()]
    answers = {answer.__name__: answer for _, answer in REQUESTS.values()}
    kinds = [schema_of(kind, definitions) for kind in (*answers.values(), Refused, Raised)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What driver and worker say to each other: one object a line",
        "description": "Version 1. A request names what to do; the answer is of the type that belongs to "
        "it, or says that bufspec refused (Refused) or that the subject raised an exception (Raised).",
        "anyOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/answer"}],
        "$defs": {"request": {"oneOf": requests}, "answer": {"anyOf": kinds}, **definitions},
    }


def _line(message: Request) -> bytes:
    return json.dumps(message, default=repr).encode("ascii") + b"\n"


def _parsed(line: bytes, what: str) -> Message:
    try:
        if len(line) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"{what}: not a line of JSON: {error}", where="worker") from error
    if not isinstance(message, dict):
        raise MessageError(f"{what}: not an object", where="worker")
    return message


def _check(kind: type, message: object, what: str) -> None:
    try:
        check(kind, message)
    except Misfit as error:
        raise MessageError(f"{what}: {error}", where="worker") from error


if __name__ == "__main__":  # what reports/schema/worker-messages.schema.json has to say
    print(json.dumps(schema(), indent=2))
