"""A peer that says or does something else from its Nth start on: changing_peer.py WHAT N COUNTER.

Its one subject shows three bytes, as those of faulty_peer.py do.
"""

import json
import sys
from pathlib import Path

from faulty_peer import BYTES, leave, line, record, say

WHAT, FROM, COUNTER = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
SUBJECT = {"name": "changing.one", "target": "exporter", **BYTES}
HELLO = {
    "type": "hello",
    "protocol": 1,
    "peer": "changing",
    "runtime": {"implementation": "C", "version": "1"},
}
CHANGES = {
    "nothing": {"observes": []},
    "operations": {"operations": ["append"]},
    "builds": {"builds": True},
    "target": {"target": "consumer", "expect": None},
    "name": {"name": "changing.other"},
}


def hello(has_changed):
    if not has_changed:
        return line({**HELLO, "subjects": [SUBJECT]})
    if WHAT == "exits":
        leave(9)
    if WHAT == "garbage":
        return "hello there\n"
    if WHAT == "protocol":
        return line({**HELLO, "protocol": 2, "subjects": [SUBJECT]})
    one = {key: value for key, value in {**SUBJECT, **CHANGES[WHAT]}.items() if value is not None}
    return line({**HELLO, "subjects": [one]})


starts = len(COUNTER.read_bytes()) + 1 if COUNTER.exists() else 1
COUNTER.write_bytes(bytes(starts))
for received in sys.stdin:
    message = json.loads(received)
    if message["type"] == "bye":
        break
    if message["type"] == "hello":
        say(hello(starts >= FROM))
        continue
    steps = [record(step) for step in message["scenario"]["steps"]]
    say(line({"type": "result", "id": message["id"], "trace": {"steps": steps}}))
