"""Which messages do driver and peer send, as JSON Schema?

`python -m bufspec.remote.schemas DIRECTORY` writes the files of harness/adapters/remote/schema, one for
each message.  What a trace may hold is made of reports/schema/scenario-trace.schema.json, so that the two
cannot differ: a peer may leave out what it does not observe, and has short forms for what it knows
(README.md of harness/adapters/remote).
"""

from __future__ import annotations

import copy
import importlib.resources
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from bufspec.wire.line import laid_out

Schema = dict[str, Any]

PROTOCOL = 1
NEUTRAL = "scenario-trace.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MOST_BYTES = 1 << 24
"""Of one line."""
MOST_REASON = 4096
MOST_SUBJECTS = 4096
VIEW_FIELDS = (
    "buf",
    "obj",
    "len",
    "itemsize",
    "readonly",
    "ndim",
    "format",
    "shape",
    "strides",
    "suboffsets",
)
POINTERS = ("buf", "obj", "format", "shape", "strides", "suboffsets")
"""Fields of a view that null stands for NULL in."""
NAMED_BITS = ("answer", "view", "released", "reread", "written", "mutated", "repeated", "consumed", "called")

ID: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_]+\\.[A-Za-z0-9_]+$", "maxLength": 200}
TEXT: Schema = {"type": "string", "maxLength": MOST_REASON}
WORD: Schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": 100}
HEX: Schema = {
    "type": "string",
    "description": "Bytes, two hexadecimal digits each.",
    "pattern": "^([0-9a-fA-F]{2})*$",
    "maxLength": 1 << 23,
}


@cache
def neutral() -> Schema:
    """The schema of the neutral encoding."""
    file = importlib.resources.files("bufspec") / "reports" / "schema" / NEUTRAL
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _message(name: str, sender: str, says: str, fields: Schema, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "$schema": DIALECT,
        "$id": f"{name}.schema.json",
        "title": f"{name}: {sender}",
        "description": says,
        "type": "object",
        "required": ["type", *(field for field in fields if field not in optional)],
        "additionalProperties": False,
        "properties": {"type": {"const": name.partition("-")[0]}, **fields},
    }


def _reason(says: str) -> Schema:
    return {**TEXT, "description": says, "minLength": 1}


def _listed(items: Schema, most: int, says: str) -> Schema:
    return {"type": "array", "maxItems": most, "uniqueItems": True, "items": items, "description": says}


def _subject() -> Schema:
    definitions = neutral()["$defs"]
    properties: Schema = {
        "name": {**NAME, "description": "package.subject: what `bufspec check` names it by."},
        "target": {"enum": ["exporter", "consumer", "function"]},
        "observes": {
            **copy.deepcopy(definitions["trace"]["properties"]["observes"]),
            "description": "What the peer can see; rules that need more are skipped with that reason.",
        },
        "unseen": _listed(
            {"enum": [*VIEW_FIELDS, "absence"]},
            len(VIEW_FIELDS) + 1,
            "Fields of a view that the peer cannot see: left out of each view; rules about them are skipped. "
            "absence: whether a field that was not asked for is NULL.",
        ),
        "calls": _listed(WORD, 256, "Of a function: the names of the calls that it answers."),
        "operations": _listed(
            WORD, 64, "Of an exporter: what may change the object, by name; steps have their numbers."
        ),
        "builds": {
            "type": "boolean",
            "description": "Of an exporter: whether it makes objects from layouts, too.",
        },
        "expect": {
            **HEX,
            "description": "Of an exporter: the elements of each object that is not made from a layout.",
        },
        "readonly": {
            "type": "boolean",
            "description": "Of an exporter: its objects are never to be written.",
        },
        "volatile": {
            "type": "boolean",
            "description": "Of an exporter: others may change the memory at any time.",
        },
        "kind": {
            **definitions["trace"]["properties"]["consumer"],
            "description": "Of a consumer; else reads.",
        },
        "accepts": {"$ref": f"{NEUTRAL}#/$defs/capabilities", "description": "Of a consumer."},
        "fallback": {
            "type": "boolean",
            "description": "Of a consumer: it does something else where it is refused.",
        },
    }
    return {
        "type": "object",
        "required": ["name", "target", "observes"],
        "additionalProperties": False,
        "properties": properties,
        "description": "What can be judged.",
    }


def _hello() -> dict[str, Schema]:
    protocol = {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": f"The version: {PROTOCOL}.",
    }
    runtime = {
        "type": "object",
        "required": ["implementation", "version"],
        "additionalProperties": False,
        "properties": {
            "implementation": {
                **TEXT,
                "minLength": 1,
                "maxLength": 100,
                "description": "As in `implementation` of expectations.",
            },
            "version": {**TEXT, "minLength": 1, "maxLength": 100},
            "python": {
                "type": "string",
                "pattern": "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$",
                "maxLength": 20,
                "description": "The version of Python whose rules hold; the latest if left out.",
            },
            "pointer_bytes": {
                "type": "integer",
                "minimum": 1,
                "maximum": 64,
                "description": "Bytes of a pointer; 8 if left out: else sizes of formats are not judged.",
            },
        },
        "description": "What runs the subjects.",
    }
    return {
        "hello-driver": _message(
            "hello-driver",
            "driver to peer",
            "The first line. The peer answers with hello.",
            {"protocol": {"const": PROTOCOL}},
        ),
        "hello-peer": _message(
            "hello-peer",
            "peer to driver",
            "The answer to hello: which subjects there are, and what can be seen of them.",
            {
                "protocol": protocol,
                "peer": {
                    **TEXT,
                    "minLength": 1,
                    "maxLength": 200,
                    "description": "What the peer calls itself.",
                },
                "runtime": runtime,
                "subjects": {"type": "array", "minItems": 1, "maxItems": MOST_SUBJECTS, "items": _subject()},
            },
        ),
    }


