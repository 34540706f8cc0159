"""The pytest plugin: an exporter or a consumer under test, with a test item for each rule.

    @pytest.mark.bufspec_exporter(expect=bytes(6))
    def test_matrix():
        return Matrix(2, 3)

makes test_matrix[bufspec:request.nd.shape_present] and so on: the function is the factory, and fixtures reach
it as any test.  Where the factory is not the function itself, the fixture `bufspec_exporter` takes it:

    def test_matrix(bufspec_exporter):
        bufspec_exporter(lambda: Matrix(2, 3))

Likewise a consumer, of which the function returns the callable:

    @pytest.mark.bufspec_consumer(kind="reads")
    def test_checksum():
        return mypackage.checksum

The keywords are those of bufspec.assert_conforms() and of bufspec.assert_consumes().  A rule that no case
applies to is skipped with the reason; one that an expectation lists is an expected failure, and so is one
that is only recommended.  An undecided subject is an error of every item, as a fixture that fails is: nothing
was tested.  What cannot be judged for how it is declared fails its first item, and the others are skipped.
The end of the process is the item `bufspec:death`.  Each is judged once, when the first of its items runs, in
each process of xdist.
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import pytest
from _pytest.outcomes import Failed
from attrs import field, frozen

from bufspec.words import DEATH

MARKS = {"bufspec_exporter": "exporter", "bufspec_consumer": "consumer"}
"""The marks, which are fixtures too, and the targets that they are for."""
RULE = "bufspec_rule"
PREFIX = "bufspec:"


class _AsInstalled:
    """Finds our modules before pytest does, which would compile all of them again with assertions of its own:
    that takes longer than judging an exporter, in every run that keeps no bytecode."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith("bufspec.") else None


if _AsInstalled not in sys.meta_path:
    sys.meta_path.insert(0, _AsInstalled)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for mark, meaning in (
        ("bufspec_exporter(**keywords of assert_conforms)", "the function makes an exporter"),
        ("bufspec_consumer(**keywords of assert_consumes)", "the function returns a consumer"),
    ):
        config.addinivalue_line("markers", f"{mark}: {meaning}, each rule is an item")
    from bufspec.testing import again

    again.invoked_from, again.root = config.invocation_params.dir, config.rootpath


