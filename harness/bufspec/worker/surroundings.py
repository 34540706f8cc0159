"""What of a process a subject may have changed around itself, and how it is put back for the next one.

Used in the worker, before and after each subject.  Knows nothing of buffers; what cannot be put back is
named, and the driver then takes another worker.
"""

from __future__ import annotations

import _locale
import builtins
import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import threading
import types
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
HOOKS = ("excepthook", "unraisablehook", "displayhook")
LIMITS = {
    limit: resource.getrlimit(limit)
    for limit in (getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_"))
}
"""Of each limit of this process what it is before anything of a subject runs."""
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
OURS = "bufspec"
SHARED = (sys.stdlib_module_names | {OURS}) - {"distutils"}  # that is what setuptools makes of it
"""Packages whose modules all subjects use: their functions, classes and modules are put back where a subject
replaced them."""
CHANGEABLE = 1 << 9
"""The flag of a class whose attributes can be set."""
METHODS = (classmethod, staticmethod, property)
Held = tuple[Mapping[str, Any], Callable[[str, Any], None], dict[str, Any]]
"""The names of a module or a class, what sets one, and what they were when they were first seen."""
_first: dict[str, list[Held]] = {}
_foreign: set[str] = set()
"""Shared modules that held what is not theirs when they were first seen: what was there before is lost."""
UNCHANGEABLE = {signal.SIGKILL, signal.SIGSTOP}


class Surroundings:
    """What lies around a subject at one moment.  `restore` may be called any number of times."""

    def __init__(self) -> None:
        self.directory = os.getcwd()
        self.recursion_limit = sys.getrecursionlimit()
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._environment = dict(os.environ)
        self._modules = dict(sys.modules)
        self._path = list(sys.path)
        self._names = {name: getattr(sys, name) for name in STREAMS + HOOKS}
        self._builtins = dict(vars(builtins))
        self._update_builtins = vars(builtins).update
        see_shared_modules()
        self._handlers = _handlers()
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._collects = gc.isenabled(), _loaded("gc", "get_threshold")
        self._filters = list(warnings.filters)
        self._locale = _locale.setlocale(_locale.LC_ALL)
        self._digits = _loaded("sys", "get_int_max_str_digits")
        self._rounding = _rounding()
        self._traces_memory = _loaded("tracemalloc", "is_tracing")
        self._decimal = _loaded("decimal", "getcontext", "copy")
        self._socket_timeout = _loaded("socket", "getdefaulttimeout")
        self._switches = sys.getswitchinterval()
        self._threads = set(sys._current_frames())
        self._streams = {number: _identity(number) for number in range(3)}
        self._copies = {number: os.dup(number) for number in range(3) if self._streams[number]}

    def restore(self) -> list[str]:
        """Put back what was changed; returns what could not be, in words (empty: all is as it was)."""
        self._update_builtins(self._builtins)  # first, without a name of theirs: the rest is made of names
        replaced = self._put_back_names()
        sys.setrecursionlimit(self.recursion_limit)
        left = [f"names of {name}" for name in replaced]
        for what, put_back in self._steps().items():
            try:
                put_back()
            except BaseException:  # what stands in the way may raise anything
                left.append(what)
        if set(sys._current_frames()) - self._threads:
            left.append("threads")
        return left

    def _steps(self) -> dict[str, Callable[[], object]]:
        return {
            "traces": self._stop_traces,
            "modules": self._restore_modules,
            "sys": self._restore_sys,
            "directory": lambda: os.chdir(self.directory),
            "umask": lambda: os.umask(self._umask),
            "environment": self._restore_environment,
            "timers": self._stop_timers,
            "signal handlers": self._restore_handlers,
            "signal mask": lambda: signal.pthread_sigmask(signal.SIG_SETMASK, self._mask),
            "collector": self._restore_collector,
            "locale": lambda: _locale.setlocale(_locale.LC_ALL, self._locale),
            "digits of integers": self._restore_digits,
            "rounding": self._restore_rounding,
            "warnings": self._restore_warnings,
            "decimal": self._restore_decimal,
            "sockets": self._restore_sockets,
            "traces of memory": self._stop_tracing_memory,
            "limits": _restore_limits,
            "streams": self._restore_streams,
        }

    def _put_back_names(self) -> list[str]:
        """Put back what was replaced in the shared modules; the names of those modules.

        Whoever got at one name may have got at more than is looked at here.
        """
        replaced = sorted(_foreign)
        for module, key, put_back in list(_replaced(_first)):
            put_back()
            if not (module == "sys" and key in HOOKS + STREAMS):
                replaced.append(module)
        return list(dict.fromkeys(replaced))

    def _stop_traces(self) -> None:
        sys.settrace(None)
        sys.setprofile(None)
        threading.settrace(None)
        threading.setprofile(None)

    def _restore_modules(self) -> None:
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module
        sys.path[:] = self._path

    def _restore_sys(self) -> None:
        for name, value in self._names.items():
            setattr(sys, name, value)
        sys.setswitchinterval(self._switches)

    def _restore_collector(self) -> None:
        collects, threshold = self._collects
        if threshold is not None:
            gc.set_threshold(*threshold)
        if collects:
            gc.enable()
        else:
            gc.disable()

    def _restore_digits(self) -> None:
        if self._digits is not None:
            sys.set_int_max_str_digits(self._digits)

    def _restore_rounding(self) -> None:
        if self._rounding != _rounding():
            ctypes.CDLL(None).fesetround(self._rounding)

    def _restore_warnings(self) -> None:
        if warnings.filters != self._filters:
            warnings.resetwarnings()  # which makes Python forget what it knew of them
            vars(warnings)["filters"].extend(self._filters)

    def _restore_decimal(self) -> None:
        if self._decimal is not None:
            sys.modules["decimal"].setcontext(self._decimal.copy())

    def _restore_sockets(self) -> None:
        if "socket" in sys.modules:
            sys.modules["socket"].setdefaulttimeout(self._socket_timeout)

    def _stop_tracing_memory(self) -> None:
        if not self._traces_memory and _loaded("tracemalloc", "is_tracing"):
            sys.modules["tracemalloc"].stop()

    def _restore_environment(self) -> None:
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)

    def _stop_timers(self) -> None:
        for timer in TIMERS:
            signal.setitimer(timer, 0)

    def _restore_handlers(self) -> None:
        for number, handler in _handlers().items():
            known = self._handlers[number]
            if handler is not known:
                if known is None:  # set by C code before the subject came: Python can not bring it back
                    raise OSError(f"the handler of {number} is lost")
                signal.signal(number, known)

    def _restore_streams(self) -> None:
        for number, identity in self._streams.items():
            if identity is not None and _identity(number) != identity:
                copy = self._copies[number]
                if _identity(copy) != identity:
                    raise OSError(f"no copy of descriptor {number} is left")
                os.dup2(copy, number)

    def close(self) -> None:
        """Give up the descriptors that were kept; nothing can be restored after this."""
        for number, copy in self._copies.items():
            if _identity(copy) == self._streams[number]:
                with contextlib.suppress(OSError):
                    os.close(copy)
        self._copies.clear()


