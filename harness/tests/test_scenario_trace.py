"""Is what replays show the encoding that reports/schema/scenario-trace.schema.json describes, and is it read
back as it was?

The engine's own tests (suites/engine/tests/json_*) try its reader with texts of every kind; here are real
scenarios and traces, and that schema and reader agree on what they refuse.
"""

from __future__ import annotations

import copy
import ctypes
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import known_here
import pytest
from bufspec import _engine
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.profile import Profile
from bufspec.words import CURRENT
from bufspec.worker.operations import usual_operations

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "schema" / "scenario-trace.schema.json"
Seen = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    load_engine(load_rulebook(CURRENT, _engine.rule_ids()), Path(tmp_path_factory.mktemp("tables")))


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.Draft202012Validator(schema)


def cases_of(target: str, operations: tuple[str, ...] = ()) -> _engine.Cases:
    return Profile(operations).cases(target, CURRENT, 3118, "short")


def traces_of(
    target: str, subject: Any, *, each: int = 1, operations: Any = (), **declared: Any
) -> Iterator[Seen]:
    """What was seen in the cases, in one of `each` of them; of the 1,024 words of flags in one of 16."""
    cases = cases_of(target, tuple(name for name, _ in operations))
    for index, case in enumerate(cases):
        if (
            case.startswith(("leak.", "threads."))
            or case in (known_here.FAILS, known_here.DIES)
            or index % (16 if case.startswith("request.word_") else each)
        ):
            continue  # the former take long, and have one kind of record: see below
        keywords = {**declared, "operations": operations} if operations else declared
        yield _engine.trace_case(target, subject, cases=cases, index=index, **keywords)


def violations_of_schema(validator: jsonschema_rs.Draft202012Validator, seen: Seen) -> list[str]:
    pair = {"scenario": seen["scenario"], "trace": seen["trace"]}
    return [
        f"{seen['case']}: {error.instance_path}: {error.message}" for error in validator.iter_errors(pair)
    ]


def judged_again(seen: Seen) -> Seen:
    """What the judge says of the texts of a scenario and a trace."""
    return _engine.judge_trace(json.dumps(seen["scenario"]), json.dumps(seen["trace"]))


def judgement(seen: Seen) -> Seen:
    return {key: seen[key] for key in ("violations", "judged", "readings")}


# For each, in how many of its cases one is tried, nightly; else in a fiftieth of those.
SUBJECTS: dict[str, Callable[[int], Iterator[Seen]]] = {
    "bytearray": lambda thinner: traces_of(
        "exporter",
        lambda: bytearray(b"abc"),
        each=3 * thinner,
        operations=list(usual_operations(bytearray()).items()),
        expect=b"abc",
    ),
    "ctypes array, which breaks rules": lambda thinner: traces_of(
        "exporter", lambda: (ctypes.c_int * 3 * 2)(), each=thinner
    ),
    "memoryview, which keeps": lambda thinner: traces_of(
        "consumer", memoryview, each=20 * thinner, kind="keeps", returns="bytes"
    ),
    "a consumer that is wrong": lambda thinner: traces_of(
        "consumer", lambda it: memoryview(it).tobytes(order="F"), each=8 * thinner, returns="bytes"
    ),
    "this interpreter": lambda thinner: traces_of("function", "this interpreter", each=61 * thinner),
}


