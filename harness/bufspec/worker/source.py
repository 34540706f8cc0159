"""How a subject's objects are made, as Python text that stands alone: what a script needs to make one too.

Works on the text of the file that declares the factory: takes the function and every statement of the module
that it needs, and leaves the declaration out.  Runs in a worker, since it imports the subject's module.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from importlib.util import resolve_name
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from attrs import fields

from bufspec import _engine
from bufspec.declare import CONSUMER, Fresh, Layout, Subject
from bufspec.errors import StandaloneError
from bufspec.inside import WhileChanging
from bufspec.library import Native
from bufspec.wire.expression import expression_from_name
from bufspec.wire.source_text import joined, operation_name
from bufspec.wire.views import MakesViews, OfOwner
from bufspec.worker.operations import named_operations

MAKE = "make"
MAKE_OTHER = "make_other"
"""What makes the other object, of another layout, of a step `another`."""
MAKE_VIEW = "make_view"
"""What gives a view of the object that make() makes."""


def sources(subject: Subject, scenario: bytes, operations: Sequence[str]) -> dict[str, Any]:
    """How the object of a scenario is made, as text that defines make(), and what its elements should be.

    For an object that is built from the scenario's layout, text and `elements` come from that layout.
    """
    if isinstance(subject.what, str):
        return {"make": ""}
    if isinstance(subject.what, Native):
        raise StandaloneError(
            "no script in Python calls a subject of a shared library",
            where=subject.name,
            hint="bufspec replay shows the calls; --full every field of them",
        )
    if subject.target == CONSUMER:
        return {"make": source_of_consumer(subject), "kind": subject.kind, "returns": subject.returns}
    if isinstance(subject.what, MakesViews):
        made = joined(source_of(subject.what.make_owner), _source_of_view(subject.what.view))
        return {
            "make": made,
            "elements": None,
            "operations": _operations(subject, operations),
            "of_views": True,
        }
    layout = _layout_of(subject, scenario) if subject.build else None
    if layout is not None and subject.build:
        other = (
            _layout_of(subject, _engine.scenario_of_other_shape(scenario))
            if _uses_another(scenario)
            else None
        )
        return {"make": _source_of_built(subject.build, layout, other), "elements": layout.elements.hex()}
    made = source_of_expression(subject.name) if ":" in subject.name else source_of(subject.what)
    texts = _operations(subject, operations)
    expect = None if subject.expect is None else subject.expect.hex()
    return {"make": made, "elements": expect, "operations": texts}


VIEW_INSIDE = '''
def make_view(owner):
    """The view that a callback takes while the operation runs."""
    taken = []

    def call_back(*_):
        if not taken:
            taken.append(take_view(owner))
        return 0

    try:
        change(owner, call_back)
    except Exception as error:
        print(f"the operation raises {error!r}")
    return taken.pop()
'''


def _source_of_view(view: Callable[..., object]) -> str:
    """The text that defines make_view()."""
    if not isinstance(view, WhileChanging):
        return source_of(view, MAKE_VIEW)
    return joined(source_of(view.change, "change"), source_of(view.take, "take_view"), VIEW_INSIDE)


def _operations(subject: Subject, names: Sequence[str]) -> dict[str, str]:
    """The text that defines each of these operations."""
    known = named_operations(subject, list(names))
    own = [(name, call.operation if isinstance(call, OfOwner) else call) for name, call in known]
    return {name: source_of(call, operation_name(name)) for name, call in own}


def source_of_consumer(subject: Subject) -> str:
    """The text of a module that defines `consumer`, which does what the consumer of a subject does."""
    assert not isinstance(subject.what, str), "only functions are named"
    if isinstance(subject.what, Fresh):
        made = source_of(subject.what.make, "make_consumer")
        return f"{made}\n\ndef consumer(exported):\n    return make_consumer()(exported)\n"
    if call := _call_that_makes(subject.what):
        kind, arguments = call
        made = f"{kind.__name__}({', '.join(_literal(one) for one in arguments)})"
        return f"{_import_of(kind, kind.__name__)}\n\nconsumer = {made}"
    if ":" not in subject.name:
        return source_of(subject.what, "consumer")
    imports, _, expression = source_of_expression(subject.name).rpartition("\n    return ")
    return f"{imports.removesuffix(f'def {MAKE}():').strip()}\n\nconsumer = {expression}"


def _call_that_makes(value: object) -> tuple[type, tuple[Any, ...]] | None:
    """The type of an object and its arguments, where __reduce__ says that this call is all it takes."""
    kind = type(value)
    if kind.__reduce__ is object.__reduce__:
        return None
    made = value.__reduce__()
    if isinstance(made, tuple) and len(made) == 2 and made[0] is kind:
        return kind, made[1]
    return None


def _layout_of(subject: Subject, scenario: bytes) -> Layout | None:
    """The layout that `build` is asked for; nothing is built."""
    asked: list[Layout] = []

    def ask(layout: Layout) -> object:
        asked.append(layout)
        return NotImplemented

    _engine.trace_scenario(subject.target, subject.what, scenario, build=ask)
    return asked[0] if asked else None


def _uses_another(scenario: bytes) -> bool:
    return any(step["kind"] == "another" for step in _engine.parts(scenario)["steps"])


def _source_of_built(build: Callable[[Layout], object], layout: Layout, other: Layout | None) -> str:
    made = _source_of_layout("LAYOUT", layout, MAKE)
    if other is not None:
        made += "\n\n" + _source_of_layout("OTHER_LAYOUT", other, MAKE_OTHER)
    return f"from types import SimpleNamespace\n{source_of(build, 'build')}\n\n{made}"


def _source_of_layout(constant: str, layout: Layout, function: str) -> str:
    names = [*(one.name for one in fields(Layout)), "ndim", "size", "c_strides", "is_c_contiguous"]
    given = "".join(f"    {name}={getattr(layout, name)!r},\n" for name in names)
    return f"{constant} = SimpleNamespace(\n{given})\n\n\ndef {function}():\n    return build({constant})\n"


def source_of_expression(text: str, name: str = MAKE) -> str:
    """The text of a function `name` that gives what MODULE:EXPRESSION gives."""
    named = expression_from_name(text)
    module_name, expression = named.module, named.code
    module = importlib.import_module(module_name)
    tree = ast.parse(expression, mode="eval")
    wanted = sorted(one for one in _free_names(tree) if one in vars(module) and not _is_builtin(module, one))
    imports = f"from {module_name} import {', '.join(wanted)}\n" if wanted else ""
    if not all(part.isidentifier() for part in module_name.split(".")):
        # The name of a file may be anything, which only a literal may hold.
        found = [f"{one} = __import__('importlib').import_module({module_name!r}).{one}\n" for one in wanted]
        imports = "".join(found)
    return f"{imports}\n\ndef {name}():\n    return {expression}\n".lstrip("\n")


def source_of(function: Callable[..., object], name: str = MAKE) -> str:
    """The text of a module that defines `name`, which does what `function` does.

    Raises StandaloneError where that cannot be written down: a function without source, or one that holds a
    value that no text makes.
    """
    if isinstance(function, functools.partial):
        return _source_of_partial(function, name)
    if (declared := _declared_by_name(function)) is not None:
        file, reached = declared
        before = _Module(file, inspect.getsource(file)).statements(_free_names(ast.parse(reached)))
        return f"{before}\n\n\n{name} = {reached}\n"
    if not isinstance(function, FunctionType):
        return f"{_import_of(function, name)}\n"
    module = sys.modules.get(function.__module__)
    if module is not None and _is_of_package(function, module):
        return f"{_import_of(function, name)}\n"
    node, text = _node_of(function)
    values = {**_closure(function), **_defaults(function)}
    parts = _Module(module, text)
    needed = _free_names(node) - set(values)
    body = _as_function(node, text, name)
    held = "\n".join(_assignment(each, value, parts) for each, value in sorted(values.items()))
    before = parts.statements(needed | parts.asked)
    return "\n\n\n".join(part for part in (before, held, body) if part) + "\n"


def _source_of_partial(function: functools.partial[Any], name: str) -> str:
    inner = source_of(function.func, f"_{name}")
    arguments = [_literal(one) for one in function.args]
    arguments += [f"{key}={_literal(value)}" for key, value in function.keywords.items()]
    rest = [] if name == MAKE else ["one"]
    return (
        f"{inner}\n\ndef {name}({', '.join(rest)}):\n    return _{name}({', '.join([*arguments, *rest])})\n"
    )


def _is_builtin(module: ModuleType, name: str) -> bool:
    return vars(builtins).get(name, module) is vars(module)[name]


def _free_names(node: ast.AST) -> set[str]:
    """The names that a piece of code loads and does not bind itself; nested scopes are taken as one."""
    loaded: set[str] = set()
    bound: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            (loaded if isinstance(one.ctx, ast.Load) else bound).add(one.id)
        elif isinstance(one, ast.arg):
            bound.add(one.arg)
    if isinstance(node, ast.FunctionDef):
        for decorator in node.decorator_list:
            loaded -= {one.id for one in ast.walk(decorator) if isinstance(one, ast.Name)} - _free_names(
                ast.Module(body=node.body, type_ignores=[])
            )
    return loaded - bound


def _node_of(function: FunctionType) -> tuple[ast.FunctionDef | ast.Lambda, str]:
    """The function in the tree of its file, and the text of that file."""
    try:
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError) as error:
        raise StandaloneError(
            f"the source of {function.__qualname__} cannot be read: {error}", where=function.__module__
        ) from error
    text = "".join(lines)
    first = function.__code__.co_firstlineno
    lambdas: list[ast.Lambda] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == function.__code__.co_name:
            if first in (node.lineno, *(one.lineno for one in node.decorator_list)):
                return node, text
        elif isinstance(node, ast.Lambda) and node.lineno == first and _compiles_to(node, function.__code__):
            lambdas.append(node)
    if lambdas:  # of those in one another, the innermost
        return lambdas[-1], text
    raise StandaloneError(f"{function.__qualname__} is not found in its file", where=function.__module__)


def _compiles_to(node: ast.Lambda, code: CodeType) -> bool:
    """Whether all of the code comes from the body of that lambda."""
    body = node.body
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    places = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if line is not None and end_line is not None and column is not None and end_column is not None
    ]
    places = [one for one in places if one[0] < one[1]]  # what a function begins with has none
    return bool(places) and all(start <= first and last <= end for first, last in places)


def _closure(function: FunctionType) -> dict[str, Any]:
    cells = function.__closure__ or ()
    return {name: cell.cell_contents for name, cell in zip(function.__code__.co_freevars, cells, strict=True)}


def _defaults(function: FunctionType) -> dict[str, Any]:
    """Arguments with defaults, which the function is never called with: they are values that it holds."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    return dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))


