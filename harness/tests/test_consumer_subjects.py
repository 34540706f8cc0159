"""Do the consumers that come with bufspec run on plain bytes, alike each time, and leave nothing behind?"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from bufspec.declare import BYTES_LIKE, CAPABILITIES, CONSUMER, FILLS, KEEPS, Subject
from bufspec.worker.registry import group_names, load_group

PLAIN = bytes(range(1, 25))


def consumers() -> list[Subject]:
    declared = [one for name in group_names() if name in ("stdlib", "numpy") for one in of_group(name)]
    return [one for one in declared if one.target == CONSUMER and not one.unavailable]


def of_group(name: str) -> Iterator[Subject]:
    yield from load_group(name).subjects.values()


def came_to(subject: Subject, given: Any) -> object:
    """What a call gives, or the kind of what it raises; of a result that shows memory, its bytes."""
    assert callable(subject.what)
    try:
        result = subject.what(given)
    except Exception as error:
        return type(error)
    try:
        return bytes(memoryview(result))  # type: ignore[arg-type]
    except TypeError:
        return result


@pytest.mark.parametrize("subject", consumers(), ids=lambda one: str(one.name))
def test_a_consumer_runs_on_plain_bytes_and_leaves_nothing_behind(subject: Subject) -> None:
    files = len(os.listdir("/proc/self/fd"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first, second = bytearray(PLAIN), bytearray(PLAIN)
        results = [came_to(subject, one) for one in (first, second)]
        came_to(subject, PLAIN)
    assert repr(results[0]).partition(" at ")[0] == repr(results[1]).partition(" at ")[0]
    assert first == second
    assert (first == PLAIN) or subject.kind == FILLS
    if subject.kind != KEEPS:
        del results
        first.append(0)  # a BufferError if a view were left
    assert len(os.listdir("/proc/self/fd")) == files


def test_a_package_may_have_files_of_consumers() -> None:
    names = load_group("stdlib").subjects
    assert {"stdlib.bytes", "stdlib.zlib_crc32", "stdlib.socket_send", "stdlib.memoryview_tobytes"} <= set(
        names
    )


def test_what_is_bytes_like_is_a_capability() -> None:
    assert set(BYTES_LIKE) < set(CAPABILITIES)
