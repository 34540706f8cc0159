"""Several pieces of a module as one: each statement once, imports first.  Text only; nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable


def operation_name(name: str) -> str:
    """How the function of an operation is called in a script."""
    return "operation_" + re.sub(r"\W", "_", name)


def joined(*texts: str) -> str:
    """One module's text of these; what stands in two of them alike is taken once."""
    imports: dict[str, None] = {}
    rest: dict[str, None] = {}
    for text in texts:
        for node, code in _statements(text):
            (imports if isinstance(node, ast.Import | ast.ImportFrom) else rest)[code] = None
    return "\n".join([*imports, *([""] if imports else []), *_spaced(rest)]).strip("\n") + "\n"


def _statements(text: str) -> Iterable[tuple[ast.stmt, str]]:
    lines = text.split("\n")
    nodes = ast.parse(text).body
    for number, node in enumerate(nodes):
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        end = node.end_lineno or node.lineno
        if number + 1 < len(nodes) and nodes[number + 1].lineno == end:  # two on one line
            yield node, ast.unparse(node)
        else:
            yield node, "\n".join(lines[first - 1 : end])


def _spaced(statements: Iterable[str]) -> Iterable[str]:
    for code in statements:
        yield f"\n\n{code}\n" if code.startswith(("def ", "class ", "@", "async ")) else code
