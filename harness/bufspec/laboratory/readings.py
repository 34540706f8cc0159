"""How are parsers asked about many texts, some of which may kill one?

All are asked in one child process, which answers each question before it takes up the next; when it dies, the
parser whose turn it was died of that text, and another child goes on after it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from bufspec.errors import EngineError
from bufspec.laboratory.parsers import PARSERS, Reading

MOST_SECONDS = 300.0


def present() -> dict[str, str]:
    """The parsers, in order: the name of each, and why it cannot be asked here, or nothing."""
    return {
        name: "" if name != "numpy" or find_spec("numpy") else "NumPy is not installed" for name in PARSERS
    }


def readings_of(texts: Sequence[str], names: Sequence[str]) -> list[dict[str, Reading]]:
    """What each of these parsers makes of each text."""
    made: list[dict[str, Reading]] = [{} for _ in texts]
    waiting = [(index, name) for index in range(len(texts)) for name in names]
    while waiting:
        answered = _asked([(texts[index], name) for index, name in waiting])
        for (index, name), reading in zip(waiting, answered, strict=False):
            made[index][name] = reading
        if len(answered) < len(waiting):
            index, name = waiting[len(answered)]
            made[index][name] = Reading(None, "the process ended", died=True)
        waiting = waiting[len(answered) + 1 :]
    return made


def _asked(questions: list[tuple[str, str]]) -> list[Reading]:
    """The answers of a child, fewer than questions if it died of the next one."""
    command = [sys.executable, "-c", "from bufspec.laboratory.readings import answer; answer()"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(questions),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"the parsers took more than {MOST_SECONDS:.0f} s", hint="ask for fewer formats"
        ) from error
    lines = [line for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
    if lines[:1] != ["began\n"]:
        raise EngineError("the process of the parsers did not start", hint="bufspec doctor says what works")
    return [Reading(size, note, looks=looks) for size, note, looks in map(json.loads, lines[1:])]


def answer() -> None:
    """Answer what standard input asks, a line each: the child."""
    print("began", flush=True)
    for text, name in json.load(sys.stdin):
        reading = PARSERS[name](text)
        print(json.dumps([reading.size, reading.note, reading.looks]), flush=True)
