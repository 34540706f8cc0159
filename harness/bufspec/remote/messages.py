"""Is a line one of the messages that a peer or the driver may send, and if not, what is wrong with it?

A line comes from anybody.  It is bounded in length and depth before anything of it is believed, and held
against the schema of its type; what is wrong is named with the place in it, the line is quoted with escapes,
and the heading of the README that says how it should be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Never

from bufspec.errors import BufspecError
from bufspec.remote.schemas import MOST_BYTES, NEUTRAL, neutral, schemas
from bufspec.spec import quick_schemas
from bufspec.wire.line import quoted

Message = dict[str, Any]

README = "harness/adapters/remote/README.md"
TO_PEER = {"hello": "hello-driver", "scenario": "scenario", "call": "call", "bye": "bye"}
FROM_PEER = {
    "hello": "hello-peer",
    "result": "result",
    "refused": "refused",
    "skipped": "skipped",
    "error": "error",
}
"""The types of messages each way, and the schema of each."""
HEADINGS = {
    "hello-driver": "Hello",
    "hello-peer": "Hello",
    "scenario": "Scenario",
    "call": "Call",
    "bye": "Bye",
    "result": "Result",
    "refused": "Refused, skipped, error",
    "skipped": "Refused, skipped, error",
    "error": "Refused, skipped, error",
}
MOST_LEVELS = 12
"""Of values in each other: an answer to a call is read by the engine inside of a trace, within 16."""
MOST_SAID = 300
MOST_BEFORE = 40
"""Bytes of a line that are shown before one that is not UTF-8."""
MOST_ERRORS = 200
"""So many errors of a message are looked at for the deepest, which is the one that is told."""


class ProtocolError(BufspecError):
    """A line, or a lack of one, that the protocol has no place for.

    `heading` is that of the README which says how it should be.
    """

    def __init__(self, what: str, *, heading: str, hint: str = "") -> None:
        super().__init__(what, where="remote peer", hint=hint or f'see "{heading}" in {README}')
        self.heading = heading

    @property
    def is_of_content(self) -> bool:
        """Whether it is what an answer says, and not how it was said: the peer may be asked on."""
        return self.heading in ("Result", "Call", "Refused, skipped, error")


def line_of(message: Mapping[str, Any]) -> bytes:
    """A message as a line, in ASCII."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def message_from(line: bytes, types: Mapping[str, str]) -> Message:
    """The message that a line has, one of `types`; raises ProtocolError for any other line."""
    value = _parsed(line)
    if not isinstance(value, dict):
        _refuse(f"not an object: {quoted(line)}", "Lines")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in types:
        shown = "no type" if kind is None else f"the type {_shown(kind)}"
        _refuse(f"{shown}, where one of {', '.join(types)} is expected: {quoted(line)}", "Lines")
    schema = types[kind]
    if not _is_valid(schema, value):
        _refuse(f"{kind}: {misfit(schema, value)}: {quoted(line)}", HEADINGS[schema])
    return value


def misfit(schema: str, value: object) -> str:
    """What of a value the schema refuses, with the place in it; empty if it fits."""
    from bufspec.spec.schema import reason_of

    deepest = max(
        _until_too_many(_explaining(schema).iter_errors(value)),
        key=lambda error: len(error.absolute_path) - (error.validator == "additionalProperties"),
        default=None,
    )
    if deepest is None:
        return ""
    while deepest.context:  # of anyOf and oneOf: the alternative that the value came furthest in
        deepest = max(
            deepest.context, key=lambda error: (len(error.absolute_path), error.validator != "type")
        )
    place = "".join(
        f"[{one}]" if isinstance(one, int) else f".{one}" for one in deepest.absolute_path
    ).removeprefix(".")
    if deepest.validator == "additionalProperties":
        known = set(deepest.schema.get("properties", ()))
        said = f"no member {', '.join(sorted(map(_shown, set(deepest.instance) - known)))}"
    else:
        said = ": ".join(filter(None, reason_of(deepest)[:1]))
    return f"{place or 'the message'}: {said}".encode("unicode_escape").decode("ascii")[:MOST_SAID]


def _until_too_many(errors: Iterable[Any]) -> Iterator[Any]:
    """The first errors of a value, none after one for a length: each costs time, as many as a peer likes."""
    for error in islice(errors, MOST_ERRORS):
        yield error
        if error.validator in ("maxItems", "maxProperties"):
            return


def _refuse(what: str, heading: str) -> Never:
    raise ProtocolError(what, heading=heading)


def _parsed(line: bytes) -> Any:
    if len(line) > MOST_BYTES:
        _refuse(f"a line of more than {MOST_BYTES} bytes, which begins {quoted(line)}", "Lines")
    text = _text_of(line)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        levels = _levels(value)
    except RecursionError:
        levels = MOST_LEVELS + 1
    except ValueError as error:
        said = str(error)[:MOST_SAID]
        _refuse(f"not a line of JSON ({said}): {quoted(line)}", "Lines")
    if levels > MOST_LEVELS:
        _refuse(f"more than {MOST_LEVELS} values in each other: {quoted(line)}", "Lines")
    return value


def _text_of(line: bytes) -> str:
    """The text that a line is in UTF-8: of bytes, json.loads() guesses another encoding by the first four."""
    # Nothing in JSON is a byte of 0; in UTF-16 and UTF-32 every other byte of its first characters is.
    is_wide = 0 in line[:4] and any(line) and not json.detect_encoding(line).startswith("utf-8")
    try:
        text = line.decode("utf-8")
        if not is_wide:
            return text.removeprefix("\ufeff")
        at = line.index(0)
    except UnicodeDecodeError as error:
        at = error.start
    wrong = "UTF-16 or UTF-32, not UTF-8" if is_wide else "not UTF-8"
    shown = quoted(line) if at < MOST_BEFORE else f"...{quoted(line[at - MOST_BEFORE // 2 :])}"
    _refuse(f"{wrong}: byte 0x{line[at]:02x} at offset {at}; write each line in UTF-8: {shown}", "Lines")


def _object(pairs: list[tuple[str, Any]]) -> Message:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a member twice")
    return found


def _constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def _levels(value: Any) -> int:
    """How deep a value is, as far as it matters."""
    levels, layer = 0, [value]
    while layer and levels <= MOST_LEVELS:
        levels += 1
        layer = [
            inner
            for one in layer
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return levels


def _shown(value: object) -> str:
    return ascii(value)[:60]


def _is_valid(schema: str, value: Message) -> bool:
    try:
        return _quick(schema).is_valid(value)
    except (ValueError, OverflowError):  # a lone surrogate, or a number beyond 64 bits, which Rust has not
        return _explaining(schema).is_valid(value)  # type: ignore[no-any-return]


def _all_by_name() -> list[tuple[str, Any]]:
    return [(NEUTRAL, neutral()), *((f"{name}.schema.json", one) for name, one in schemas().items())]


@cache
def _quick(name: str) -> quick_schemas.Draft202012Validator:
    """What says whether a message fits, in a thousandth of the time."""
    # Names without a folder are resolved from the root of this scheme.
    resources = [(f"json-schema:///{file}", one) for file, one in _all_by_name()]
    return quick_schemas.Draft202012Validator(schemas()[name], registry=quick_schemas.Registry(resources))


@cache
def _explaining(name: str) -> Any:
    """What says why a message does not fit, by the same schemas."""
    from referencing import Registry, Resource

    from bufspec.spec.schema import SchemaValidator

    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(one)) for file, one in _all_by_name()
    )
    return SchemaValidator(schemas()[name], registry=registry)
