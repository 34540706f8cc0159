"""What a process said on its error stream as it died, as one bounded line without addresses.

The C library, the C++ runtime and the interpreter each have their own way to say it; what a subject prints
for itself is passed over.
"""

from __future__ import annotations

import re

from bufspec.wire.text import without_addresses

LONGEST = 200
FRAMES_SHOWN = 2

FATAL = re.compile(r"^Fatal Python error: (.*)")
FRAME = re.compile(r'^  File "((?:.*/)?)([^"/]+)", line (\d+) in (.+)')
JSON = re.compile(r"/json/$")
"""Where frames are of the worker that writes an event, if it called them."""
OURS = re.compile(r"/bufspec/(?:worker|isolation|wire|run|testing|processes|commands)/$")
"""Where frames are of the worker that judges: they say nothing about the subject."""
DRIVER = re.compile(r"/(?:asyncio|anyio(?:/.*)?)/$")
"""Where frames are of the driver that a worker was forked from, if they called the worker."""
TELLING = re.compile(
    r"^(?:terminate called|free\(\)|malloc|realloc|munmap_chunk|double free|corrupted |\*\*\* |munmap"
    r"|.*: Assertion |.*Sanitizer|.*stack smashing|.*stack overflow|memory allocation of .* failed)"
)
OUT_OF_MEMORY = re.compile(
    r"^MemoryError|bad_alloc|[Oo]ut of memory|Cannot allocate memory|memory allocation"
)


def last_words(text: str) -> str:
    """What the runtimes said last: the C library's words, the interpreter's, and where in Python it was."""
    lines = text.splitlines()
    fatal = max((at for at, line in enumerate(lines) if FATAL.match(line)), default=len(lines))
    said = [line.strip() for line in lines[max(0, fatal - 20) : fatal] if TELLING.match(line)][-2:]
    if fatal < len(lines):
        said.append(lines[fatal].strip())
        said += _frames(lines[fatal + 1 :])
    return without_addresses(", ".join(said))[:LONGEST]


def tells_of_memory(text: str) -> bool:
    """Whether any of it says that there was no memory left."""
    return any(OUT_OF_MEMORY.search(line) for line in text.splitlines())


def _frames(lines: list[str]) -> list[str]:
    found: list[str] = []
    of_json, is_in_worker = 0, False
    for line in lines:
        match = FRAME.match(line)
        if match and OURS.search(match[1]):
            found = found[: len(found) - of_json]
            of_json, is_in_worker = 0, True
        elif match and is_in_worker and (found or DRIVER.search(match[1])):
            break  # what follows called the worker
        elif match and not match[2].startswith("<frozen "):
            found.append(f"in {match[4]} ({match[2]}:{match[3]})")
            of_json = of_json + 1 if JSON.search(match[1]) else 0
        elif not match and (found or is_in_worker):
            break
    return found[:FRAMES_SHOWN]