def _as_function(node: ast.FunctionDef | ast.Lambda, text: str, name: str) -> str:
    given = [one.arg for one in _required(node.args)]
    given += [f"*{node.args.vararg.arg}"] if node.args.vararg else []
    given += [f"**{node.args.kwarg.arg}"] if node.args.kwarg else []
    arguments = ", ".join(given)
    if isinstance(node, ast.Lambda):
        return f"def {name}({arguments}):\n    return {ast.get_source_segment(text, node.body)}"
    lines = text.split("\n")[node.body[0].lineno - 1 : node.end_lineno]
    if lines[0].encode()[: node.body[0].col_offset].strip():  # the body stands on the line of its `def`
        lines[0] = lines[0].encode()[node.body[0].col_offset :].decode()
    return f"def {name}({arguments}):\n{textwrap.indent(textwrap.dedent(chr(10).join(lines)), '    ')}"


def _required(arguments: ast.arguments) -> list[ast.arg]:
    return arguments.args[: len(arguments.args) - len(arguments.defaults)]


def _assignment(name: str, value: Any, parts: _Module) -> str:
    if inspect.isfunction(value):
        called: str = value.__name__
        if vars(parts.module or builtins).get(called) is value:
            parts.asked.add(called)
            return f"{name} = {called}" if name != called else ""
        return source_of(value, name).rstrip()
    if inspect.ismodule(value):
        return f"import {value.__name__} as {name}"
    declared = _declared_by_name(value)
    if declared is not None and declared[0] is parts.module:
        parts.asked |= _free_names(ast.parse(declared[1]))
        return f"{name} = {declared[1]}" if name != declared[1] else ""
    if inspect.isclass(value) or inspect.isbuiltin(value):
        return _import_of(value, name)
    return f"{name} = {_literal(value)}"