def _mark_of(node: Any) -> tuple[str, pytest.Mark | None]:
    """Which of the marks a test has, or, without one, which of the fixtures it takes; empty if neither."""
    for name in MARKS:
        if mark := node.get_closest_marker(name):
            return name, mark
    return "", None


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each rule that binds exporters, or consumers, and one for the end of the process."""
    name, mark = _mark_of(metafunc.definition)
    name = name or next((one for one in MARKS if one in metafunc.fixturenames), "")
    if not name:
        return
    keywords = mark.kwargs if mark else {}
    if mark and mark.args:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: the mark {name} takes keywords only")
    narrowed = tuple(tuple(keywords.get(key) or ()) for key in ("rules", "exclude"))
    rules = _rules(MARKS[name], keywords.get("edition"), *narrowed)
    if RULE not in metafunc.fixturenames:
        metafunc.fixturenames.append(RULE)
    metafunc.parametrize(RULE, rules, ids=[PREFIX + rule for rule in rules], indirect=True)


@functools.cache
def _rules(target: str, edition: str | None, include: tuple[str, ...], exclude: tuple[str, ...]) -> list[str]:
    from bufspec import _engine
    from bufspec.errors import BufspecError
    from bufspec.tables.rulebook import load_rulebook
    from bufspec.words import CURRENT

    try:
        rulebook = load_rulebook(edition or CURRENT, _engine.rule_ids()).matching(include, exclude)
    except BufspecError as error:
        raise pytest.UsageError(error.render()) from error
    judged = set(_engine.rules_judged_on(target))
    return [rule.id for rule in rulebook.for_target(target) if rule.id in judged] + [DEATH]


@pytest.fixture
def bufspec_rule(request: pytest.FixtureRequest) -> str:
    """The rule that this item is about, or "death"."""
    rule: str = request.param
    return rule


@pytest.fixture
def bufspec_exporter(request: pytest.FixtureRequest, bufspec_rule: str) -> Any:
    """Takes an exporter or a factory, and keywords of bufspec.assert_conforms(); one rule must hold."""
    return _judging(request, bufspec_rule, "exporter")


@pytest.fixture
def bufspec_consumer(request: pytest.FixtureRequest, bufspec_rule: str) -> Any:
    """Takes a consumer, and keywords of bufspec.assert_consumes(); one rule must hold."""
    return _judging(request, bufspec_rule, "consumer")


@frozen
class Asked:
    """What one item asks: whether a rule holds of what a test gives."""

    item: pytest.Item
    target: str
    give: Callable[[], object]
    """Gives the exporter, or a factory of it, or the consumer."""
    rule: str
    keywords: dict[str, Any] = field(factory=dict)
    call: int = 0
    """The number of what is given, in a test that gives several."""

    @property
    def key(self) -> tuple[str, int]:
        """What all items share that ask of the same."""
        return self.item.nodeid.replace(PREFIX + self.rule, PREFIX), self.call

    def node(self, rule: str | None) -> str:
        """The item that asks for another rule of the same."""
        return self.item.nodeid.replace(PREFIX + self.rule, PREFIX + (rule or DEATH))


def _judging(request: pytest.FixtureRequest, rule: str, target: str) -> Any:
    calls = itertools.count()

    def judge_one(given: object, **keywords: Any) -> None:
        __tracebackhide__ = True
        _, mark = _mark_of(request.node)
        keywords = {**(mark.kwargs if mark else {}), **keywords}
        _assert_rule(Asked(request.node, target, lambda: given, rule, keywords, next(calls)))

    return judge_one


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Judge a marked function that does not take the fixture, once it has its fixtures."""
    if isinstance(item, pytest.Function) and (asked := _of_function(item)):
        _judgement(asked)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Of a marked function that does not take the fixture: it is the factory, or returns the consumer."""
    asked = _of_function(pyfuncitem)
    if asked is None:
        return None
    _assert_rule(asked)
    return True


def _of_function(item: pytest.Function) -> Asked | None:
    """What a marked function asks; None of what is no marked factory."""
    name, mark = _mark_of(item)
    names = item._fixtureinfo.argnames
    if mark is None or name in names:
        return None
    function = functools.partial(item.obj, **{one: item.funcargs[one] for one in names})
    keywords: dict[str, Any] = {"name": f"given.{item.originalname}", **mark.kwargs}
    give = _returned_by(item, function) if MARKS[name] == "consumer" else lambda: function
    return Asked(item, MARKS[name], give, str(item.callspec.params[RULE]), keywords)


def _returned_by(item: pytest.Function, function: Callable[[], object]) -> Callable[[], object]:
    def give() -> object:
        from bufspec.errors import DeclarationError

        consume = function()
        if consume is None:
            raise DeclarationError(
                f"{item.originalname}() returned None",
                where=f"{item.path}:{item.obj.__code__.co_firstlineno}",
                hint="with the mark bufspec_consumer it returns the callable: return mypackage.checksum",
            )
        return consume

    return give


class Undecided(Failed):
    """Nothing could be judged: neither a pass nor a failure of a rule."""

    __module__ = "builtins"  # as pytest's own outcomes, so that summaries name the outcome alone


UNDECIDED = "bufspec_undecided"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note where nothing was judged although a test had begun."""
    outcome = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, Undecided):
        outcome.get_result().user_properties.append((UNDECIDED, True))  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """An error is what pytest calls a test that could not be done."""
    if (
        isinstance(report, pytest.TestReport)
        and report.failed
        and (UNDECIDED, True) in report.user_properties
    ):
        return "error", "E", "ERROR"
    return None


_judged = pytest.StashKey[dict[tuple[str, int], Any]]()
_failed = pytest.StashKey[dict[tuple[str, int], str]]()
"""Which item said why nothing could be judged."""


