"""The pytest plugin: an exporter under test, with a test item for each rule.

    @pytest.mark.bufspec_exporter(expect=bytes(6))
    def test_matrix():
        return Matrix(2, 3)

makes test_matrix[bufspec:request.nd.shape_present] and so on: the function is the factory, and fixtures reach
it as any test.  Where the factory is not the function itself, the fixture `bufspec_exporter` takes it:

    def test_matrix(bufspec_exporter):
        bufspec_exporter(lambda: Matrix(2, 3))

The keywords of the mark and of the fixture are those of bufspec.assert_conforms().  A rule that no case
applies to is skipped with the reason; one that an expectation lists is an expected failure, and so is one
that is only recommended.  The end of the process is the item `bufspec:death`.  An exporter is judged once,
when the first of its items runs, in each process of xdist.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import pytest

MARK = "bufspec_exporter"
RULE = "bufspec_rule"
PREFIX = "bufspec:"
DEATH = "death"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(**keywords of assert_conforms): the function makes an exporter, each rule is an item",
    )


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each rule that binds exporters, and one for the end of the process."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None and MARK not in metafunc.fixturenames:
        return
    keywords = mark.kwargs if mark else {}
    if mark and mark.args:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: the mark {MARK} takes keywords only")
    narrowed = tuple(tuple(keywords.get(key) or ()) for key in ("rules", "exclude"))
    rules = _rules(keywords.get("edition"), *narrowed)
    if RULE not in metafunc.fixturenames:
        metafunc.fixturenames.append(RULE)
    metafunc.parametrize(RULE, rules, ids=[PREFIX + rule for rule in rules], indirect=True)


@functools.cache
def _rules(edition: str | None, include: tuple[str, ...], exclude: tuple[str, ...]) -> list[str]:
    from bufspec import _engine
    from bufspec.declare import EXPORTER
    from bufspec.errors import BufspecError
    from bufspec.rulebook import CURRENT, load_rulebook

    try:
        rulebook = load_rulebook(edition or CURRENT, _engine.rule_ids()).matching(include, exclude)
    except BufspecError as error:
        raise pytest.UsageError(error.render()) from error
    return [rule.id for rule in rulebook.for_target(EXPORTER)] + [DEATH]


@pytest.fixture
def bufspec_rule(request: pytest.FixtureRequest) -> str:
    """The rule that this item is about, or "death"."""
    rule: str = request.param
    return rule


@pytest.fixture
def bufspec_exporter(request: pytest.FixtureRequest, bufspec_rule: str) -> Any:
    """Takes an exporter or a factory, and keywords of bufspec.assert_conforms(); one rule must hold."""
    calls = itertools.count()

    def judge_one(obj_or_factory: object, **keywords: Any) -> None:
        __tracebackhide__ = True
        mark = request.node.get_closest_marker(MARK)
        keywords = (mark.kwargs if mark else {}) | keywords
        _assert_rule(request.node, next(calls), obj_or_factory, bufspec_rule, keywords)

    return judge_one


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Of a marked function that does not take the fixture: the function is the factory."""
    mark = pyfuncitem.get_closest_marker(MARK)
    names = pyfuncitem._fixtureinfo.argnames
    if mark is None or MARK in names:
        return None
    factory = functools.partial(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    keywords: dict[str, Any] = {"name": f"given.{pyfuncitem.originalname}", **mark.kwargs}
    _assert_rule(pyfuncitem, 0, factory, str(pyfuncitem.callspec.params[RULE]), keywords)
    return True


_judged = pytest.StashKey[dict[tuple[str, int], Any]]()


def _assert_rule(
    item: pytest.Item, call: int, obj_or_factory: object, rule: str, keywords: dict[str, Any]
) -> None:
    """Pass, or end the item, as its judgement has it for this rule; it is judged once for all items."""
    __tracebackhide__ = True
    cache = item.session.stash.setdefault(_judged, {})
    key = item.nodeid.replace(PREFIX + rule, PREFIX), call
    if key not in cache:
        cache[key] = _judge(obj_or_factory, keywords)
    judgement = cache[key]
    if isinstance(judgement, str):
        pytest.fail(judgement, pytrace=False)
    elif judgement.finished.get("error"):
        pytest.fail(f"{judgement.finished['subject']}: {judgement.finished['error']}", pytrace=False)
    elif rule == DEATH:
        _come_to_death(judgement)
    else:
        _come_to_rule(judgement, rule, keywords.get("fail_on", "required"))
    if outdated := judgement.outdated(rule):
        pytest.fail(outdated, pytrace=False)


def _judge(obj_or_factory: object, keywords: dict[str, Any]) -> Any:
    """A judgement, or in words why there is none."""
    from bufspec.errors import BufspecError
    from bufspec.testing import HOW, judge, subject_from_object

    how = {key: value for key, value in keywords.items() if key in HOW}
    what = {key: value for key, value in keywords.items() if key not in HOW and key != "fail_on"}
    try:
        return judge(subject_from_object(obj_or_factory, **what), **how)
    except BufspecError as error:
        return error.render()
    except TypeError as error:
        return f"{error}: the keywords are those of bufspec.assert_conforms()"


def _come_to_rule(judgement: Any, rule: str, fail_on: str) -> None:
    from bufspec.news import FAIL_ON

    __tracebackhide__ = True
    record = judgement.finished["rules"].get(rule)
    if record is None:
        pytest.skip("left out by the keywords rules, exclude or edition")
    if record["outcome"] == "skip":
        pytest.skip(record["reason"])
    if not record["failed"]:
        return
    if record["verdict"] == "as_expected":
        pytest.xfail(f"{record['because']} {record['link']}")
    if record["level"] not in FAIL_ON[fail_on]:
        pytest.xfail(f"{record['level']} only: {judgement.failures(rule)[0]['message']}")
    pytest.fail(judgement.report_of(rule), pytrace=False)


def _come_to_death(judgement: Any) -> None:
    __tracebackhide__ = True
    deaths = judgement.failures(None)
    if any(one["verdict"] == "news" for one in deaths):
        pytest.fail(judgement.report_of(None), pytrace=False)
    if deaths:
        pytest.xfail(f"{deaths[0]['because']} {deaths[0]['link']}")