def _loaded(module: str, function: str, then: str = "") -> Any:
    """What a function of a module gives, and a method of that; None where either is not there."""
    found = sys.modules.get(module)
    value = getattr(found, function)() if is_module(found) and hasattr(found, function) else None
    return getattr(value, then)() if then and value is not None else value


def _rounding() -> int:
    """How the processor rounds, as fegetround() says; -1 where there is none."""
    try:
        return int(ctypes.CDLL(None).fegetround())
    except (AttributeError, OSError):
        return -1


def _restore_limits() -> None:
    for limit, before in LIMITS.items():
        if resource.getrlimit(limit) != before:
            resource.setrlimit(limit, before)


def see_shared_modules(packages: Container[str] = SHARED) -> None:
    """Take note of what those of the shared modules hold that are of these packages and new here.

    What was seen first stays: a subject is loaded, and makes an object, before its surroundings are noted.
    """
    for name, module in sorted(sys.modules.items()):
        if name in _first or not is_module(module) or name.partition(".")[0] not in packages:
            continue
        names = vars(module)
        known = {key: one for key, one in names.items() if callable(one) or is_module(one)}
        _first[name] = [(names, names.__setitem__, known)]
        for one in known.values():
            made_in = getattr(one, "__module__", None)
            if isinstance(one, type) and made_in == name and one.__flags__ & CHANGEABLE:
                called = {key: it for key, it in vars(one).items() if callable(it) or isinstance(it, METHODS)}
                _first[name].append((vars(one), partial(setattr, one), called))
            elif isinstance(made_in, str) and not (_is_shared(made_in) or name.startswith(OURS)):
                _foreign.add(name)


def _replaced(modules: Iterable[str]) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """What these modules no longer hold: the module, the name, and what puts it back."""
    for module in modules:
        for names, put_back, known in _first[module]:
            for key, value in known.items():
                if key not in names or names[key] is not value:
                    yield module, key, partial(_put_back, put_back, key, value)


def _put_back(put_back: Callable[[str, Any], None], key: str, value: Any) -> None:
    with contextlib.suppress(Exception):
        put_back(key, value)


@contextlib.contextmanager
def own_modules_kept() -> Iterator[list[str]]:
    """At the end functions, classes and modules of bufspec are what they were; the list names the others.

    For the import of somebody's file: it may change Python for all, but not who declares what.
    """
    see_shared_modules((OURS,))
    ours = {name: sys.modules[name] for name in _first if name.partition(".")[0] == OURS}
    replaced, modules = _replaced, sys.modules  # the names of this module may be replaced as well
    changed: list[str] = []
    try:
        yield changed
    finally:
        for name, module in ours.items():
            if modules.get(name) is not module:
                modules[name] = module
                changed.append(name)
        for name, key, put_back in list(replaced(ours)):
            put_back()
            changed.append(f"{name}.{key}")


def _is_shared(module: str) -> bool:
    return module.partition(".")[0] in SHARED


def is_module(value: object) -> bool:
    """Whether a value is a module."""
    return type(value) is types.ModuleType


def _identity(descriptor: int) -> tuple[int, int] | None:
    """Which open file a descriptor means, None if it is closed."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _handlers() -> dict[signal.Signals, Any]:
    return {
        number: signal.getsignal(number)
        for number in signal.valid_signals() - UNCHANGEABLE
        if isinstance(number, signal.Signals)
    }
