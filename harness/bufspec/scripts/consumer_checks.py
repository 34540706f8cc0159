"""A consumer's break as a script: an exporter of exporter.py, the steps as calls, and the checks.

As exporter_checks.py for exporters: a check is the lines that end the script with `broken` while the rule is
broken.  They may use `requests`, `result` and `error` of the step in question, and `expected` where results
are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from bufspec.errors import StandaloneError
from bufspec.scripts.assembly import in_a_process, script_of_pieces
from bufspec.scripts.exporter import is_plain, pieces_of
from bufspec.scripts.exporter_checks import Lines, says
from bufspec.scripts.pieces import PYTHON_API, STRUCT, VERDICT
from bufspec.values import RULES_OF_READ_ELEMENTS, Violation

ROUNDS = 1000
"""How often a script calls a consumer, where a case does it often."""

CALL = '''
def call():
    """The consumer's result and the exception that it raises, one of them None; prints what was asked for."""
    first, result, error = len(requests), None, None
    try:
        result = consumer(exporter)
    except Exception as raised:
        error = raised.with_traceback(None)
    for request in requests[first:]:
        print(f"request {request.flags:#05x}: {'granted' if request.granted else 'refused'}")
    print(f"raises {error!r}" if error is not None else f"returns {type(result).__name__}")
    return result, error
'''

CALL_IN_THREAD = CALL.replace(
    "        result = consumer(exporter)\n",
    "        with ThreadPoolExecutor(1) as others:\n"
    "            result = others.submit(consumer, exporter).result()\n",
)

SAME = '''
def same(result, expected):
    """Whether two results are of one type and equal; what has a buffer is equal if the bytes are."""
    if type(result) is not type(expected):
        return False
    try:
        return bytes(memoryview(result)) == bytes(memoryview(expected))
    except TypeError:
        return bool(result == expected)
'''

NESTED = '''
def nested(values, shape):
    """Values one after the other as lists in lists."""
    return [nested(values, shape[1:]) for _ in range(shape[0])] if shape else next(values)
'''

VALUES = '''
def values(data, format):
    """The values of the items of `format`, one after the other."""
    return [item[0] if len(item) == 1 else item for item in struct.iter_unpack(format, data)]
