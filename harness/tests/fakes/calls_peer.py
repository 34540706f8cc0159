"""A remote peer with functions: sizes of formats, by struct.  An argument is a way to do wrong in a call."""

import json
import struct
import sys

WAY = sys.argv[1] if sys.argv[1:] else ""
AT = "bi"
ANSWERS = {
    "wrong": {"result": 7},
    "text": {"result": "8"},
    "fraction": {"result": 8.5},
    "nothing": {},
    "deep": {},
}
for _ in range(20):
    ANSWERS["deep"] = {"result": ANSWERS["deep"]}


def size_of(format):
    if format == AT and WAY in ANSWERS:
        return ANSWERS[WAY]
    try:
        return {"result": struct.calcsize(format)}
    except struct.error:
        return {"error": "StructError"}
    except UnicodeEncodeError:
        return {"error": "UnicodeEncodeError"}


for line in sys.stdin:
    message = json.loads(line)
    answer = {"id": message.get("id")}
    if message["type"] == "bye":
        break
    if message["type"] == "hello":
        subject = {"name": "calls.struct", "target": "function", "observes": ["result", "exception"]}
        runtime = {"implementation": "CPython", "version": "3.13.0"}
        subjects = [{**subject, "calls": ["size_from_format"]}]
        answer = {"type": "hello", "protocol": 1, "peer": "calls", "runtime": runtime, "subjects": subjects}
    elif message["type"] == "call":
        answer.update(type="result", answer=size_of(message["given"].get("format", "")))
        if message["given"].get("format") == AT and WAY == "trace":
            answer["trace"] = {"steps": []}
            del answer["answer"]
    else:
        answer.update(type="skipped", reason="only calls are answered")
    print(json.dumps(answer), flush=True)
