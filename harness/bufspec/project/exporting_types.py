"""Which types of a package have buffer slots, and with which arguments is one made?

A program of its own, `python -m bufspec.project.exporting_types`: to import a package runs its code, and to
make an object more of it, which may crash, wait for ever or print.  So it writes what it finds, a line of
JSON each, to a descriptor that it is handed, and makes each object in a process of its own.
starting_subjects.py starts it.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.machinery
import json
import os
import pkgutil
import select
import signal
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

CONTENTS = b"01234567"
ATTEMPTS = ('b"01234567"', "8", "2, 3", "", '"B", b"01234567"', "-1, 8")
"""Arguments to try, as Python; the first that gives an object with memory is taken."""
SECONDS = 10.0
"""For an object to be made."""
MOST_TYPES = 500
_BF_GETBUFFER = 1
"""Py_bf_getbuffer of the stable ABI."""


def has_buffer_slot(kind: type) -> bool:
    """Whether objects of a type are asked for buffers at all; an abstract one may still refuse each."""
    slot = ctypes.pythonapi.PyType_GetSlot
    slot.restype, slot.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_int]
    return bool(slot(kind, _BF_GETBUFFER))


def modules_of(
    package: ModuleType, say: Callable[[dict[str, Any]], None], left_out: list[str]
) -> Iterator[ModuleType]:
    """The package, what it imported of itself, and its extension modules, each named before its import."""
    for name in _extension_modules(package):
        if name not in left_out and name not in sys.modules:
            say({"importing": name})
            try:
                importlib.import_module(name)
            except BaseException:  # a part that works elsewhere only
                continue
    say({"importing": ""})
    own = (package.__name__, f"_{package.__name__}")
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] in own and isinstance(module, ModuleType):
            yield module


def _extension_modules(package: ModuleType) -> list[str]:
    suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    found = []
    for finder, name, is_package in pkgutil.walk_packages(
        getattr(package, "__path__", None) or [], f"{package.__name__}.", onerror=lambda _: None
    ):
        if is_package or "test" in name.rpartition(".")[2]:
            continue
        spec = finder.find_spec(name, None)
        if spec and spec.origin and spec.origin.endswith(suffixes):
            found.append(name)
    return sorted(found)


def exporting_types(package: str, modules: Iterator[ModuleType]) -> dict[str, type]:
    """The types with buffer slots that the package defines, by the shortest name that leads to each."""
    places: dict[int, tuple[tuple[bool, int, int, str], type]] = {}
    for module in modules:
        for attribute, kind in list(vars(module).items()):
            if attribute.startswith("_") or not isinstance(kind, type) or not has_buffer_slot(kind):
                continue
            if str(kind.__module__).split(".")[0].lstrip("_") != package.lstrip("_"):
                continue
            name = f"{module.__name__}.{attribute}"
            hidden = any(part.startswith("_") for part in name.split("."))
            place = (hidden, name.count("."), len(name), name)
            places[id(kind)] = min(places.get(id(kind), (place, kind)), (place, kind), key=lambda one: one[0])
    return {place[3]: kind for place, kind in sorted(places.values(), key=lambda one: one[0][3])}


def made_with(kind: type) -> dict[str, Any]:
    """Which arguments make an object that exports memory, or why none does; in a process of its own."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        _tell_and_end(kind, here)
    os.close(here)
    answer = b""
    while select.select([there], [], [], SECONDS)[0]:
        if not (chunk := os.read(there, 1 << 16)):
            break
        answer += chunk
    else:
        os.kill(child, signal.SIGKILL)
        answer = json.dumps({"failed": f"takes more than {SECONDS:g} seconds to make"}).encode()
    os.close(there)
    _, status = os.waitpid(child, 0)
    if not answer:
        code = os.waitstatus_to_exitcode(status)
        end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return {"failed": f"ends the process when it is made: {end}"}
    found: dict[str, Any] = json.loads(answer)
    return found


def _tell_and_end(kind: type, here: int) -> None:
    try:
        os.write(here, json.dumps(_try(kind)).encode())
    finally:
        os._exit(0)


def _try(kind: type) -> dict[str, Any]:
    empty: dict[str, Any] = {}
    failed = ""
    for arguments in ATTEMPTS:
        try:
            made = kind(*eval(f"({arguments},)" if arguments else "()"))
            with memoryview(made) as view:
                found = {"arguments": arguments, "nbytes": view.nbytes}
                if view.contiguous and view.nbytes and view.tobytes() == CONTENTS:
                    found["expect"] = True
        except BaseException as error:
            if not arguments:  # says which are missing
                failed = f"{type(error).__name__}: {error}"
            continue
        if found["nbytes"]:
            return found
        empty = empty or found
    return empty or {"failed": failed[:200]}


def main(package: str, folder: str, descriptor: str, *left_out: str) -> None:
    """Write what is found of a package, which may lie in that folder, to the descriptor."""
    sys.path.insert(0, folder)

    def say(found: dict[str, Any]) -> None:
        os.write(int(descriptor), (json.dumps(found) + "\n").encode())

    try:
        module = importlib.import_module(package)
    except BaseException as error:
        say({"error": f"{type(error).__name__}: {error}"[:500], "is_absent": _is_absent(error, package)})
        return
    types = exporting_types(package.split(".")[0], modules_of(module, say, list(left_out)))
    for name, kind in list(types.items())[:MOST_TYPES]:
        say({"type": name, **made_with(kind)})
    say({"end": True})


def _is_absent(error: BaseException, package: str) -> bool:
    return isinstance(error, ModuleNotFoundError) and error.name == package


if __name__ == "__main__":
    main(*sys.argv[1:])
