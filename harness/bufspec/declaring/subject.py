"""What is known of a subject by its declaration?  Values only; nothing of it runs here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from attrs import field, frozen

from bufspec.declaring.layout import Layout
from bufspec.declaring.words import EXPORTER, READS
from bufspec.library import Native

EXPORTERS_ONLY = (
    "only exporters are judged in an interpreter that does not count references, such as PyPy: its C API "
    "hands out copies of objects and structs"
)
Factory = Callable[[], object]
Build = Callable[[Layout], object]
Operation = Callable[[Any], object]
Consume = Callable[[Any], object]


def _exactly(text: str) -> str:
    """The text of a str, which may be of a subclass with methods of its own."""
    return str.__str__(text)


@frozen
class Subject:
    """What is judged: `what` is the factory of an exporter, the consumer itself, or the name of a runtime.

    The other fields are what exporter(), consumer() or function() was given.
    """

    name: str = field(converter=_exactly)
    target: str
    what: Callable[..., object] | str
    needs: str = ""
    build: Build | None = None
    expect: bytes | None = None
    operations: Mapping[str, Operation] = field(factory=dict)
    discover: bool = True
    volatile: bool = False
    readonly: bool = False
    views: Mapping[str, Operation] = field(factory=dict)
    kind: str = READS
    returns: str = ""
    accepts: tuple[str, ...] = ()
    fallback: bool = False
    fits: Mapping[str, Any] | None = None
    order: str = ""
    refuses: tuple[type[BaseException], ...] = ()
    reentrant: bool = True
    threads: bool = True
    calls: tuple[str, ...] = ()
    names: Mapping[str, object] = field(factory=dict)
    """What stands for names of the interpreter in its checks."""
    remote: str = ""
    """The command of the peer that has it, in a process of its own; empty for what is in this one."""
    peer: tuple[str, str] = ("", "")
    """What runs it there, and the version of that, where they are known."""
    where: str = field(default="", eq=False)
    """The file and line that declares it."""

    @property
    def unavailable(self) -> str:
        """Why it cannot be judged here, empty if it can."""
        is_of_this_interpreter = not self.remote and not isinstance(self.what, Native)
        if self.target != EXPORTER and is_of_this_interpreter and not hasattr(sys, "getrefcount"):
            return EXPORTERS_ONLY
        if self.needs.startswith("python>="):
            wanted = tuple(int(part) for part in self.needs.removeprefix("python>=").split("."))
            return "" if sys.version_info[:2] >= wanted else f"needs Python {'.'.join(map(str, wanted))}"
        if self.needs and find_spec(self.needs) is None:
            return f"the module {self.needs} is not installed"
        return ""


@frozen
class Fresh:
    """A consumer that makes another one for each call: see consumer.fresh()."""

    make: Callable[[], Consume]

    def __call__(self, exported: Any) -> object:
        return self.make()(exported)


@frozen
class Around:
    """Stands for a function of the checks: it gets the right one first, and then what that gets."""

    call: Callable[..., Any]
