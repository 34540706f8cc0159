"""How a subject file says what can be judged: one call for each exporter, consumer and function.

A file in bufspec/subjects imports its package and these functions, and nothing else; a file of your own
(`--subjects FILE.py`, or an entry point of the group `bufspec.subjects`) uses the same functions.  Declaring
runs nothing: a factory is called in the worker, once for each object that a case needs.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from attrs import field, frozen

from bufspec.elsewhere import Elsewhere
from bufspec.errors import DeclarationError, near_names
from bufspec.fits import check_fits
from bufspec.inside import while_changing as while_changing
from bufspec.library import Native as Native

EXPORTER, CONSUMER, FUNCTION = "exporter", "consumer", "function"
RUNNING = "this interpreter"
"""The runtime that functions are called of."""
TARGETS = (EXPORTER, CONSUMER, FUNCTION)
NAME = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_]+")
OPERATION = re.compile(r"[a-z][a-z0-9_]*")
READS, FILLS, KEEPS = "reads", "fills", "keeps"
KINDS = (READS, FILLS, KEEPS)
"""What a consumer does with the memory."""
RETURNS = ("", "bytes", "list", "elements", "scalar", "none")
"""What a consumer returns; empty: it is compared with the same callable's result for plain bytes."""
ORDERS = ("", "memory")
"""In which order a consumer gives the elements: that of their indices, or that of the memory as it lies."""
CAPABILITIES = (
    "contiguous",
    "fortran",
    "strided",
    "indirect",
    "zero_dim",
    "several_dims",
    "dimensions_64",
    "empty",
    "readonly",
    "items",
    "structures",
    "byte_order",
)
"""What a consumer may be documented to accept."""
BYTES_LIKE = tuple(one for one in CAPABILITIES if one not in ("fortran", "strided", "indirect"))
"""What a function takes that is documented to take a bytes-like object: memory in C order, of any items."""


@frozen
class Layout:
    """The memory that `build` is asked for: it makes an object that exports exactly this, or NotImplemented.

    Sizes are bytes.  Element (i, j, ...) begins at `offset + i * strides[0] + j * strides[1] + ...`; where
    `strides` is None the elements lie in C order.  `memory` is the whole block, from its first byte on, with
    every element at its place and whatever lies between; an object built from a copy of it exports right.
    """

    format: str
    """In the syntax of the struct module, or what PEP 3118 adds to it."""
    itemsize: int
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    suboffsets: tuple[int, ...] | None
    """None unless pointers are followed.  Then there is no one block: `memory` is empty and `offset` 0, the
    strides of an indirect dimension step over pointers, and `elements` alone says what is to be seen."""
    offset: int
    """From the start of the block to the element with all indices 0."""
    readonly: bool
    memory: bytes
    elements: bytes
    """The elements in C order, `size * itemsize` bytes: what a consumer must see."""

    @property
    def ndim(self) -> int:
        """The number of dimensions; 0 is a single element."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def c_strides(self) -> tuple[int, ...]:
        """The strides that elements in C order have, whether or not this layout's are these."""
        return tuple(math.prod(self.shape[i + 1 :], start=self.itemsize) for i in range(len(self.shape)))

    @property
    def is_c_contiguous(self) -> bool:
        """Whether `elements` lie in one piece from `offset` on.

        The stride of an extent of 1 is never followed, and memory without elements is contiguous.
        """
        if self.suboffsets is not None:
            return False
        if self.strides is None or not self.size:
            return True
        pairs = zip(self.shape, self.strides, self.c_strides, strict=True)
        return all(extent == 1 or stride == wanted for extent, stride, wanted in pairs)


Factory = Callable[[], object]
Build = Callable[[Layout], object]
Operation = Callable[[Any], object]
Consume = Callable[[Any], object]


@frozen
class Subject:
    """What is judged: `what` is the factory of an exporter, the consumer itself, or the name of a runtime.

    The other fields are what exporter(), consumer() or function() was given.
    """

    name: str
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


EXPORTERS_ONLY = (
    "only exporters are judged in an interpreter that does not count references, such as PyPy: its C API "
    "hands out copies of objects and structs"
)
_declared: list[Subject] = []