def _judgement(asked: Asked) -> Any:
    """What is judged once for all items; raises Undecided where nothing could be."""
    __tracebackhide__ = True
    cache = asked.item.session.stash.setdefault(_judged, {})
    if asked.key not in cache:
        cache[asked.key] = _judge(asked)
    judgement = cache[asked.key]
    if isinstance(judgement, str) or judgement.finished.get("error"):
        return judgement
    if judgement.undecided and not asked.keywords.get("allow_undecided", False):
        raise Undecided(f"{judgement.subject} is undecided: {judgement.undecided}", pytrace=False)
    return judgement


def _assert_rule(asked: Asked) -> None:
    """Pass, or end the item, as its judgement has it for this rule."""
    __tracebackhide__ = True
    judgement = _judgement(asked)
    if isinstance(judgement, str):
        _fail_once(asked, judgement)
    elif judgement.finished.get("error"):
        _fail_once(asked, f"{judgement.subject}: {judgement.finished['error']}")
    elif asked.rule == DEATH:
        _come_to_death(judgement, asked)
    else:
        _come_to_rule(judgement, asked)
    if outdated := judgement.outdated(asked.rule):
        pytest.fail(outdated, pytrace=False)


def _fail_once(asked: Asked, why: str) -> None:
    """Fail the first item of what cannot be judged; the others, of which it says the same, are skipped."""
    __tracebackhide__ = True
    first = asked.item.session.stash.setdefault(_failed, {}).setdefault(asked.key, asked.item.nodeid)
    if first != asked.item.nodeid:
        pytest.skip(f"not judged: {first} says why")
    pytest.fail(why, pytrace=False)


def _judge(asked: Asked) -> Any:
    """A judgement, or in words why there is none, or what the case that somebody wants to see came to."""
    from bufspec.errors import BufspecError
    from bufspec.testing.given import subject_from_consumer, subject_from_object
    from bufspec.testing.judging import How, judge, shown_again

    is_consumer = asked.target == "consumer"
    subject_from: Callable[..., Any] = subject_from_consumer if is_consumer else subject_from_object
    try:
        _refuse_unknown(asked)
        how, what = How.taken_from(asked.keywords)
        subject = subject_from(asked.give(), **what)
        return shown_again(subject, how, _again(asked, subject.name)) or judge(subject, how)
    except BufspecError as error:
        return error.render()


def _refuse_unknown(asked: Asked) -> None:
    """Raise DeclarationError for a keyword that the function of this target does not have."""
    import inspect

    from bufspec.errors import DeclarationError, near_names
    from bufspec.testing.assertions import assert_conforms, assert_consumes

    front = assert_consumes if asked.target == "consumer" else assert_conforms
    known = [
        name for name, one in inspect.signature(front).parameters.items() if one.kind is one.KEYWORD_ONLY
    ]
    for key in asked.keywords:
        if key not in known:
            raise DeclarationError(
                f"{key} is no keyword of bufspec.{front.__name__}()",
                hint=near_names(key, known, otherwise=f"they are {', '.join(known)}"),
            )


def _again(asked: Asked, subject: str) -> Any:
    from bufspec.testing.again import Again

    return Again(subject, asked.node)


def _come_to_rule(judgement: Any, asked: Asked) -> None:
    from bufspec.run.news import FAIL_ON

    __tracebackhide__ = True
    record = judgement.finished["rules"].get(asked.rule)
    if record is None:
        pytest.skip("left out by the keywords rules, exclude or edition")
    if record["outcome"] == "skip":
        pytest.skip(record["reason"])
    if not record["failed"]:
        return
    if record["verdict"] == "as_expected":
        pytest.xfail(f"{record['because']} {record['link']}")
    if record["level"] not in FAIL_ON[asked.keywords.get("fail_on", "required")]:
        pytest.xfail(f"{record['level']} only: {judgement.failures(asked.rule)[0]['message']}")
    pytest.fail(judgement.report_of(asked.rule, _again(asked, judgement.subject)), pytrace=False)


def _come_to_death(judgement: Any, asked: Asked) -> None:
    __tracebackhide__ = True
    deaths = judgement.failures(None)
    if any(one["verdict"] == "news" for one in deaths):
        pytest.fail(judgement.report_of(None, _again(asked, judgement.subject)), pytrace=False)
    if deaths:
        pytest.xfail(f"{deaths[0]['because']} {deaths[0]['link']}")
