"""Does an exception of any kind, wherever a subject raises it, stay with that subject and its case?"""

from __future__ import annotations

import pytest
from command_line import Event, exporters, record, run
from runs_here import BLAMELESS, judged, rules_of

KINDS = [
    "Exception",
    "GeneratorExit",
    "KeyboardInterrupt",
    "MemoryError",
    "RecursionError",
    "StopIteration",
    "SystemExit",
    "OfItsOwn",
    "Unspeakable",
    "UnspeakablyOfItsOwn",
]

pytestmark = pytest.mark.usefixtures("among_the_fakes")


@pytest.mark.slow
def test_a_factory_that_raises_is_refused_as_configuration() -> None:
    for kind in ("OfItsOwn", "KeyboardInterrupt", "UnspeakablyOfItsOwn"):
        done = run("check", "--exporter", f"exceptions:failing_factory({kind})")
        assert done.returncode == 2
        assert kind in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_factories_that_raise_later_end_their_own_subjects_only(blameless: Event) -> None:
    failing = [f"exceptions:failing_factory({kind}, after=1)" for kind in KINDS]
    found = judged(*failing, BLAMELESS)
    for name, kind in zip(failing, KINDS, strict=True):
        assert found.subjects[name]["conforms"] is None
        assert kind in found.subjects[name]["error"]
    assert rules_of(found.subjects[BLAMELESS]) == rules_of(blameless)
    assert found.foot["complete"] is False


@pytest.mark.slow
def test_an_exception_out_of_a_request_is_the_failure_of_that_case(blameless: Event) -> None:
    subjects = [f"exceptions:exporter(0x200, raising({kind}))" for kind in KINDS]
    found = judged(*subjects, BLAMELESS)
    for name in subjects:
        failures = [one for one in found.failures if one["subject"] == name]
        assert {(one["case"], one["outcome"]) for one in failures} == {("request.word_0x200", "fail")}
        assert found.subjects[name]["cases"] == blameless["cases"]
        judged_rules = rules_of(found.subjects[name])
        for rule, (cases, failed) in rules_of(blameless).items():
            assert (failed, judged_rules[rule][1] <= 1) == (0, True)
            assert abs(judged_rules[rule][0] - cases) <= 1
    assert rules_of(found.subjects[BLAMELESS]) == rules_of(blameless)


@pytest.mark.slow
def test_an_exception_out_of_a_release_or_an_attribute_disturbs_nothing(blameless: Event) -> None:
    makers = ("touchy", "exporter_raising_in_release")
    found = judged(*(f"exceptions:{maker}({kind})" for kind in KINDS for maker in makers), BLAMELESS)
    assert found.failures == []
    assert found.foot["complete"] is True
    assert rules_of(found.subjects[BLAMELESS]) == rules_of(blameless)


@pytest.mark.slow
def test_an_error_in_the_midst_does_not_take_the_run_down() -> None:
    found = record("stdlib.bytes", *exporters(["factory_failing_after(1)"]))
    assert found.code == 3
    assert found.subjects["stdlib.bytes"]["conforms"] is True
