"""How does a target end on one input, and what is the shortest input on which it ends alike?"""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bufspec.files.written import write_bytes
from bufspec.fuzz.finding import Finding, Findings, Status, new_id

SECONDS = 10.0
TRIES = 300
SHOWN = (
    re.compile(r"^broken property: (.+)$", re.MULTILINE),
    re.compile(r"^SUMMARY: (\w+Sanitizer: \S+ .+)$", re.MULTILINE),
    re.compile(r"^\S+: runtime error: (.+)$", re.MULTILINE),
)
"""What a target, or a sanitizer, says first of all."""
HANGS = "it does not come to an end"


def ending_of(program: Path, input: bytes) -> str:
    """What ends the program on that input, in words; nothing if it goes on."""
    with tempfile.NamedTemporaryFile(prefix="bufspec-input-") as file:
        file.write(input)
        file.flush()
        try:
            done = subprocess.run(
                [program, file.name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return HANGS
    if done.returncode == 0:
        return ""
    for pattern in SHOWN:
        if said := pattern.search(done.stdout):
            # Addresses differ from run to run, and places from build to build.
            return re.sub(r"0x[0-9a-f]+|/\S*/", "", said[1])
    return _status(done.returncode)


def _status(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def smallest(input: bytes, shows: Callable[[bytes], bool], tries: int = TRIES) -> tuple[bytes, int]:
    """A short input that shows the same, and how many were tried: ever smaller pieces are left out."""
    tried = 0
    size = max(len(input) // 2, 1)
    while input:
        at, is_shorter = 0, False
        while at < len(input) and tried < tries:
            candidate = input[:at] + input[at + size :]
            tried += 1
            if shows(candidate):
                input, is_shorter = candidate, True
            else:
                at += size
        if tried >= tries or (size == 1 and not is_shorter):
            break
        size = max(size // 2, 1)
    return input, tried


def look_at(
    findings: Findings, target: str, program: Path, input: bytes, *, minimises: bool, execution: int
) -> Finding | None:
    """Write down what the program ends in on that input, once; None if it does not end in it again."""
    ending = ending_of(program, input)
    if not ending:
        return None
    subject = f"fuzz.{target}"
    one = findings.by_id.get(new_id(subject, ending, ""))
    if one is not None:
        one.times += 1
        findings.save(one)
        return one
    tried = 0
    if minimises and ending != HANGS:
        input, tried = smallest(input, lambda candidate: ending_of(program, candidate) == ending)
    one = Finding(new_id(subject, ending, ""), subject, target, "", ending, input.hex(), execution, 0)
    file = findings.folder / f"{one.id}.input"
    write_bytes(file, input)
    one.status, one.level, one.tries = Status.NEWS, "required", tried
    one.likeness = f"{subject} {ending}"
    one.described = f"{len(input)} bytes, sha256 {hashlib.sha256(input).hexdigest()[:16]}"
    one.expected, one.found = "the property holds", ending
    one.replay = f"{program} {file}"
    findings.save(one)
    return one
