"""How does a script show a break of a rule of other interfaces to a memory?  By the check itself.

The check is Python of the standard library alone (bufspec/bridges); a script has those statements of
it that it needs.  Text only; nothing of it runs here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from bufspec import bridges
from bufspec.scripts.assembly import in_a_process, script_of_pieces
from bufspec.scripts.pieces import PIECES
from bufspec.wire.source_text import joined
from bufspec.words import INTERFACE_THERE

AREA = "bridge."
MODULES = {"array_interface": "array", "array_struct": "array", "dlpack": "dlpack", "arrow": "arrow"}
OURS = "bufspec."


def code_of_bridge(rule: str, made: str, *, raises: bool) -> str:
    """The code that makes the check of a rule of objects that make() of `made` makes.

    `raises` says that the interface raised what the check does not take for a refusal, SystemExit say.
    """
    calls = ['owed, found = check(make) or ("", "")']
    if raises:
        calls = [
            "try:",
            f"    {calls[0]}",
            "except BaseException as error:",
            f'    owed, found = "{INTERFACE_THERE}", f"{{type(error).__name__}} raised"',
        ]
    main = [*calls, "if found:", "    broken(owed, found)", 'print("kept")']
    return _code(rule, rule, main, made)


def code_of_fatal_bridge(rule: str, made: str, condition: str) -> str:
    """The code that makes it in a process of its own, and ends with 1 if `condition` holds of that."""
    return _code(rule, "an exporter answers", in_a_process(["check(make)"], condition, "an answer"), made)


def _code(rule: str, broken: str, calls: list[str], made: str) -> str:
    module = MODULES[rule.removeprefix(AREA).partition(".")[0]]
    statements = [one for name in ("memory", "held", module) for one in _statements(name)]
    check = next(_entry(one, rule) for one in reversed(statements) if _binds(one) == {"CHECKS"})
    main = ast.parse(f"check = {ast.unparse(check)}").body[0]
    chosen = _needed(statements, _names(main))
    text = "\n".join(ast.unparse(_without_text(one)) for one in [*chosen, main])
    whole = joined(made, text)
    code = script_of_pieces(broken, "\n".join(calls) + "\n", whole, {"broken": PIECES["broken"]}, {})
    return f"from __future__ import annotations\n\n{code}"


def _statements(name: str) -> Iterator[ast.stmt]:
    file = Path(bridges.__path__[0], f"{name}.py")
    for one in ast.parse(file.read_text(encoding="utf-8")).body[1:]:
        is_ours = isinstance(one, ast.ImportFrom) and (one.module or "").startswith((OURS, "__future__"))
        is_text = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        if not is_ours and not is_text:
            yield one


def _needed(statements: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """Those of the statements that define what these names need, in their order."""
    chosen: set[int] = set()
    grows = True
    while grows:
        more = {
            number
            for number, one in enumerate(statements)
            if number not in chosen and (_binds(one) & names or _sets_up(one, names))
        }
        for number in more:
            names = names | _names(statements[number])
        chosen |= more
        grows = bool(more)
    return [one for number, one in enumerate(statements) if number in chosen]


def _entry(checks: ast.stmt, rule: str) -> ast.expr:
    """What stands for a rule in the CHECKS of a module."""
    assert isinstance(checks, ast.AnnAssign) and isinstance(checks.value, ast.Dict), "a table of checks"
    pairs = zip(checks.value.keys, checks.value.values, strict=True)
    return next(value for key, value in pairs if isinstance(key, ast.Constant) and key.value == rule)


def _binds(one: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(one, ast.FunctionDef | ast.ClassDef):
        return {one.name}
    if isinstance(one, ast.Import | ast.ImportFrom):
        return {name.asname or name.name for name in one.names}
    if isinstance(one, ast.AnnAssign | ast.Assign):
        targets = [one.target] if isinstance(one, ast.AnnAssign) else one.targets
        names = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        return {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return set()


def _sets_up(one: ast.stmt, needed: set[str]) -> bool:
    """Whether it says what a function of the C API takes that is needed."""
    if not isinstance(one, ast.Assign) or not isinstance(one.targets[0], ast.Attribute):
        return False
    function = one.targets[0].value
    return isinstance(function, ast.Attribute) and function.attr in needed and "api" in needed


def _names(one: ast.stmt) -> set[str]:
    """The names that a statement uses, those of attributes too."""
    nodes = list(ast.walk(one))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def _without_text(one: ast.stmt) -> ast.stmt:
    """The statement with the texts about its members left out, but for the first."""
    if isinstance(one, ast.ClassDef):
        texts = [node for node in one.body[1:] if isinstance(node, ast.Expr)]
        one.body = [node for node in one.body if node not in texts]
    return one