def exporter(
    name: str,
    *,
    needs: str = "",
    build: Build | None = None,
    expect: bytes | bytearray | memoryview | None = None,
    operations: Mapping[str, Operation] | None = None,
    discover: bool = True,
    volatile: bool = False,
    readonly: bool = False,
    views: Mapping[str, Operation] | None = None,
) -> Callable[[Factory], Factory]:
    """Declare an exporter: decorates (or is called with) the factory that makes a fresh object each time.

        @exporter("mypackage.matrix", expect=bytes(range(6)), operations={"grow": lambda m: m.grow(100)})
        def matrix() -> object:
            return mypackage.Matrix(bytes(range(6)))

    `name` is `package.subject`.  `needs` names a module without which the factory cannot work (or says
    "python>=3.12"); its absence is shown as the reason.  What else is given enables more checks:

    - `build` makes an object for a Layout, or returns NotImplemented; then every layout is judged with
      full knowledge of each element's value.
    - `expect` holds the elements of each object that the factory makes, in C order.
    - `operations` names what may be done to an object that resizes, closes or reallocates it: a callable of
      the object each.  It must be refused while the object is exported, or leave the views valid.
    - `discover=False`: do not look for operations by their usual names (append, resize, close, ...) as well.
    - `volatile`: others may change the memory at any time (a shared mapping, a video frame), so that what was
      read once need not be there again.
    - `readonly`: the objects are never to be written: WRITABLE must be refused, and readonly be 1 in every
      answer.  Such memory is not written to find out.
    - `views` names methods that make views (`get_data()`, `asarray`): a callable of the object each, which
      returns one.  Each is judged like an exporter of its own, `package.subject.view`, whose requests make a
      view and ask it: also for what a view leaves of the object when it is released, and with the object
      dropped, or changed by its operations, while the view lives.  `while_changing(operation)` is the view
      that a callback takes inside an operation: see its help.

    Raises DeclarationError (a ValueError) for what makes no sense; runs nothing of the object.
    """
    where = _place()
    _check_name(name, where)
    _check_needs(needs, where)
    if build is not None and not callable(build):
        raise DeclarationError(
            f"build of {name} is {build!r}", where=where, hint="a function of one Layout: build(layout)"
        )
    if expect is not None and not isinstance(expect, bytes | bytearray | memoryview):
        raise DeclarationError(
            f"expect of {name} is {type(expect).__name__}",
            where=where,
            hint="the elements in C order as bytes, for example numpy's array.tobytes()",
        )
    _check_named(name, operations, "operation", 'a name for each: {"grow": lambda it: it.grow(100)}', where)
    _check_named(name, views, "view", 'a name for each: {"get_data": lambda it: it.get_data()}', where)

    def declare(factory: Factory) -> Factory:
        _check_callable(name, factory, "factory", where)
        _declared.append(
            Subject(
                name,
                EXPORTER,
                factory,
                needs=needs,
                build=build,
                expect=None if expect is None else bytes(expect),
                operations=dict(operations or {}),
                discover=discover,
                volatile=volatile,
                readonly=readonly,
                views=dict(views or {}),
                where=where,
            )
        )
        return factory

    return declare


@frozen
class Fresh:
    """A consumer that makes another one for each call: see consumer.fresh()."""

    make: Callable[[], Consume]

    def __call__(self, exported: Any) -> object:
        return self.make()(exported)