_DECLARE = ("bufspec.declare", "bufspec.declaring")


def _declares(module: ModuleType) -> bool:
    """Whether it is a file of subjects, which a script does not import."""
    if module.__name__.startswith(("bufspec", "__main__")):
        return True
    return any(str(getattr(one, "__module__", "")).startswith(_DECLARE) for one in vars(module).values())


def _is_of_package(function: FunctionType, module: ModuleType) -> bool:
    """Whether a function is reached by its name in a module that is no file of subjects: it is imported."""
    return not _declares(module) and _named_in(module, function.__qualname__) is function


def _declared_by_name(value: object) -> tuple[ModuleType, str] | None:
    """The file of subjects that has a class, a method, or an object with one, and the name that reaches
    it.
    """
    owner = value.__self__ if isinstance(value, MethodType) else value
    kind = owner if isinstance(owner, FunctionType | type) else type(owner)
    module = sys.modules.get(kind.__module__)
    if module is None or not _declares(module):
        return None
    if isinstance(owner, FunctionType | type):
        reached = owner.__qualname__
        if _named_in(module, reached) is not owner or (
            isinstance(owner, FunctionType) and "." not in reached
        ):
            return None
    else:
        reached = next((name for name, one in vars(module).items() if one is owner), "") or _made_again(owner)
    method = f".{value.__name__}" if isinstance(value, MethodType) else ""
    return (module, f"{reached}{method}") if reached else None


