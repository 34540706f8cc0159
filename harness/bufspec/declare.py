"""How a subject file says what can be judged: one call for each exporter, consumer and function.

A file in bufspec/subjects imports its package and these functions, and nothing else.  Declaring runs
nothing: a factory is called in the worker, once for each object that a case needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec

from attrs import frozen

EXPORTER, CONSUMER, FUNCTION = "exporter", "consumer", "function"
TARGETS = (EXPORTER, CONSUMER, FUNCTION)
NAME = re.compile(r"[a-z0-9_]+\.[A-Za-z0-9_]+")

Factory = Callable[[], object]
Consume = Callable[[object], bytes | None]


@frozen
class Subject:
    """What is judged: `what` is the factory of an exporter, the consumer itself, or a function's name."""

    name: str
    target: str
    what: Callable[..., object] | str
    needs: str = ""

    @property
    def unavailable(self) -> str:
        """Why it cannot be judged here, empty if it can."""
        if self.needs and find_spec(self.needs) is None:
            return f"the module {self.needs} is not installed"
        return ""


_declared: list[Subject] = []


def _declare(subject: Subject) -> None:
    if NAME.fullmatch(subject.name) is None:
        raise ValueError(f"{subject.name!r} is no subject name: package.subject, letters, digits and _")
    _declared.append(subject)


def exporter(name: str, *, needs: str = "") -> Callable[[Factory], Factory]:
    """Declare an exporter: decorates (or is called with) the factory that makes a fresh object each time.

    `needs` names a module without which the factory cannot work; its absence is shown as the reason.
    """

    def declare(factory: Factory) -> Factory:
        _declare(Subject(name, EXPORTER, factory, needs=needs))
        return factory

    return declare


def consumer(name: str, *, needs: str = "") -> Callable[[Consume], Consume]:
    """Declare a consumer: decorates a callable from one exporter to its bytes in C order, or None."""

    def declare(consume: Consume) -> Consume:
        _declare(Subject(name, CONSUMER, consume, needs=needs))
        return consume

    return declare


def function(name: str, called: str) -> None:
    """Declare a function of the buffer API by the name that C code calls it by."""
    _declare(Subject(name, FUNCTION, called))


def take_declared() -> list[Subject]:
    """The subjects declared since the last call, in order."""
    taken = list(_declared)
    _declared.clear()
    return taken