@pytest.mark.parametrize("thinner", [50, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_case_is_seen_as_the_schema_says_and_judged_alike_from_its_text(
    name: str, thinner: int, validator: jsonschema_rs.Draft202012Validator
) -> None:
    records: set[str] = set()
    broken = 0
    for seen in SUBJECTS[name](thinner):
        assert violations_of_schema(validator, seen) == []
        assert judged_again(seen) == judgement(seen), seen["case"]
        records |= {kind for record in seen["trace"]["steps"] for kind in record}
        broken += bool(seen["violations"])
    assert bool(broken) == ("wrong" in name or "breaks" in name)
    expected = {
        "bytearray": {"answer", "released", "reread", "written", "mutated"},
        "this interpreter": {"called"},
    }
    assert records >= expected.get(name, {"consumed"} if "consum" in name or "keeps" in name else {"answer"})


def test_what_is_repeated_is_seen_as_the_schema_says(validator: jsonschema_rs.Draft202012Validator) -> None:
    cases = cases_of("exporter")
    for case in ("leak.word_0x000", "threads.word_0x000"):
        seen = _engine.trace_case("exporter", bytearray, cases=cases, index=cases.index(case))
        assert violations_of_schema(validator, seen) == []
        assert judged_again(seen) == judgement(seen)
        assert seen["trace"]["steps"][0]["repeated"]["granted"] > 0


@pytest.mark.parametrize("target", ["exporter", "consumer", "function"])
def test_every_scenario_is_read_back_from_its_text(target: str) -> None:
    cases = cases_of(target, ("append", "clear") if target == "exporter" else ())
    assert len(cases) > 100
    for number in range(0, len(cases), 61 if target == "function" else 1):  # a runtime's are many alike
        parts = _engine.parts(cases.scenario(number))
        assert _engine.parts(_engine.scenario_from_json(json.dumps(parts))) == parts, cases[number]


def test_a_scenario_that_cannot_be_tried_is_refused() -> None:
    cases = cases_of("exporter", ("append",))
    parts = _engine.parts(cases.scenario(cases.index("mutation.append_while_exported")))
    assert [step for step in parts["steps"] if step["kind"] == "mutate"] == [
        {"kind": "mutate", "operation": 0}
    ]
    twice = copy.deepcopy(parts)
    twice["steps"] = [twice["steps"][0], *twice["steps"]]
    with pytest.raises(ValueError, match="cannot be tried"):
        _engine.scenario_from_json(json.dumps(twice))
    layout = {"format": "B", "itemsize": 1, "shape": [2**62], "strides": [1], "suboffsets": None}
    huge = {**parts, "layout": {**layout, "offset": 0, "block": 2**62, "readonly": False}}
    with pytest.raises(ValueError, match="cannot be tried"):
        _engine.scenario_from_json(json.dumps(huge))
    with pytest.raises(
        ValueError, match=r"^steps\[0\]\.slot: expected an integer from 0 to 7 \(offset \d+\)$"
    ):
        _engine.scenario_from_json(json.dumps(parts).replace('"slot": 0', '"slot": 9', 1))


STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    8,
    2**31,
    2**32,
    2**63,
    2**64,
    "",
    "x",
    "NULL",
    [],
    [0, 0],
    ["len"],
    {},
]
ONLY_READ_BY_THE_ENGINE = (
    "expected a list of",
    "expected a string of one byte",
    "known names",
    "false: the text",
)
"""What a schema cannot say: how long an array is by another member, and which rules there are."""


def spoilt(value: Any) -> Iterator[Any]:
    """A value with one place in it changed, left out or added to, in every way."""
    yield from (one for one in STRANGE if type(one) is not type(value) or one != value)
    if isinstance(value, dict):
        yield {**value, "colour": 0}
        for key, inner in value.items():
            yield {other: value[other] for other in value if other != key}
            yield from ({**value, key: one} for one in spoilt(inner))
    if isinstance(value, list) and value:
        yield value[1:]
        yield from ([one, *value[1:]] for one in spoilt(value[0]))


@pytest.mark.parametrize(
    ("target", "subject", "case"),
    [
        ("exporter", lambda: (ctypes.c_int * 3 * 2)(), "data.read_0x11c"),
        ("consumer", lambda it: memoryview(it).tobytes(order="F"), "consumer.reads_c_2d_int"),
        ("exporter", bytearray, "threads.word_0x000"),
    ],
)
def test_the_schema_and_the_engine_refuse_the_same_texts(
    target: str, subject: Any, case: str, validator: jsonschema_rs.Draft202012Validator
) -> None:
    cases = cases_of(target)
    seen = _engine.trace_case(target, subject, cases=cases, index=cases.index(case))
    right = {"scenario": seen["scenario"], "trace": seen["trace"]}
    right["trace"]["steps"] = right["trace"]["steps"][:1]
    tried = refused = 0
    for wrong in spoilt(right):
        if not isinstance(wrong, dict) or set(wrong) != {"scenario", "trace"}:
            continue
        tried += 1
        is_valid = validator.is_valid(wrong)
        try:
            _engine.judge_trace(json.dumps(wrong["scenario"]), json.dumps(wrong["trace"]))
        except ValueError as error:
            refused += 1
            assert not is_valid or any(text in str(error) for text in ONLY_READ_BY_THE_ENGINE), (error, wrong)
        else:
            assert is_valid, wrong
    assert 100 < refused < tried
