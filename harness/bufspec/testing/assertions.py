"""Judging from a test: assert_conforms() an exporter, assert_consumes() a consumer; for pytest, unittest and
whoever else asserts.

What is judged stays where it is: forks of the test's process judge it (isolation/forked.py), so that a crash,
a hang or an exit is a failed assertion and not the end of the tests.  Only temporary files are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bufspec.declare import READS, Build, Consume, Operation, Subject
from bufspec.errors import BufspecError
from bufspec.testing.given import is_exporter, subject_from_consumer, subject_from_object
from bufspec.testing.judging import Files, How, failure_of
from bufspec.words import CURRENT

__unittest = True
"""What unittest leaves out of a traceback, as pytest does what has __tracebackhide__."""
ONE_OBJECT = (
    "only this one object was judged, and not what changes it; a factory makes fresh ones: "
    "assert_conforms(lambda: {type}(...))"
)


def assert_conforms(
    obj_or_factory: object,
    *,
    name: str | None = None,
    build: Build | None = None,
    expect: bytes | bytearray | memoryview | None = None,
    operations: Mapping[str, Operation] | None = None,
    discover: bool = True,
    volatile: bool = False,
    readonly: bool = False,
    views: Mapping[str, Operation] | None = None,
    rules: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    edition: str = CURRENT,
    expectations: Files = (),
    fail_on: str = "required",
    allow_undecided: bool = False,
    timeout: float = 10.0,
    isolated: bool = True,
) -> None:
    """Judge an exporter, and raise AssertionError, whose text is the terminal's report, if there is news.

        def test_matrix():
            bufspec.assert_conforms(lambda: Matrix(2, 3), expect=bytes(6))

    Give a factory, called for each object that a case needs, wherever you can: a single object is judged
    through all cases, and nothing that would change it for good is done to it.

    `name` (package.subject) is what reports and expectations call it; `build`, `expect`, `operations`,
    `discover`, `volatile`, `readonly` and `views` are as in bufspec.declare.exporter(); `rules` and `exclude`
    are globs of rule ids; `expectations` are files of known failures; `fail_on` is "required" or
    "recommended"; `allow_undecided` lets an object pass that grants nothing, which is else an UndecidedError;
    `timeout` is in seconds, for one case.  `isolated=False` judges in this very process, for a debugger: then
    a crash takes it down.  Takes a fraction of a second, and more for what is declared beyond the object.

    Raises UndecidedError, an AssertionError, if nothing could be judged, and another BufspecError
    (DeclarationError, SelectionError, ...) for what makes no sense.
    """
    keywords = _others(locals(), "obj_or_factory")
    __tracebackhide__ = True
    one = is_exporter(obj_or_factory)
    notes = (ONE_OBJECT.format(type=type(obj_or_factory).__name__),) if one else ()
    _raise_if_news(subject_from_object, obj_or_factory, keywords, notes)


def assert_consumes(
    consume: Consume,
    *,
    name: str | None = None,
    kind: str = READS,
    returns: str = "",
    accepts: Sequence[str] = (),
    fallback: bool = False,
    fits: Mapping[str, Any] | None = None,
    order: str = "",
    refuses: Sequence[type[BaseException]] = (),
    reentrant: bool = True,
    threads: bool = True,
    rules: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    edition: str = CURRENT,
    expectations: Files = (),
    fail_on: str = "required",
    allow_undecided: bool = False,
    timeout: float = 10.0,
    isolated: bool = True,
) -> None:
    """Judge a consumer, and raise AssertionError, whose text is the terminal's report, if there is news.

        def test_checksum():
            bufspec.assert_consumes(mypackage.checksum)

    `consume` is called with one object, whose memory it uses; it is called some hundred times, now and then
    from several threads at once, and must give the same for the same bytes each time: one with a state is
    given as bufspec.declare.consumer.fresh(lambda: File("name").readinto).

    The keywords from `kind` to `threads` are as in bufspec.declare.consumer(); the others as
    for assert_conforms().  Takes about a second.

    Raises UndecidedError, an AssertionError, if nothing could be judged, and another BufspecError
    (DeclarationError, SelectionError, ...) for what makes no sense.
    """
    keywords = _others(locals(), "consume")
    __tracebackhide__ = True
    _raise_if_news(subject_from_consumer, consume, keywords)


def _others(given: Mapping[str, Any], first: str) -> dict[str, Any]:
    """The keywords among the arguments of a function."""
    return {name: value for name, value in given.items() if name != first}


def _raise_if_news(
    subject_from: Callable[..., Subject],
    given: object,
    keywords: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> None:
    __tracebackhide__ = True
    try:
        how, declared = How.taken_from(keywords)
        failure = failure_of(subject_from(given, **declared), how, notes)
    except BufspecError as error:
        raise error.with_traceback(None) from None
    if failure:
        raise AssertionError(failure)