def _asked() -> dict[str, Schema]:
    memory = {
        "type": "object",
        "required": ["block", "elements"],
        "additionalProperties": False,
        "properties": {
            "block": {
                **HEX,
                "description": "The whole block, from its first byte on; empty where pointers are followed.",
            },
            "elements": {**HEX, "description": "The elements in C order: what must be seen."},
        },
        "description": "The bytes of the scenario's layout; not there where the layout is null.",
    }
    return {
        "scenario": _message(
            "scenario",
            "driver to peer",
            "Steps for a fresh object. Answered by result, refused, skipped or error, with the same id.",
            {"id": ID, "subject": NAME, "scenario": {"$ref": f"{NEUTRAL}#/$defs/scenario"}, "memory": memory},
            optional=("memory",),
        ),
        "call": _message(
            "call",
            "driver to peer",
            "A function to call. Answered by result, refused, skipped or error with the same id.",
            {"id": ID, "subject": NAME, "call": WORD, "given": {"$ref": f"{NEUTRAL}#/$defs/map"}},
        ),
        "bye": _message("bye", "driver to peer", "The last line. The peer ends; it answers nothing.", {}),
    }


def _answered() -> dict[str, Schema]:
    result = _message(
        "result",
        "peer to driver",
        "What was seen: `trace` in answer to scenario, `answer` in answer to call.",
        {
            "id": ID,
            "trace": {"$ref": "trace.schema.json"},
            "answer": {
                "$ref": f"{NEUTRAL}#/$defs/map",
                "description": "By the names of the table of calls.",
            },
        },
        optional=("trace", "answer"),
    )
    result["oneOf"] = [{"required": ["trace"]}, {"required": ["answer"]}]
    return {
        "result": result,
        "refused": _message(
            "refused",
            "peer to driver",
            "The message is none that the peer takes: it knows no such subject, step or call.",
            {"id": ID, "reason": _reason("What it does not know.")},
        ),
        "skipped": _message(
            "skipped",
            "peer to driver",
            "The subject cannot be tried that way: it is not judged on it.",
            {"id": ID, "reason": _reason("Why it cannot be tried; the same words for the same reason.")},
        ),
        "error": _message(
            "error",
            "peer to driver",
            "The peer itself failed: nothing is known of the subject.",
            {"id": ID, "detail": _reason("What happened.")},
        ),
    }


def _trace() -> Schema:
    definitions: Schema = copy.deepcopy(neutral()["$defs"])
    definitions["trace"]["properties"].pop("observes")
    definitions["trace"]["required"] = ["steps"]
    for name in (*NAMED_BITS, "difference", "request"):
        definitions[name]["required"] = []
    definitions["answer"]["required"] = ["granted"]
    definitions["request"]["required"] = ["flags", "granted"]
    data = {**HEX, "description": "The elements as they are read through the view, in C order."}
    definitions["answer"]["properties"]["data"] = data
    definitions["reread"]["properties"]["data"] = data
    definitions["reread"]["properties"]["view"] = {"$ref": "#/$defs/view"}
    definitions["consumed"]["properties"]["data"] = {
        **HEX,
        "description": "The result, as elements in C order.",
    }
    definitions["view"]["description"] += (
        " Needed where the subject observes struct: all fields if the request was granted, obj alone if it "
        "was refused, but for what is unseen."
    )
    view = definitions["view"]["properties"]
    view["address"] = {**definitions["uint64"], "description": "Of buf; stands for buf and buf_offset."}
    for name in POINTERS:
        view[name] = {"anyOf": [{"type": "null"}, *view[name].get("anyOf", [view[name]])]}
    released = definitions["released"]["properties"]
    released["obj"] = {"anyOf": [{"type": "null"}, released["obj"]]}
    trace = definitions.pop("trace")
    for name in ("scenario", "step", "layout", "rule"):
        definitions.pop(name)
    return {
        "$schema": DIALECT,
        "$id": "trace.schema.json",
        "title": "What a peer saw in a scenario",
        "description": f"The trace of {NEUTRAL}; a member that is left out was not observed. The README says "
        "which have a meaning when they are left out, and what `data`, `address` and null are short for.",
        **{key: value for key, value in trace.items() if key != "description"},
        "$defs": definitions,
    }


@cache
def schemas() -> dict[str, Schema]:
    """Each schema by the name of its file, without its ending."""
    return {**_hello(), **_asked(), **_answered(), "trace": _trace()}


def main(directory: Path) -> None:
    """Write the files."""
    for name, schema in schemas().items():
        (directory / f"{name}.schema.json").write_text(laid_out(schema) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
