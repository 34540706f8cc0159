"""The engine, as Python sees it: a C++ extension that runs scenarios inside this process and judges them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

class Ledger:
    """Where a run is and what it has counted, in a file that driver and worker share."""

    def __init__(self, path: str, create: bool) -> None: ...
    def snapshot(self) -> dict[str, Any]: ...

class Mutant:
    """An exporter of `memory`, with habits: see spec/mutants.yaml.  ValueError says what is wrong with either."""

    def __init__(self, memory: Mapping[str, Any], habits: Sequence[Mapping[str, Any]] = ...) -> None: ...
    def elements(self) -> bytes: ...

OnFailure = Callable[[dict[str, Any]], object]

def rule_ids() -> list[str]: ...
def readings() -> list[tuple[str, str]]: ...
def load_tables(tree: Mapping[str, Any]) -> None: ...
def cases(target: str, edition: str) -> list[str]: ...
def observations(target: str) -> list[str]: ...
def run_exporter(
    factory: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    edition: str = ...,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    seed: int = ...,
) -> None: ...
def run_consumer(
    callable_: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    edition: str = ...,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    seed: int = ...,
) -> None: ...
def run_function(
    name: str,
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    edition: str = ...,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    seed: int = ...,
) -> None: ...
def trace_case(
    target: str, subject: Callable[..., object] | str, case_id: str, *, edition: str
) -> dict[str, Any]: ...
def bench_requests(obj: object, rounds: int) -> dict[str, Any]: ...
def compare_with_cpython(
    bound: str, *, testbuffer: Sequence[tuple[str, object]] | None = ...
) -> dict[str, Any]: ...
def run_table_cases() -> dict[str, Any]: ...