'''

ALSO_NAMES = {
    **dict.fromkeys(
        (*("ITEMSIZE", "STRIDES", "SUBOFFSETS", "OFFSET", "BLOCK", "FORMAT", "READONLY"), "ARRAYS"), "SHAPE"
    ),
    **dict.fromkeys(("incref", "kept"), "class_with"),
    **dict.fromkeys(("c_library", "PAGE", "protect"), "new_block"),
    "releases": "Lent",
}
"""What else a piece defines."""


@frozen
class ConsumerCheck:
    """The lines of one rule, and what they need."""

    after: Lines
    """After the step in question."""
    before: Lines = field(factory=list)
    """Before the first call."""
    compares: bool = False
    """Whether they use `expected`."""
    watching: bool = False
    """Whether the struct is looked at when a view is released."""
    strays: bool = False
    """Whether releases of what was never granted are counted."""
    after_end: bool = True
    """Whether they mean nothing once our reference to the exporter is gone."""


WRONG = "error is None and not {same}"

RESULT = ConsumerCheck(says(WRONG, "repr(expected)", "repr(result)"), compares=True)

_EACH_GRANTED = "[one for one in requests if one.granted]"

NOT_HELD = '"a view held as long as the result lives"', '"every view released when the call returned"'

_HELD = ConsumerCheck(
    says(f"error is None and all(releases(one) for one in {_EACH_GRANTED})", *NOT_HELD), after_end=False
)
"""Of a result that cannot be compared: what it keeps alive says whether it may use the memory."""

CHECKS: dict[str, ConsumerCheck] = {
    **dict.fromkeys((*RULES_OF_READ_ELEMENTS, "consumer.hold.while_used"), RESULT),
    "consumer.dimensions.up_to_64": evolve(
        RESULT,
        after=[
            *says("error is not None", '"a result"', 'f"raised {error!r}"'),
            *RESULT.after,
        ],
    ),
    "consumer.capability.accepted": ConsumerCheck(
        says("error is not None", '"a result, as it is documented"', 'f"raised {error!r}"')
    ),
    "consumer.release.exactly_once": ConsumerCheck(
        [
            f"for one in {_EACH_GRANTED}:",
            "    if {most}:",
            '        broken("one release of each view", f"{releases(one)} releases of {one.flags:#05x}")',
        ]
    ),
    "consumer.release.never_granted": ConsumerCheck(
        says("strays", '"releases of views that were granted alone"', 'f"{len(strays)} other releases"'),
        strays=True,
    ),
    "consumer.release.nothing_kept": ConsumerCheck(
        [
            "references_kept = sys.getrefcount(exporter) - references",
            f"references_kept += sum(releases(one) < 1 for one in {_EACH_GRANTED})",
            *says("references_kept > 0", '"no reference kept"', 'f"{references_kept} references kept"'),
        ],
        before=["references = sys.getrefcount(exporter)"],
        after_end=False,
    ),
    "consumer.struct.arrays_unchanged": ConsumerCheck(
        [
            f'changed = [name for one in {_EACH_GRANTED} for name in one.changed if name != "internal"]',
            *says(
                "changed",
                '"format and arrays unchanged until the release"',
                'f"changed at the release: {changed}"',
            ),
        ],
        watching=True,
    ),
    "consumer.struct.internal_unchanged": ConsumerCheck(
        [
            f'changed = [name for one in {_EACH_GRANTED} for name in one.changed if name == "internal"]',
            *says("changed", '"internal unchanged until the release"', '"another one at the release"'),
        ],
        watching=True,
    ),
    **dict.fromkeys(
        ("consumer.write.only_if_asked", "consumer.hardening.readonly_answer"),
        ConsumerCheck(
            [
                f"for one in {_EACH_GRANTED}:",
                "    if elements(one.start) != ELEMENTS:",
                "        broken(ELEMENTS, elements(one.start))",
            ]
        ),
    ),
    "consumer.write.inside_elements": ConsumerCheck(
        [
            f"for one in {_EACH_GRANTED}:",
            "    if gaps(one.blocks, one.start) != GAPS:",
            '        broken("the bytes between and around the elements unchanged", "other bytes there")',
        ],
        before=["GAPS = gaps(*MEMORY)"],
    ),
    "consumer.fill.elements_right": ConsumerCheck(
        [
            f"for one in {_EACH_GRANTED}[-1:]:",
            "    if elements(one.start) != plain:",
            "        broken(bytes(plain), elements(one.start))",
        ],
        before=["plain = bytearray(ELEMENTS)", "consumer(plain)"],
    ),
    "consumer.request.no_needless_write": ConsumerCheck(
        [
            "asked = [hex(one.flags) for one in requests if one.flags & 0x001]",
            *says("asked", '"no WRITABLE in a request, since nothing is written"', "asked"),
        ]
    ),
    "consumer.error.refusal_told": ConsumerCheck(
        says(
            "error is None and requests and not any(one.granted for one in requests)",
            '"an exception, since every request was refused"',
            '"a result"',
        )
    ),
    "consumer.error.refusal_type": ConsumerCheck(
        says(
            "error is not None and not isinstance(error, "
            "(BufferError, TypeError, ValueError, NotImplementedError))",
            '"one of the exceptions that refuse memory"',
            "repr(error)",
        )
    ),
    "consumer.error.exception_set": ConsumerCheck(
        says(
            "isinstance(error, SystemError)",
            '"a result, or NULL with an exception set"',
            "repr(error)",
        )
    ),
    "consumer.hardening.failed_obj": ConsumerCheck(
        says("bait.releases or strays", '"no release of a refused view"', '"a release of its obj"'),
        before=[
            "bait = Bait()",
            "for _ in range(9):  # those that a release may take",
            "    incref(bait)",
        ],
        strays=True,
    ),
}

_CONTESTED = (
    "what is recorded is which reading is followed, and a result outside all of them has no expected value"
)

_NATIVE_FORMAT = 'format = FORMAT.decode().lstrip("<>=") or "B"'
_FILLING_ITEMS: Lines = [
    _NATIVE_FORMAT,
    "plain = bytearray(ELEMENTS)",
    "consumer(memoryview(plain).cast(format, SHAPE))  # the same items in C order",
]
OF_ITEMS = frozenset({"result_as_of_items", "filled_as_items"})
"""What is compared with what the call makes of such items, and not of bytes."""

WITHOUT_SCRIPT: dict[str, str] = {
    "consumer.hardening.len_or_shape": _CONTESTED,
    "consumer.hardening.bad_format": _CONTESTED,
}


@frozen
class Consumer:
    """What is declared of a consumer, and the text that defines it as `consumer`."""

    made: str
    kind: str = "reads"
    returns: str = ""


def code_of_break(
    consumer: Consumer, parts: Mapping[str, Any], trace: Mapping[str, Any], violation: Violation
) -> str:
    """The script after its docstring, for a rule that the trace broke."""
    aspect = violation["finding"]["aspect"]
    check = CHECKS["consumer.fill.elements_right" if aspect.startswith("filled") else violation["rule"]]
    if aspect == "not_held":
        check = _HELD
    behaviours = set(parts["behaviours"])
    if any("elements(" in line or "gaps(" in line for line in check.after) and behaviours & {
        "poisoned",
        "withdrawn",
    }:
        raise StandaloneError(
            "what was written is gone when the view is released, in the smallest scenario too"
        )
    calls = Calls(parts, violation["step"], check.compares)
    lines = calls.lines()
    if calls.is_dropped and not check.after_end:
        raise StandaloneError("what is kept of an exporter that is gone cannot be counted")
    of_items = aspect in OF_ITEMS
    before = _expected(consumer, parts, trace, of_items=of_items) if check.compares else []
    held = trace["steps"][violation["step"]].get("consumed", {}).get("results_held")
    most = "releases(one) > 1" if (calls.held if held is None else held) else "releases(one) != 1"
    is_missing = violation["finding"]["aspect"] == "not_released"
    counting = violation["rule"] == "consumer.release.exactly_once" and not is_missing
    is_same = comparison(consumer)
    after = [line.replace("{most}", most).replace("{same}", is_same) for line in check.after]
    rule = violation["rule"]
    filling = _FILLING_ITEMS if of_items and not check.compares else check.before
    body = [*filling, *before, *lines, *calls.on(after), 'print("kept")']
    watching = check.watching or counting
    main = [*_start(parts, body, strays=check.strays, watching=watching), *body]
    return _script(
        rule, main, consumer, parts, watching=check.watching, strays=check.strays, counting=counting
    )


def code_of_death(consumer: Consumer, parts: Mapping[str, Any], condition: str) -> str:
    """The script after its docstring, for calls that no process survives.

    `condition` holds of `done` if it ended so.
    """
    calls = Calls(parts, len(parts["steps"]) - 1, False).lines()
    main = in_a_process([*_start(parts, calls), *calls], condition, "a return")
    return _script("a consumer returns", main, consumer, parts)


def _start(parts: Mapping[str, Any], body: Lines, *, strays: bool = False, watching: bool = False) -> Lines:
    """What the lines of `body` and the exporter are to find."""
    memory = []
    if watching or not is_plain(parts, "\n".join(body)):  # a plain memory is made where its elements are
        if "refuses_all" not in parts["behaviours"] or any(
            name in line for line in body for name in ("MEMORY", "ELEMENTS")
        ):
            memory.append("MEMORY = new_memory()")
        if "reenters_consumer" in parts["behaviours"] or any("ELEMENTS" in line for line in body):
            memory.append("ELEMENTS = elements(MEMORY[1])")
    return ["requests = []", *(["strays = []"] if strays else []), *memory, "exporter = Exporter()"]


def _script(
    rule: str,
    main: Lines,
    consumer: Consumer,
    parts: Mapping[str, Any],
    *,
    watching: bool = False,
    strays: bool = False,
    counting: bool = False,
) -> str:
    other_thread = "other_thread" in parts["behaviours"]
    pieces = {
        "python_api": PYTHON_API,
        "Py_buffer": STRUCT,
        **pieces_of(parts, "\n".join(main), watching=watching, strays=strays, counting=counting),
        "call": CALL_IN_THREAD if other_thread else CALL,
        "same": SAME,
        "nested": NESTED,
        "values": VALUES,
        "broken": VERDICT,
    }
    made = consumer.made
    if "ThreadPoolExecutor" in "\n".join([*main, pieces["call"]]):
        made = f"from concurrent.futures import ThreadPoolExecutor\n{made}"
    also = ALSO_NAMES if "new_memory" in pieces else {**ALSO_NAMES, "ELEMENTS": "SHAPE", "MEMORY": "SHAPE"}
    return script_of_pieces(rule, "\n".join(main) + "\n", made, pieces, also)


@define
class Calls:
    """The steps of a scenario as calls, up to the one in question."""

    parts: Mapping[str, Any]
    last: int
    compares: bool
    held: set[int] = field(factory=set)
    is_dropped: bool = False
    suffix: str = ""
    """After the names `result` and `error` of the step in question."""

    def lines(self) -> Lines:
        """The lines of the script."""
        lines: Lines = []
        for number, step in enumerate(self.parts["steps"][: self.last + 1]):
            lines += self._step(step)
            if number == self.last and step["kind"] in ("consume", "read"):
                self.suffix = self._suffix(step)
        return lines

    def on(self, lines: Lines) -> Lines:
        """Lines about `result` and `error`, where those in question have other names."""
        if self.parts["steps"][self.last]["kind"] == "threads" and any("error" in line for line in lines):
            return ["for result, error in outcomes:", *("    " + line for line in lines)]
        names = (
            [name for name in ("result", "error") if any(name in line for line in lines)]
            if self.suffix
            else []
        )
        return [*(f"{name} = {name}{self.suffix}" for name in names), *lines]

    def _suffix(self, step: Mapping[str, Any]) -> str:
        return str(step.get("slot") or "")

    def _step(self, step: Mapping[str, Any]) -> Lines:
        suffix = self._suffix(step)
        match step["kind"]:
            case "consume" if not self.is_dropped:
                self.held.add(step["slot"])
                return [f"result{suffix}, error{suffix} = call()"]
            case "release" if step["slot"] in self.held:
                self.held.discard(step["slot"])
                return [f"del result{suffix}, error{suffix}"]
            case "collect":
                return ["gc.collect()"]
            case "drop":
                self.is_dropped = True
                return ["exporter = None"]
            case "repeat" if not self.is_dropped:
                return [f"for _ in range({min(step['count'], ROUNDS)}):", "    result, error = call()"]
            case "threads" if not self.is_dropped:
                count = min(step["count"], ROUNDS)
                return [
                    "with ThreadPoolExecutor(4) as others:",
                    f"    outcomes = list(others.map(lambda _: call(), range({4 * count})))",
                ]
        return []


def comparison(consumer: Consumer) -> str:
    """The condition that `result` is what is `expected`."""
    return {
        "bytes": "bytes(memoryview(result)) == expected",
        "list": "result == expected",
        "elements": "list(result) == expected",
        "scalar": "result == expected",
    }.get(consumer.returns, "same(result, expected)")


def _expected(
    consumer: Consumer, parts: Mapping[str, Any], trace: Mapping[str, Any], *, of_items: bool
) -> Lines:
    if consumer.returns == "bytes":
        return ["expected = ELEMENTS"]
    if consumer.returns in ("list", "elements", "scalar"):
        format_, shape = _as_requested(parts, trace)
        flat = f"values(ELEMENTS, {format_})"
        return {
            "list": [f"expected = nested(iter({flat}), {shape})"],
            "elements": [f"expected = {flat}"],
            "scalar": [f"expected = {flat}[0]"],
        }[consumer.returns]
    if of_items:
        return [
            _NATIVE_FORMAT,
            "items = memoryview(bytearray(ELEMENTS)).cast(format, SHAPE)",
            "expected = consumer(items)  # the same elements in C order",
        ]
    plain = "bytearray(ELEMENTS)" if consumer.kind == "fills" else "ELEMENTS"
    return [f"expected = consumer({plain})  # plain bytes that hold the same elements in C order"]


def _as_requested(parts: Mapping[str, Any], trace: Mapping[str, Any]) -> tuple[str, str]:
    """As what a consumer reads the elements: of bytes in a row, if it asked for no format."""
    asked = [
        one["flags"]
        for step in trace["steps"]
        for one in step.get("consumed", {}).get("requests", ())
        if one["granted"]
    ]
    if not asked or any(flags & 0x004 for flags in asked):
        return "FORMAT", "SHAPE"
    if any(flags & 0x008 for flags in asked):
        return '"B"', "SHAPE"
    return '"B"', "[len(ELEMENTS)]"
