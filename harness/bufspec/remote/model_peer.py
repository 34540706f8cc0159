"""What does a right peer answer?  Plays the peer, with one exporter that is made up: three bytes.

Each line that comes in is held against its schema; what is wrong with it goes to standard error.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

from bufspec.remote.messages import TO_PEER, Message, ProtocolError, line_of, message_from
from bufspec.remote.schemas import MOST_BYTES, PROTOCOL

NAME = "model.bytes"
DATA = b"abc"
WRITABLE, FORMAT, ND, STRIDES = 0x1, 0x4, 0x8, 0x18
HELLO: Message = {
    "type": "hello",
    "protocol": PROTOCOL,
    "peer": "bufspec's model of a peer",
    "runtime": {"implementation": "model", "version": "1"},
    "subjects": [
        {
            "name": NAME,
            "target": "exporter",
            "observes": ["struct", "exception", "memory", "content"],
            "readonly": True,
            "expect": DATA.hex(),
        }
    ],
}


def record_of(step: Message, held: set[int]) -> Message | None:
    """What is seen at a step; None for a kind of step that is not offered."""
    if step["kind"] == "acquire":
        if step["flags"] & WRITABLE:
            return {"answer": {"granted": False, "error": "BufferError", "view": {"obj": None}}}
        held.add(step["slot"])
        return {"answer": {"granted": True, **_shown(step["flags"])}}
    if step["kind"] == "release":
        was_held = step["slot"] in held
        held.discard(step["slot"])
        return {"released": {}} if was_held else {}
    if step["kind"] == "read":
        return {"reread": {"data": DATA.hex(), "changed": []}} if step["slot"] in held else {}
    return None


def answer_to(message: Message) -> Message:
    """What a right peer answers to a message with an id."""
    if message["type"] != "scenario" or message["subject"] != NAME:
        return {
            "type": "refused",
            "id": message["id"],
            "reason": f"no {message['type']} for {message['subject']}",
        }
    held: set[int] = set()
    records = [record_of(step, held) for step in message["scenario"]["steps"]]
    if None in records or message["scenario"]["layout"] is not None:
        return {"type": "skipped", "id": message["id"], "reason": "the model has no such step"}
    return {"type": "result", "id": message["id"], "trace": {"steps": records}}


def serve(lines: BinaryIO, answers: BinaryIO) -> int:
    """Answer each line; how many of them were no messages of a driver's."""
    wrong = 0
    while line := lines.readline(MOST_BYTES + 1):
        try:
            message = message_from(line.rstrip(b"\n"), TO_PEER)
        except ProtocolError as error:
            wrong += 1
            print(error.render(), file=sys.stderr, flush=True)
            continue
        if message["type"] == "bye":
            break
        answers.write(line_of(HELLO if message["type"] == "hello" else answer_to(message)))
        answers.flush()
    return wrong


def _shown(flags: int) -> Message:
    return {
        "data": DATA.hex(),
        "view": {
            "address": 4096,
            "obj": "exporter",
            "len": len(DATA),
            "itemsize": 1,
            "readonly": 1,
            "ndim": 1,
            **({"format_text": "B"} if flags & FORMAT else {"format": None}),
            "shape": [len(DATA)] if flags & ND else None,
            "strides": [1] if flags & STRIDES == STRIDES else None,
            "suboffsets": None,
        },
    }