def _made_again(value: object) -> str:
    """An expression for an object that only has attributes which text makes; empty for any other."""
    kind = type(value)
    if kind.__new__ is not object.__new__ or "<" in kind.__qualname__ or not hasattr(value, "__dict__"):
        return ""
    try:
        given = ", ".join(f"{name}={_literal(one)}" for name, one in vars(value).items())
    except StandaloneError:
        return ""
    made = f"object.__new__({kind.__qualname__})"
    return f"(lambda made: (made.__dict__.update({given}), made)[1])({made})" if given else made


def _named_in(module: ModuleType | None, qualified: str) -> object:
    found: object = module
    for part in qualified.split("."):
        found = getattr(found, part, None)
    return found


def _import_of(value: Any, name: str) -> str:
    owner = getattr(value, "__objclass__", value)  # of a method of a class in C
    module, qualified = getattr(owner, "__module__", None), getattr(value, "__qualname__", "")
    if module and _named_in(sys.modules.get(module), qualified) is value:
        if module == "builtins":
            return f"{name} = {qualified}"
        first, dot, _ = qualified.partition(".")
        if dot:
            return f"from {module} import {first}\n\n{name} = {qualified}"
        return f"from {module} import {qualified}" + (f" as {name}" if name != qualified else "")
    hint = "declare the subject by a function in a file"
    if isinstance(value, type):
        name = value.__name__
        hint = f"give the class its name at the top of its file: class {name}, or {name} = type(...)"
    raise StandaloneError(f"no text makes {value!r}", hint=hint)


def _literal(value: Any) -> str:
    """An expression that makes an equal value."""
    text = repr(value)
    try:
        if ast.literal_eval(text) == value:
            return text
    except (ValueError, SyntaxError, TypeError):
        pass
    module = sys.modules[type(value).__module__]
    if module.__name__.startswith("bufspec_subjects_"):  # a file that no script imports
        raise StandaloneError(f"no text makes the value {text[:80]}", hint="give it a name in its file")
    for owner in (module, sys.modules[module.__name__.partition(".")[0]]):
        try:
            same = bool(eval(text, {**vars(owner)}) == value)
        except Exception:
            continue
        if same and re.match(r"[A-Za-z_]\w*\(", text):
            return f"__import__({owner.__name__!r}).{text}"
    raise StandaloneError(
        f"no text makes the value {text[:80]}", hint="declare the subject by a plain function"
    )


