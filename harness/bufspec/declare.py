"""How a subject file says what can be judged: one call for each exporter, consumer and function.

A file in bufspec/subjects imports its package and these functions, and nothing else; a file of your own
(`--subjects FILE.py`, or an entry point of the group `bufspec.subjects`) uses the same functions.  Declaring
runs nothing: a factory is called in the worker, once for each object that a case needs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bufspec.declaring.checks import (
    check_accepts,
    check_callable,
    check_choice,
    check_name,
    check_named,
    check_needs,
    check_refuses,
)
from bufspec.declaring.layout import Layout as Layout
from bufspec.declaring.subject import Around as Around
from bufspec.declaring.subject import Build as Build
from bufspec.declaring.subject import Consume as Consume
from bufspec.declaring.subject import Factory as Factory
from bufspec.declaring.subject import Fresh as Fresh
from bufspec.declaring.subject import Operation as Operation
from bufspec.declaring.subject import Subject as Subject
from bufspec.declaring.words import BYTES_LIKE as BYTES_LIKE
from bufspec.declaring.words import CAPABILITIES as CAPABILITIES
from bufspec.declaring.words import CONSUMER as CONSUMER
from bufspec.declaring.words import EXPORTER as EXPORTER
from bufspec.declaring.words import FILLS as FILLS
from bufspec.declaring.words import FUNCTION as FUNCTION
from bufspec.declaring.words import KEEPS as KEEPS
from bufspec.declaring.words import KINDS as KINDS
from bufspec.declaring.words import NAME as NAME
from bufspec.declaring.words import OPERATION as OPERATION
from bufspec.declaring.words import ORDERS as ORDERS
from bufspec.declaring.words import READS as READS
from bufspec.declaring.words import RETURNS as RETURNS
from bufspec.declaring.words import RUNNING as RUNNING
from bufspec.declaring.words import TARGETS as TARGETS
from bufspec.elsewhere import Elsewhere
from bufspec.errors import DeclarationError
from bufspec.fits import check_fits
from bufspec.inside import while_changing as while_changing
from bufspec.library import Native as Native
from bufspec.words import CHECKS_OF_PEP688 as CHECKS_OF_PEP688
from bufspec.words import CHECKS_OF_STRUCTS as CHECKS_OF_STRUCTS
from bufspec.words import CHECKS_OF_VIEWS as CHECKS_OF_VIEWS

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
    check_name(name, where)
    check_needs(needs, where)
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
    check_named(name, operations, "operation", 'a name for each: {"grow": lambda it: it.grow(100)}', where)
    check_named(name, views, "view", 'a name for each: {"get_data": lambda it: it.get_data()}', where)

    def declare(factory: Factory) -> Factory:
        check_callable(name, factory, "factory", where)
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
      gives), "elements" (an iterable of the values in C order, which may be a generator), "scalar" (the value
      of the one element), "none" (nothing to compare; where it fills and two calls leave something else, as
      random numbers, neither is the memory).  By default it is inferred from a call on typed memory where
      that shows one of the first three; else the result is compared, by type and ==, with the same callable's
      result for plain bytes that hold the same elements in C order, so two calls must agree (if it refuses
      bytes, for a memoryview of such items: then only what shows that other memory was read is wrong, since
      a sum depends on the order of the numbers); where it fills, result and memory are compared with those of
      a plain bytearray; if it refuses that, or writes values of the format that it was told, as fill(1.0)
      does, the memory with that of a memoryview of such items (then only what left all as it was, or wrote
      in the order of the memory, is wrong).  A callable with state goes through fresh().
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
        check_name(name, where)
        check_needs(needs, where)
        check_choice(name, "kind", kind, KINDS, where)
        check_choice(name, "returns", returns, RETURNS, where)
        check_choice(name, "order", order, ORDERS, where)
        check_accepts(name, accepts, where)
        for key, given in {"fallback": fallback, "reentrant": reentrant, "threads": threads}.items():
            if not isinstance(given, bool):
                raise DeclarationError(f"{key} of {name} is {given!r}", where=where, hint="True or False")
        check_fits(name, fits, where)
        check_refuses(name, refuses, where)

        def declare(consume: Consume) -> Consume:
            check_callable(name, consume, "consumer", where)
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
        check_callable("a fresh consumer", make, "maker of the consumer", _place())
        return Fresh(make)


_ConsumerForm.__call__.__qualname__ = "consumer"  # which messages of the interpreter name
consumer = _ConsumerForm()


def function(
    name: str,
    *calls: str,
    of: Callable[..., object] | str = RUNNING,
    needs: str = "",
    names: Mapping[str, object] | None = None,
) -> None:
    """Declare a part of the interpreter that runs this, by the calls of the tables that it answers and the
    rules of the checks that it makes; or a set of functions that only the engine calls.

    `names` stand for names of the interpreter in its checks; `needs` is as for exporter().
    """
    where = _place()
    check_name(name, where)
    check_needs(needs, where)
    _declared.append(Subject(name, FUNCTION, of, needs=needs, calls=calls, names=names or {}))


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
    check_name(name, where)
    check_needs(needs, where)
    check_choice(name, "target", target, TARGETS, where)
    check_accepts(name, accepts, where)
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


@contextmanager
def collecting() -> Iterator[list[Subject]]:
    """A list of what is declared inside, in order, once it is left; what was declared outside stays."""
    made: list[Subject] = []
    outside, _declared[:] = list(_declared), []
    try:
        yield made
    finally:
        made += _declared
        _declared[:] = outside


def take_declared(package: str) -> list[Subject]:
    """What a module declared of that package that nobody collected: somebody else imported it."""
    taken = [one for one in _declared if one.name.startswith(f"{package}.")]
    _declared[:] = [one for one in _declared if not one.name.startswith(f"{package}.")]
    return taken


def _place() -> str:
    """The file, the line and the column that called into this module."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    positions = list(frame.f_code.co_positions())
    column = positions[frame.f_lasti // 2][2] if 0 <= frame.f_lasti // 2 < len(positions) else None
    return f"{frame.f_code.co_filename}:{frame.f_lineno}:{(column or 0) + 1}"
