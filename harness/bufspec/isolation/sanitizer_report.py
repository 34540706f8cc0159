"""Which report of AddressSanitizer or UBSan did a process print as it died, and where was the fault?

The stack of a report begins with the sanitizer's own functions, which say nothing about the subject, and goes
on below the subject into the engine and the interpreter.
"""

from __future__ import annotations

import re

from attrs import frozen

from bufspec.wire.text import without_addresses

MOST_LINES = 64
"""So many frames of a stack are kept."""
LONGEST_LINE = 300
FRAMES_NAMED = 2

HEAD = re.compile(r"(?:==\d+==\s*)?ERROR: (AddressSanitizer|UndefinedBehaviorSanitizer): ([\w() -]+)")
RUNTIME_ERROR = re.compile(r"(\S+): runtime error: (.+)")
FRAME = re.compile(r"\s+#\d+ 0x[0-9a-f]+ (?:in )?(.+)")
OF_THE_SANITIZER = re.compile(
    r"libsanitizer/|lib[au]bsan|compiler-rt|^__(?:interceptor|asan|ubsan|sanitizer)_"
)
BELOW_THE_SUBJECT = re.compile(r"bufspec/_engine|/libpython3|/python3|^_?Py[A-Z]\w+ ")
FOLDER = re.compile(r"[^\s(]*/")
OF_THE_BUILD = re.compile(r" ?\(BuildId: \w+\)")


@frozen
class SanitizerReport:
    """What was reported, in a few words, and the stack of it, from the fault downward."""

    found: str
    stack: tuple[str, ...]


def sanitizer_report(text: str) -> SanitizerReport | None:
    """The last report in what a process printed, None if there is none."""
    lines = text.splitlines()
    for at in range(len(lines) - 1, -1, -1):
        if head := HEAD.match(lines[at]):
            kind = head[2].split(" on ")[0].split(" in ")[0].strip()
            return _report(f"{head[1]}: {kind}", lines[at + 1 :])
        if head := RUNTIME_ERROR.match(lines[at]):
            where = FOLDER.sub("", head[1])
            return _report(f"UBSan: {head[2]} ({where})", lines[at + 1 :])
    return None


def _report(kind: str, lines: list[str]) -> SanitizerReport:
    stack: list[str] = []
    for line in lines:
        if frame := FRAME.match(line):
            stack.append(OF_THE_BUILD.sub("", frame[1])[:LONGEST_LINE])
        elif stack:
            break  # the stacks of the allocation and of the threads come next
    told = [without_addresses(FOLDER.sub("", frame)) for frame in _of_the_subject(stack)[:FRAMES_NAMED]]
    words = ", ".join([kind, *(f"in {frame}" for frame in told)])
    return SanitizerReport(
        without_addresses(words), tuple(without_addresses(one) for one in stack[:MOST_LINES])
    )


def _of_the_subject(stack: list[str]) -> list[str]:
    found: list[str] = []
    for frame in stack:
        if BELOW_THE_SUBJECT.search(frame) and found:
            break
        if not OF_THE_SANITIZER.search(frame) and not BELOW_THE_SUBJECT.search(frame):
            found.append(frame)
    return found
