"""The places in the reference's sources where a predicate can be broken.

Every line of code with a condition counts: what an `if`, a loop, a `return` or a `?` decides on, and the
numbers and words in it.  Comments, texts and includes are passed over, and so are the files that say nothing
about the protocol: scenario*.cpp (how a scenario is spelled, shown and shrunk), values.cpp (how a finding is
shown), and reach.cpp (which cases need not be run; the engine's tests compare it with what is judged).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from breaks import Break

# What is found in a predicate, and what is written instead.  The blanks keep templates and pointers out.
SWAPS: tuple[tuple[str, str, str], ...] = (
    (r" == ", " != ", "== to !="),
    (r" != ", " == ", "!= to =="),
    (r" < ", " <= ", "< to <="),
    (r" <= ", " < ", "<= to <"),
    (r" > ", " >= ", "> to >="),
    (r" >= ", " > ", ">= to >"),
    (r" && ", " || ", "&& to ||"),
    (r" \|\| ", " && ", "|| to &&"),
    (r"\btrue\b", "false", "true to false"),
    (r"\bfalse\b", "true", "false to true"),
    (r"(?<=\()!(?=[a-z])|(?<= )!(?=[a-z])", "", "drop a not"),
)
PREDICATE = re.compile(r"\b(if|while|return|bool)\b| \? | && | \|\| |^\s*(&&|\|\|)")
CONSTANT = re.compile(r"(?<![\w.\"'])(\d+)(?![\w.\"'])")
CONDITION = re.compile(r"^\s*(?:\} else )?if \((?P<test>.*)\) (?:return|\{|continue|break|[a-z_:.]+[ (=+])")
TERM = re.compile(r" && [\w!.:>()-]+(?=[;) ])")


def code_of(line: str) -> str:
    """The line with comments and texts blanked out, as long as before."""
    blanked = re.sub(r"\"(\\.|[^\"\\])*\"", lambda text: " " * len(text.group()), line)
    blanked = re.sub(r"'(\\.|[^'\\])'", lambda text: " " * len(text.group()), blanked)
    comment = blanked.find("//")
    return blanked if comment < 0 else blanked[:comment].ljust(len(line))


def places_in_line(code: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, what is written instead, name of the break) within one line of code."""
    for pattern, instead, name in SWAPS:
        for found in re.finditer(pattern, code):
            yield found.start(), found.end(), instead, name
    for found in CONSTANT.finditer(code):
        number = int(found.group(1), 0) if not found.group(1).startswith("0") else 0
        yield found.start(1), found.end(1), str(number + 1), f"{found.group(1)} to {number + 1}"
    condition = CONDITION.match(code)
    if condition and balanced(condition["test"]) and ";" not in condition["test"]:
        start, end = condition.span("test")
        yield start, end, f"!({code[start:end]})", "negate the condition"
    for found in TERM.finditer(code):
        if balanced(found.group()):
            yield found.start(), found.end(), "", f"drop{found.group()}"


def balanced(text: str) -> bool:
    """Whether every parenthesis in the text is closed in it."""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def places_in_source(project: Path, path: Path) -> Iterator[Break]:
    """Every break of one source file."""
    content = path.read_text(encoding="utf-8")
    offset = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        code = code_of(line)
        if PREDICATE.search(code) and not line.lstrip().startswith("#") and "noexcept override" not in code:
            seen: dict[str, int] = {}
            for start, end, instead, name in places_in_line(code):
                seen[name] = seen.get(name, 0) + 1
                what = name if seen[name] == 1 else f"{name} ({seen[name]})"
                # The blanked text may not be written back: what is copied comes from the line itself.
                written = f"!({line[start:end]})" if name == "negate the condition" else instead
                yield Break(
                    str(path.relative_to(project)),
                    number,
                    offset + start,
                    offset + end,
                    written,
                    what,
                    line.strip(),
                )
        offset += len(line)


def places_in_sources(project: Path) -> list[Break]:
    """Every break of the reference."""
    sources = sorted(
        path
        for path in (project / "reference" / "src").glob("*.cpp")
        if not path.name.startswith("scenario") and path.name not in ("reach.cpp", "values.cpp")
    )
    return [place for path in sources for place in places_in_source(project, path)]
