"""A peer for bufspec, written from ../README.md alone: bytes and bytearray, as memoryview shows them."""

import json
import platform
import sys

FULL_RO = 0x11C  # what memoryview() asks for
MAKE = {"example.bytes": lambda: b"remote", "example.bytearray": lambda: bytearray(b"remote")}
EXPORTER = {
    "target": "exporter",
    "observes": ["struct", "exception", "memory", "content"],
    "unseen": ["buf", "obj"],
    "expect": b"remote".hex(),
}


def seen(view):
    """What a memoryview shows of its struct, and the elements."""
    fields = {name: getattr(view, name) for name in ("itemsize", "ndim", "shape", "strides")}
    fields |= {"len": view.nbytes, "readonly": int(view.readonly), "format_text": view.format}
    return {"view": fields | {"suboffsets": list(view.suboffsets) or None}, "data": view.tobytes().hex()}


def do(step, thing, held):
    """The record of one step; NotImplementedError for what cannot be done from here."""
    match step:
        case {"kind": "acquire", "slot": slot, "flags": flags}:
            if flags != FULL_RO:
                raise NotImplementedError("memoryview() has one kind of request")
            held[slot] = memoryview(thing)
            return {"answer": {"granted": True, **seen(held[slot])}}
        case {"kind": "release", "slot": slot} if slot in held:
            held.pop(slot).release()
            return {"released": {}}
        case {"kind": "read", "slot": slot} if slot in held:
            return {"reread": seen(held[slot])}
    raise NotImplementedError(f"no step {step['kind']}")


for line in sys.stdin:
    message = json.loads(line)
    answer = {"id": message.get("id")}
    if message["type"] == "hello":
        runtime = {"implementation": platform.python_implementation(), "version": platform.python_version()}
        subjects = [{"name": name, **EXPORTER} for name in MAKE]
        answer = {"type": "hello", "protocol": 1, "peer": "example", "runtime": runtime, "subjects": subjects}
    elif message["type"] == "bye":
        break
    elif message.get("subject") not in MAKE:
        answer |= {"type": "refused", "reason": f"no {message['type']} for {message.get('subject')}"}
    else:
        try:
            thing, held = MAKE[message["subject"]](), {}
            steps = [do(step, thing, held) for step in message["scenario"]["steps"]]
            answer |= {"type": "result", "trace": {"steps": steps}}
        except NotImplementedError as cannot:
            answer |= {"type": "skipped", "reason": str(cannot)}
    print(json.dumps(answer), flush=True)