class _ConsumerForm:
    """Declare a consumer: decorates (or is called with) a callable of one object, whose memory it uses.

        consumer("mypackage.checksum")(mypackage.checksum)

        @consumer("mypackage.rows_of", kind="keeps", returns="list", accepts=("contiguous", "strided"))
        def rows_of(exported: object) -> object:
            return mypackage.Matrix(exported).rows()

    It is called with exporters that do everything the protocol allows, and compared with what is right.

    - `needs` is as for exporter().
    - `kind`: "reads" needs nothing of the memory once it has returned (though its result may keep a view, as
      a memoryview does); "fills" writes into it; "keeps" returns what holds a view as long as it lives (what
      keeps the object only, and requests its memory anew each time, "reads").
    - `returns`: "bytes" (bytes-like: the elements in C order), "list" (nested lists, as memoryview.tolist()
      gives), "elements" (an iterable of the values in C order), "scalar" (the value of the one element),
      "none" (nothing to compare).  By default it is inferred from a call on typed memory where that shows one
      of the first three; else the result is compared, by type and ==, with the same callable's result for
      plain bytes that hold the same elements in C order, so two calls must agree; where it fills, result and
      memory are compared with those of a plain bytearray.  A callable with state goes through fresh().
    - `accepts`: what it is documented to accept, names of CAPABILITIES.  A memory that takes no more must
      then be accepted; without it, refusing is always fine.  A name that no case takes is an error.
    - `fallback`: it has a documented fallback for a refused request, as numpy.asarray has.
    - `fits`: the only memory that it takes, if it is not any: a dict of `shape`, `format` (also a structure
      of its own), `nbytes`, and `align`, the alignment in bytes of each element.  What is left out is free:
      {"nbytes": 16}, or {"shape": (24,), "format": "f"}.
    - `order`: "memory" if its result is the segment as it lies, so that memory in Fortran order gives its
      elements in that order, as those of a codec or a queue do.
    - `refuses`: types of exceptions that it refuses memory with, besides BufferError, TypeError, ValueError
      and NotImplementedError.
    - `reentrant=False`: it must not be called while it works already; `threads=False`: nor in other threads.

    Raises DeclarationError (a ValueError) for what makes no sense; calls nothing.
    """

    __name__ = "consumer"

    def __call__(
        self,
        name: str,
        *,
        needs: str = "",
        kind: str = READS,
        returns: str = "",
        accepts: Sequence[str] = (),
        fallback: bool = False,
        fits: Mapping[str, Any] | None = None,
        order: str = "",
        refuses: Sequence[type[BaseException]] = (),
        reentrant: bool = True,
        threads: bool = True,
    ) -> Callable[[Consume], Consume]:
        """Declare it; the arguments are explained in the text of the class."""
        where = _place()
        _check_name(name, where)
        _check_needs(needs, where)
        _check_choice(name, "kind", kind, KINDS, where)
        _check_choice(name, "returns", returns, RETURNS, where)
        _check_choice(name, "order", order, ORDERS, where)
        _check_accepts(name, accepts, where)
        for key, given in {"fallback": fallback, "reentrant": reentrant, "threads": threads}.items():
            if not isinstance(given, bool):
                raise DeclarationError(f"{key} of {name} is {given!r}", where=where, hint="True or False")
        check_fits(name, fits, where)
        _check_refuses(name, refuses, where)

        def declare(consume: Consume) -> Consume:
            _check_callable(name, consume, "consumer", where)
            _declared.append(
                Subject(
                    name,
                    CONSUMER,
                    consume,
                    needs=needs,
                    kind=kind,
                    returns=returns,
                    accepts=tuple(accepts),
                    fallback=fallback,
                    fits=None if fits is None else dict(fits),
                    order=order,
                    refuses=tuple(refuses),
                    reentrant=reentrant,
                    threads=threads,
                    where=where,
                )
            )
            return consume

        return declare

    @staticmethod
    def fresh(make: Callable[[], Consume]) -> Consume:
        """A consumer that calls what `make` makes anew each time: for callables that have a state.

        consumer("mypackage.readinto", kind="fills")(consumer.fresh(lambda: mypackage.File("name").readinto))
        """
        _check_callable("a fresh consumer", make, "maker of the consumer", _place())
        return Fresh(make)


_ConsumerForm.__call__.__qualname__ = "consumer"  # which messages of the interpreter name
consumer = _ConsumerForm()


def function(name: str, *calls: str, of: Callable[..., object] | str = RUNNING) -> None:
    """Declare a part of the interpreter that runs this, by the calls of the tables that it answers and the
    rules of the checks that it makes; or a set of functions that only the engine calls."""
    _check_name(name, _place())
    _declared.append(Subject(name, FUNCTION, of, calls=calls))


