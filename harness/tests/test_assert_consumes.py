"""Can a test judge its own consumers, and does what is broken fail it with a message that says all?"""

from __future__ import annotations

import os
import zlib
from typing import Any

import bufspec
import pytest
from bufspec.errors import DeclarationError


def told(*arguments: Any, **keywords: Any) -> str:
    """The message of the AssertionError that judging raises."""
    with pytest.raises(AssertionError) as failed:
        bufspec.assert_consumes(*arguments, **keywords)
    return str(failed.value)


def in_wrong_order(exported: Any) -> object:
    return memoryview(exported).tobytes("F")


@pytest.mark.slow
def test_what_conforms_passes() -> None:
    bufspec.assert_consumes(zlib.crc32)
    bufspec.assert_consumes(lambda given: memoryview(given), kind="keeps", returns="bytes")


@pytest.mark.slow
def test_what_fills_is_judged_by_the_memory() -> None:
    def fill(given: Any) -> int:
        with memoryview(given) as view, view.cast("B") as flat:
            flat[:] = bytes(number % 251 for number in range(len(flat)))
            return len(flat)

    bufspec.assert_consumes(fill, kind="fills")


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.slow
def test_a_broken_rule_is_told_with_what_was_expected_and_found(isolated: bool) -> None:
    message = told(in_wrong_order, returns="bytes", isolated=isolated)
    assert message.startswith("given.in_wrong_order: breaks ")
    assert "consumer.data.elements_right  (required, wrong_data)" in message
    assert "BUFSPEC_REPLAY='given.in_wrong_order/consumer.reads_" in message.splitlines()[-1]


@pytest.mark.slow
def test_a_crash_fails_the_test_and_leaves_its_process_alive() -> None:
    def crash(given: Any) -> None:
        memoryview(given).release()
        os.abort()

    before = os.getpid()
    assert "given.crash: crash SIGABRT" in told(crash)
    assert os.getpid() == before


@pytest.mark.parametrize(
    ("given", "keywords", "message"),
    [
        (3, {}, "an object of type int cannot be called"),
        (len, {"kind": "eats"}, "kind of given.len is 'eats'"),
        (len, {"accepts": ("indirect",)}, "accept indirect, which no case exercises"),
        (len, {"fail_on": "anything"}, "fail_on is 'anything'"),
    ],
)
def test_what_makes_no_sense_is_told(given: Any, keywords: Any, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        bufspec.assert_consumes(given, rules=["consumer.release.*"], **keywords)