class _Module:
    """The top-level statements of one file, by the names that they bind."""

    def __init__(self, module: ModuleType | None, text: str) -> None:
        self.module = module
        self.asked: set[str] = set()
        self._text = text
        self._by_name: dict[str, list[tuple[int, str, set[str]]]] = {}
        """Every statement that binds a name or sets something of what it means."""
        for number, node in enumerate(ast.parse(text).body):
            for name, code in self._bound(node):
                is_import = isinstance(node, ast.Import | ast.ImportFrom)
                needs = set() if is_import else _free_names(ast.parse(code))
                self._by_name.setdefault(name, []).append((number, code, needs))

    def _bound(self, node: ast.stmt) -> Iterable[tuple[str, str]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], ast.unparse(ast.Import([alias]))
        elif isinstance(node, ast.ImportFrom):
            for alias in self._imported(node):
                yield (
                    alias.asname or alias.name,
                    ast.unparse(ast.ImportFrom(node.module, [alias], node.level)),
                )
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            lines = self._text.split("\n")[node.lineno - 1 : node.end_lineno]
            kept = [f"@{ast.unparse(one)}" for one in node.decorator_list if not self._declares(one)]
            yield node.name, "\n" * 2 + "\n".join([*kept, *lines]) + "\n" * 2
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.AugAssign | ast.Delete):
            for one in ast.walk(node):
                if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load):
                    yield one.id, ast.get_source_segment(self._text, node) or ""
                elif isinstance(one, ast.ImportFrom) and one.names[0].name == "*":
                    for alias in self._imported(one):
                        yield alias.name, ast.get_source_segment(self._text, node) or ""
                elif isinstance(one, ast.FunctionDef | ast.ClassDef | ast.alias):
                    bound = one.name if not isinstance(one, ast.alias) else one.asname or one.name
                    yield bound, ast.get_source_segment(self._text, node) or ""
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            code = ast.get_source_segment(self._text, node) or ""
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                code = f"{ast.unparse(node.target)} = {ast.get_source_segment(self._text, node.value)}"
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for one in ast.walk(target):
                    if isinstance(one, ast.Name):
                        yield one.id, code

    def _imported(self, node: ast.ImportFrom) -> list[ast.alias]:
        """What it imports; of a star each name, so that a script has those that it needs."""
        if node.names[0].name != "*":
            return node.names
        package = vars(self.module).get("__package__") or "" if self.module else ""
        name = resolve_name(f"{'.' * node.level}{node.module or ''}", package)
        imported = vars(sys.modules[name]) if name in sys.modules else {}
        public = imported.get("__all__") or [one for one in imported if not one.startswith("_")]
        return [ast.alias(one) for one in public]

    def _declares(self, decorator: ast.expr) -> bool:
        """Whether a decorator declares a subject, which a script leaves out."""
        names = [one.id for one in ast.walk(decorator) if isinstance(one, ast.Name)]
        values = [vars(self.module).get(name) for name in names] if self.module else []
        return any(
            str(getattr(one, "__module__", "") or getattr(one, "__name__", "")).startswith(_DECLARE)
            or getattr(one, "__name__", "") == "bufspec"
            for one in values
        )

    def statements(self, names: set[str]) -> str:
        """The statements that these names need, and what those need, in the order of the file."""
        chosen: dict[int, list[str]] = {}
        waiting, seen = list(names), set()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._by_name:
                continue
            seen.add(name)
            for number, code, needs in self._by_name[name]:
                if code not in chosen.setdefault(number, []):
                    chosen[number].append(code)
                waiting += needs
        return "\n".join(code for number in sorted(chosen) for code in sorted(chosen[number])).strip("\n")
