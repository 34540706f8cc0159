"""Is every judged rule reached by some subject, so that its verdict means something?

A rule is reached where a case judges it: `cases` of its rule in the record.  The reference as a shared
library, as exporter, consumer and set of functions, reaches nearly all; for each other one stands who does.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bufspec import _engine
from bufspec.interpreters.facts import ABI3
from bufspec.interpreters.found import interpreters, programs
from bufspec.spec.tables import Spec
from bufspec.tables.files import spec_directory
from bufspec.worker import memoryview_checks, pep688
from command_line import events_from_lines, run

REFERENCE = Path(_engine.__file__).with_name("libbufspec_reference.so")
FILLS = "mutants.consumer_fills_count_as_bytes_twin"
"""A consumer that fills whatever it is granted."""
BRIDGED = ("mutants.used_tensor_deleted_twin", "mutants.interface_writable_twin")
"""Exporters with other interfaces to their memory."""
COPIES = "mutants.copy_that_is_writable_twin"
"""An exporter that answers some requests with a copy."""
OF_2010 = "request.simple.refused_if_not_contiguous"
"""A rule of that edition alone."""


def reached(*arguments: str) -> set[str]:
    """The rules that some case of a run judges."""
    done = run("check", *arguments, "--format", "json")
    finished = [one for one in events_from_lines(done.stdout) if one["event"] == "subject-finished"]
    assert finished, done.stderr
    return {rule for one in finished for rule, found in one["rules"].items() if found["cases"]}


def rules(*ids: str) -> list[str]:
    return [word for id_ in ids for word in ("--rule", id_)]


@pytest.fixture(scope="module")
def judged() -> set[str]:
    return {rule.id for rule in Spec.load(spec_directory()).rules if rule.judged}


@pytest.mark.interpreter
@pytest.mark.slow
@pytest.mark.sampled
def test_every_judged_rule_is_reached_by_some_subject(judged: set[str]) -> None:
    found = reached("--native", str(REFERENCE))
    found |= reached(FILLS, COPIES, *BRIDGED)
    found |= reached("stdlib.memoryview_sliced", "--edition", "2010", *rules(OF_2010))
    found |= reached("runtime.memoryview", *rules(*memoryview_checks.CHECKS))
    of_pep688 = set(pep688.CHECKS)
    if sys.version_info >= (3, 12):
        found |= reached("runtime.pep688", *rules(*of_pep688))
        of_pep688 = set()
    assert judged - found == of_pep688
    assert {"lifetime.release.obj_null", "request.reserved.read_or_write_alone"} <= found


@pytest.mark.nightly
def test_the_rules_of_pep_688_are_reached_on_another_interpreter() -> None:
    usable = interpreters(programs()).usable
    newer = [one for one in usable if one.facts.abi == ABI3 and _minor(one.facts.version) >= 12]
    if not newer:
        pytest.skip("no CPython 3.12 or later that takes this build")
    found = reached("runtime.pep688", "--python", newer[-1].path, *rules(*pep688.CHECKS))
    assert found >= set(pep688.CHECKS)


def _minor(version: str) -> int:
    return int(version.split(".")[1])
