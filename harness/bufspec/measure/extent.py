"""How much does the bench measure?  All of it, or so little that a test sees whether every row is there."""

from __future__ import annotations

from attrs import frozen


@frozen
class Extent:
    """How much is measured for each row."""

    rounds: int = 20_000
    patterns: tuple[str, ...] = ("stdlib.*", "numpy.*")
    """Of the check with and without isolation, and with two jobs."""
    checked: str = "stdlib.*"
    """Of the check that is compared with test_buffer."""
    test_buffer: tuple[str, ...] = ()
    """Further arguments of `python -m test test_buffer`."""
    verify_tests: tuple[str, ...] = ()
    """The tests of test_buffer whose calls of verify() are timed; none: all."""
    built_runs: int = 5
    built_cases: int | None = None
    watched_cases: int = 10_000_000
    consumer_rounds: int = 2_000
    large_bytes: int = 100_000_000
    large_runs: int = 5
    recorded_rounds: int = 2_000_000
    recorded_runs: int = 5


WHOLE = Extent()
QUICK = Extent(
    rounds=100,
    patterns=("stdlib.b*", "numpy.c*"),
    checked="stdlib.b*",
    test_buffer=("-m", "test_ndarray_format_scalar"),
    verify_tests=("test_ndarray_format_scalar",),
    built_runs=1,
    built_cases=40,
    watched_cases=100_000,
    consumer_rounds=20,
    large_bytes=2_000_000,
    large_runs=1,
    recorded_rounds=1_000,
    recorded_runs=1,
)
"""Its figures say nothing."""