def remote(
    name: str,
    command: str,
    *,
    target: str = EXPORTER,
    needs: str = "",
    builds: bool = False,
    accepts: Sequence[str] = (),
) -> None:
    """Declare a subject of a peer, a process that speaks JSON lines (harness/adapters/remote/README.md).

        remote("mypackage.image", "node peer.mjs")

    The peer that the command starts has a subject of that name and `target`; what else there is to know of
    it, the peer says.  `builds`: it makes exporters from layouts; `accepts`: what a consumer accepts, as
    consumer() has it.  Runs nothing.
    """
    where = _place()
    _check_name(name, where)
    _check_needs(needs, where)
    _check_choice(name, "target", target, TARGETS, where)
    _check_accepts(name, accepts, where)
    if not isinstance(command, str) or not command.strip():
        raise DeclarationError(
            f"the command of {name} is {command!r}", where=where, hint='as in a shell: "python3 peer.py"'
        )
    _declared.append(
        Subject(
            name,
            target,
            Elsewhere(name),
            needs=needs,
            build=Elsewhere(name) if builds else None,
            accepts=tuple(accepts),
            remote=command,
            where=where,
        )
    )


def take_declared() -> list[Subject]:
    """The subjects declared since the last call, in order."""
    taken = list(_declared)
    _declared.clear()
    return taken


def _place() -> str:
    """The file, the line and the column that called into this module."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    positions = list(frame.f_code.co_positions())
    column = positions[frame.f_lasti // 2][2] if 0 <= frame.f_lasti // 2 < len(positions) else None
    return f"{frame.f_code.co_filename}:{frame.f_lineno}:{(column or 0) + 1}"


def _check_name(name: object, where: str) -> None:
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise DeclarationError(
            f"{name!r} is not a subject name",
            where=where,
            hint="package.subject, of letters, digits and _, the package in lower case: mypackage.matrix",
        )


def _check_needs(needs: object, where: str) -> None:
    is_text = isinstance(needs, str) and (
        not needs or needs.isidentifier() or re.fullmatch(r"python>=\d+(\.\d+)?", needs)
    )
    if not is_text:
        raise DeclarationError(
            f"needs is {needs!r}", where=where, hint="the name of one top-level module, or python>=3.12"
        )


def _check_choice(name: str, key: str, given: object, choices: Sequence[str], where: str) -> None:
    if not isinstance(given, str) or given not in choices:
        raise DeclarationError(
            f"{key} of {name} is {given!r}",
            where=where,
            hint=near_names(str(given), choices, otherwise=f"one of {', '.join(map(repr, choices))}"),
        )


def _check_accepts(name: str, accepts: object, where: str) -> None:
    if isinstance(accepts, str) or not isinstance(accepts, Sequence):
        raise DeclarationError(
            f"accepts of {name} is {accepts!r}",
            where=where,
            hint='names of capabilities: ("contiguous", "readonly")',
        )
    for one in accepts:
        if one not in CAPABILITIES:
            raise DeclarationError(
                f"{one!r} is not a capability, in accepts of {name}",
                where=where,
                hint=near_names(str(one), CAPABILITIES, otherwise=f"they are {', '.join(CAPABILITIES)}"),
            )


def _check_refuses(name: str, refuses: object, where: str) -> None:
    is_right = isinstance(refuses, Sequence) and all(
        isinstance(one, type) and issubclass(one, BaseException) for one in refuses
    )
    if not is_right:
        raise DeclarationError(
            f"refuses of {name} is {refuses!r}", where=where, hint="types of exceptions: (mypackage.Error,)"
        )


def _check_named(name: str, given: object, what: str, hint: str, where: str) -> None:
    """Raise DeclarationError unless it is None or a mapping from names to callables of the object."""
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise DeclarationError(f"{what}s of {name} is {type(given).__name__}", where=where, hint=hint)
    for key, call in given.items():
        if not isinstance(key, str) or OPERATION.fullmatch(key) is None:
            raise DeclarationError(
                f"{key!r} is not a name of {'an' if what[0] in 'aeiou' else 'a'} {what} of {name}",
                where=where,
                hint="lower case letters, digits and _, beginning with a letter: resize_to_zero",
            )
        _check_callable(name, call, f"{what} {key}", where)


def _check_callable(name: str, given: object, what: str, where: str) -> None:
    if not callable(given):
        raise DeclarationError(
            f"the {what} of {name} is {given!r}, which cannot be called",
            where=where,
            hint="a factory takes nothing and returns a fresh object; an operation takes the object"
            if what != "consumer"
            else "a consumer takes one exporter",
        )
