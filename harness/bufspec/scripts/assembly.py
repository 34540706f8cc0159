"""How does a script come of its pieces?  Those that it needs, in their order, with the imports they need.

The names in a script decide which pieces it has, so that a reader meets nothing that the break does not need.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from bufspec.scripts.pieces import ALSO_NAMES, API_CALL, GET_BUFFER_OF_SLOT, PIECES

MODULES = (
    *("ctypes", "gc", "itertools", "math", "mmap", "os", "struct", "subprocess", "sys", "threading", "time"),
    "types",
)


def script_from(rule: str, main: str, made: str, *others: Mapping[str, str], of_views: bool = False) -> str:
    """The code of a script: `made` (which makes the object), what `main` needs of the pieces, and `main`.

    `rule` is what breaks; each of `others` has pieces that stand in for those of PIECES.  With `of_views`
    each request goes to a view that make_view() makes of the object.
    """
    pieces = dict(PIECES)
    for replaced in others:
        pieces |= replaced
    if pieces["get_buffer"] is GET_BUFFER_OF_SLOT:
        pieces["ask"] = pieces["ask"].replace(API_CALL, "get_buffer(exporter, ctypes.addressof(view), flags)")
    if of_views:
        asked = re.compile(r"(?<!def )\b(py_object|get_buffer|memoryview)\(exporter")
        pieces = {name: asked.sub(r"\1(make_view(exporter)", text) for name, text in pieces.items()}
    return script_of_pieces(rule, main, made, pieces, ALSO_NAMES)


def script_of_pieces(
    rule: str, main: str, made: str, pieces: Mapping[str, str], also: Mapping[str, str]
) -> str:
    """The code of a script: imports, `made`, those of `pieces` that `main` needs in their order, and `main`.

    `also` says which piece defines a name that is not its own.
    """
    pieces = {name: text.replace("broken: RULE", f"broken: {rule}") for name, text in pieces.items()}
    for name in _names_bound(made) & {*pieces, *also}:  # the subject's own code keeps its names
        renamed = re.compile(rf"(?<![.\w])(?<!operation_){name}\b(?!=)")
        pieces = {
            f"{key}_" if key == name else key: renamed.sub(f"{name}_", text) for key, text in pieces.items()
        }
        also = {f"{key}_" if key == name else key: f"{of}_" if of == name else of for key, of in also.items()}
        main = renamed.sub(f"{name}_", main)
    chosen = _needed(main, pieces, also)
    body = "".join(f"\n{pieces[name]}" for name in pieces if name in chosen)
    names = words_of(body + main)
    imports, rest = imports_and_rest(made)
    imports = {line for line in imports if not _is_unused_type(line, words_of(rest + body + main))}
    imports |= {f"import {module}" for module in MODULES if module in names}
    first = "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line)))
    parts = [first, _close_together(rest).strip(), body.strip(), main.strip("\n")]
    return "\n\n\n".join(part for part in parts if part) + "\n"


def in_a_process(calls: list[str], condition: str, expected: str) -> list[str]:
    """The main lines of a script whose calls no process survives: they are made in one of their own.

    `condition` holds of `done` if that ended so, in place of what is `expected`.
    """
    return [
        'if "calls" in sys.argv:',
        *("    " + line for line in [*calls, "os._exit(0)"]),
        "",
        "try:",
        '    done = subprocess.run([sys.executable, __file__, "calls"], timeout=20)',
        "except subprocess.TimeoutExpired:",
        "    done = None",
        f"if {condition}:",
        f'    broken("{expected}", "none in 20 s" if done is None else f"status {{done.returncode}}")',
        'print("kept")',
    ]


def _close_together(code: str) -> str:
    """The code with at most two blank lines between its statements; texts inside them stay as they are."""
    inside = {
        number
        for node in ast.parse(code).body
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept: list[str] = []
    for number, line in enumerate(code.split("\n"), start=1):
        if line or number in inside or kept[-2:] != ["", ""]:
            kept.append(line)
    return "\n".join(kept)


def _is_unused_type(line: str, names: set[str]) -> bool:
    """Whether a line imports from typing what is not used: annotations are left out of scripts."""
    if not line.startswith(("from typing import ", "from collections.abc import ")):
        return False
    return not names.intersection(word.strip() for word in line.partition(" import ")[2].split(","))


def _names_bound(code: str) -> set[str]:
    """The names that a piece of code binds at its top."""
    bound: set[str] = set()
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {one.asname or one.name for one in node.names}
        else:
            names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
            bound |= {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return bound


def imports_and_rest(code: str) -> tuple[set[str], str]:
    """The imports that a piece of code begins with, and what follows them."""
    lines = code.strip().split("\n")
    count = 0
    while count < len(lines) and (not lines[count] or lines[count].startswith(("import ", "from "))):
        count += 1
    return {line for line in lines[:count] if line}, "\n".join(lines[count:])


def _needed(main: str, pieces: Mapping[str, str], also: Mapping[str, str]) -> set[str]:
    chosen: set[str] = set()
    waiting = [main]
    while waiting:
        for word in words_of(waiting.pop()):
            name = also.get(word, word)
            if name in pieces and name not in chosen:
                chosen.add(name)
                waiting.append(pieces[name])
    return chosen


def words_of(code: str) -> set[str]:
    """The names in a piece of code, without those in its texts."""
    bare = re.sub(r'""".*?"""|"[^"\n]*"|#[^\n]*', " ", code, flags=re.S)
    return set(re.findall(r"(?<![.\w])[A-Za-z_]\w*", bare)) | set(re.findall(r"\{(\w+)", code))
