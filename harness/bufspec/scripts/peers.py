"""A break of a subject in another process as a script: the messages to its peer, and what it answers to them.

The script starts the peer and sends it what bufspec sent; it knows nothing of the protocol but that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bufspec.errors import StandaloneError

CODE = '''
import json
import subprocess
import sys
import threading

COMMAND = {command}
MESSAGES = json.loads(r"""
{messages}
""")
ANSWERED = json.loads(r"""
{answered}
""")


def told(record):
    """What a record says, without addresses, which are others in each process."""
    if isinstance(record, dict):
        return {{key: told(one) for key, one in record.items() if key != "address"}}
    return [told(one) for one in record] if isinstance(record, list) else record


peer = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
patience = threading.Timer(120, peer.kill)
patience.start()
answers = []
for message in MESSAGES:
    try:
        peer.stdin.write(json.dumps(message).encode() + b"\\n")
        peer.stdin.flush()
    except OSError:  # it is gone
        break
    line = peer.stdout.readline()
    if line:
        answers.append(json.loads(line))
patience.cancel()
peer.kill()  # whether or not it would end with its input
answer = answers[-1] if len(answers) == len(MESSAGES) else {{"type": "no answer"}}
for name in ("trace", "answer"):
    found, before = answer.get(name), ANSWERED.get(name)
    for number, record in enumerate(found["steps"] if name == "trace" and found else [found]):
        if record is not None:
            print(f"{{name}} {{number}}: {{json.dumps(record)}}")
if told(answer) == told(ANSWERED):
    print("broken: {rule}")
    sys.exit(1)
print("kept: the peer answers otherwise, " + answer["type"])
'''
MOST_BYTES = 1 << 18


def code_of_peer(rule: str, peer: Mapping[str, Any]) -> str:
    """The code that sends the messages, and ends with 1 while the peer answers as it did when a rule was
    found broken; raises StandaloneError for messages that are too long."""
    messages, answered = (
        json.dumps(peer[name], indent=1, ensure_ascii=True) for name in ("messages", "answered")
    )
    if len(messages) + len(answered) > MOST_BYTES:
        raise StandaloneError("the messages to the peer are too long for a script", hint="bufspec replay")
    code = CODE.format(command=repr(list(peer["command"])), messages=messages, answered=answered, rule=rule)
    return code.lstrip("\n")
