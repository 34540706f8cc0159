"""What do driver and worker say to each other?  A type for each request and for its answer, and one way to
write and read them.

A message is one JSON object a line.  Whatever does not fit its type is refused with the message and the
field: a subject may have written it.  The types are published as reports/schema/worker-messages.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from bufspec.errors import WorkerError
from bufspec.wire.shapes import Misfit, check, schema_of

Message = dict[str, Any]
Request = Mapping[str, Any]

MOST_BYTES = 1 << 26
"""Of one line."""


class _ToWorker(TypedDict):
    do: str
    files: NotRequired[list[str]]


class _Subject(_ToWorker):
    subject: str


class _Case(_Subject):
    """What the cases of a subject follow from; a request that needs none of it may have it all the same."""

    tables: NotRequired[str]
    edition: NotRequired[str]
    seed: NotRequired[int]
    bound: NotRequired[str]
    operations: NotRequired[list[str]]
    builds: NotRequired[bool]


class Groups(_ToWorker):
    """The names of all subject files."""


class List(_ToWorker):
    """What the subject files of these groups declare; all for None."""

    groups: list[str] | None


class Resolve(_Case):
    """Whether the subject is there."""


class LookAt(_Case):
    """What can be tried with the subject."""

    discover: bool


class Run(_Subject):
    """All cases of one subject, or those in `ranges`; failures go to the journal, totals to the ledger."""

    tables: str
    ledger: str
    journal: str
    edition: str
    rules: list[str] | None
    seed: int
    bound: str
    operations: list[str]
    builds: bool
    first_case: int
    ranges: list[tuple[int, int]] | None
    memory_limit: int
    stop_on_failure: bool


class TraceOf(_Case):
    """One case, by its id or as an encoded scenario in hexadecimal, with all that was seen."""

    case: NotRequired[str]
    scenario: NotRequired[str]


class Source(_Case):
    """How the subject's objects are made, as Python text."""

    scenario: str
    tried: list[str]


class Pairs(_ToWorker):
    """The pairs of one exporter with consumers, each named with its number."""

    exporter: str
    consumers: list[tuple[int, str]]
    journal: str
    probe: bool


class PairTrace(_ToWorker):
    """One pair, with every request."""

    exporter: str
    consumer: str
    journal: str


class BenchOf(_Subject):
    """What a judged request costs."""

    tables: str
    rounds: int


class BenchBuilt(_Subject):
    """What judging the objects costs that the subject builds."""

    tables: str
    ledger: str
    runs: int
    cases: int


class _FromWorker(TypedDict):
    done: NotRequired[str]


class Refused(TypedDict):
    """An error of bufspec's own, by the name of its class."""

    refused: str
    what: str
    where: str
    hint: str


class Raised(_FromWorker):
    """An exception of a subject's."""

    raised: str
    kind: str
    trace: str
    worn: NotRequired[list[str]]


class GroupNames(_FromWorker):
    """Of Groups."""

    groups: list[str]


class DeclaredSubject(TypedDict):
    """One subject of a file."""

    name: str
    target: str
    unavailable: str
    builds: bool
    accepts: list[str]
    where: str


class DeclaredGroup(TypedDict):
    """A file of subjects."""

    name: str
    unavailable: str
    subjects: list[DeclaredSubject]


class Listing(_FromWorker):
    """Of List."""

    groups: list[DeclaredGroup]


class Nothing(_FromWorker):
    """Of Resolve: the subject is there."""


class Facts(TypedDict):
    """What is declared of a subject, and what one of its objects is."""

    declared: list[str]
    views: NotRequired[list[str]]
    exports: NotRequired[bool]
    type: NotRequired[str]
    expects: NotRequired[int]


class Looks(_FromWorker):
    """Of LookAt."""

    operations: list[str]
    builds: bool
    volatile: bool
    facts: Facts


class Worn(_FromWorker):
    """Of Run and Pairs: what could not be put back, and why pairs ended early."""

    worn: list[str]
    failed: NotRequired[str]


class Seen(TypedDict):
    """One case: `scenario` and `trace` are as scenario-trace.schema.json has them."""

    case: str
    scenario: dict[str, Any]
    described: str
    trace: dict[str, Any]
    violations: list[dict[str, Any]]
    judged: list[str]
    readings: dict[str, str]


class Traced(_FromWorker):
    """Of TraceOf."""

    trace: Seen


class Sources(_FromWorker):
    """Of Source; `elements` in hexadecimal."""

    make: str
    elements: NotRequired[str | None]
    operations: NotRequired[dict[str, str]]
    kind: NotRequired[str]
    returns: NotRequired[str]


class PairTraced(_FromWorker):
    """Of PairTrace: requests, memory, and what the consumer made of them."""

    traced: dict[str, Any]


class Benched(_FromWorker):
    """Of BenchOf; `process` is the worker's number."""

    bench: dict[str, int | float]
    process: int


class BuiltBenched(_FromWorker):
    """Of BenchBuilt."""

    built: dict[str, Any]


REQUESTS: dict[str, tuple[type, type]] = {
    "groups": (Groups, GroupNames),
    "list": (List, Listing),
    "resolve": (Resolve, Nothing),
    "profile": (LookAt, Looks),
    "run": (Run, Worn),
    "trace": (TraceOf, Traced),
    "source": (Source, Sources),
    "pairs": (Pairs, Worn),
    "pair_trace": (PairTrace, PairTraced),
    "bench": (BenchOf, Benched),
    "bench_built": (BenchBuilt, BuiltBenched),
}
"""What `do` may say: the types of the request and of its answer, which may be Refused or Raised as well."""


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
