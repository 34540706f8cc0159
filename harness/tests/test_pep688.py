"""Are the checks of PEP 688 those of the tables, and does this interpreter pass them?"""

from __future__ import annotations

import sys

import pytest
from bufspec import _engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT
from bufspec.worker.pep688 import CHECKS

has_pep688 = pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 688 came with CPython 3.12")


def test_each_judged_rule_has_its_check() -> None:
    judged = load_rulebook(CURRENT, _engine.rule_ids()).rules
    assert sorted(id_ for id_ in judged if id_.startswith("pep688.")) == sorted(CHECKS)


@has_pep688
@pytest.mark.interpreter
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_cpython_keeps_its_side(name: str) -> None:
    assert CHECKS[name]() == ""


@has_pep688
@pytest.mark.interpreter
def test_a_check_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspect.BufferFlags", None)
    assert CHECKS["pep688.names.buffer_flags"]() == "inspect has no BufferFlags"
