"""A break as a short Python script that needs nothing but CPython and the package: what goes into an issue.

The script makes the object, makes the calls of the scenario through ctypes, prints what each got, and ends
with 1 and `broken: ...` while the rule is broken, with 0 and `kept` once it is not.  A death is shown by
running the calls in a process of their own.  What a rule's check looks like is in *_checks.py, the code
that it uses in pieces.py.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from bufspec import _engine
from bufspec.errors import StandaloneError
from bufspec.isolation.death import Death, Outcome
from bufspec.scripts import consumer_checks, exporter_checks, lifetime_checks
from bufspec.scripts.assembly import in_a_process, script_from, words_of
from bufspec.scripts.bridges import code_of_bridge, code_of_fatal_bridge
from bufspec.scripts.calls import code_of_call, code_of_fatal_call
from bufspec.scripts.consumer_checks import Consumer
from bufspec.scripts.exporter_checks import Check, Scene
from bufspec.scripts.lifetime_checks import WITHOUT_SCRIPT
from bufspec.scripts.peers import code_of_peer
from bufspec.scripts.pieces import ASK_GUARDED, CAREFUL, DIRECT, FILLED, IS_CONTIGUOUS_DIRECT
from bufspec.scripts.plain_memory import code_on_plain_memory
from bufspec.tables.rulebook import RuleText
from bufspec.values import Violation, is_interface_missing, of_kind, takes_another
from bufspec.visible import visible_lines
from bufspec.wire.source_text import joined, operation_name
from bufspec.words import CHECKS_OF_BRIDGES

CHECKS: dict[str, Check] = {**exporter_checks.CHECKS, **lifetime_checks.CHECKS}
"""Every rule whose break a script can show; WITHOUT_SCRIPT has the others, each with the reason."""

FUNCTION_RULE = "function.is_contiguous.agrees"
WIDTH = 100
PAIRS = 100_000
"""How many pairs a script makes: enough that eight bytes a pair stand out from what a process grows by."""


@frozen
class Break:
    """What a script is to show: a rule that the trace broke, or the death that the scenario ended in."""

    subject: str
    replayed_by: str
    """The command that shows the case that was found."""
    parts: Mapping[str, Any]
    """The scenario, as _engine.parts() gives it."""
    made: str
    """Text that defines make()."""
    trace: Mapping[str, Any] | None = None
    """The trace in the neutral encoding, and its violations."""
    rule: RuleText | None = None
    expected: str = ""
    found: str = ""
    """What the head of the script says of the broken rule; the script itself goes by the values."""
    death: Death | None = None
    operations: Mapping[str, str] = field(factory=dict)
    """Text that defines each operation that the object offers, by name."""
    operation_names: tuple[str, ...] = ()
    elements: bytes | None = None
    of_views: bool = False
    """Whether `made` defines make_view() too, and each request goes to a view of the object."""
    kind: str = "reads"
    """What a consumer does with the memory, and what it returns, as it is declared."""
    returns: str = ""
    minimised: str = ""
    """The command that shows the simplest scenario that fails alike, where that is another."""
    peer: Mapping[str, Any] | None = None
    """Of a subject in another process: its `command`, the `messages` and what it `answered`."""

    @property
    def consumer(self) -> Consumer:
        """What a script of a consumer needs."""
        return Consumer(self.made, self.kind, self.returns)


def standalone(shown: Break) -> str:
    """The text of the script; raises StandaloneError, with the reason, where none can show the break."""
    if shown.death is not None and shown.peer is not None:
        raise StandaloneError(
            "what a peer does in place of an answer is no break of a rule",
            hint="bufspec remote validate shows what is wrong with it",
        )
    if shown.death is not None:
        return _head(shown, shown.death.found) + _death_code(shown)
    if shown.rule is None or shown.trace is None:
        raise StandaloneError("nothing is broken in this case", hint="a script shows a break")
    if shown.rule.id in WITHOUT_SCRIPT and shown.peer is None and not shown.parts.get("call"):
        raise StandaloneError(f"no script shows a break of {shown.rule.id}: {WITHOUT_SCRIPT[shown.rule.id]}")
    violation = _violation(shown)
    if shown.peer is not None:
        return _head(shown, shown.found, shown.expected) + code_of_peer(shown.rule.id, shown.peer)
    head = _head(shown, shown.found, shown.expected)
    if call := shown.parts.get("call"):
        owed = of_kind(violation["finding"]["owed"], "map") or {}
        return head + code_of_call(shown.rule.id, call, owed)
    if shown.rule.id == FUNCTION_RULE:
        return head + _function_code(shown, violation)
    if shown.rule.id in consumer_checks.CHECKS:
        return head + consumer_checks.code_of_break(shown.consumer, shown.parts, shown.trace, violation)
    if shown.rule.id in CHECKS_OF_BRIDGES:
        raises = is_interface_missing(violation["finding"])
        return head + code_of_bridge(shown.rule.id, shown.made, raises=raises)
    if shown.rule.id not in CHECKS:
        raise StandaloneError(f"no script is known for {shown.rule.id}")
    return head + _rule_code(shown, violation)


def forms(shown: Break) -> Iterator[str]:
    """The texts that may show the break, the shortest first; the last is standalone()'s.

    Raises as that does.
    """
    if shown.rule is not None and shown.rule.id in consumer_checks.CHECKS and shown.trace is not None:
        short = code_on_plain_memory(shown.consumer, shown.parts, _violation(shown))
        if short is not None:
            yield _head(shown, shown.found, shown.expected) + short
    yield standalone(shown)


def _violation(shown: Break) -> Violation:
    assert shown.trace is not None and shown.rule is not None, "asked for a broken rule"
    violation = violation_of(shown.trace, shown.rule.id)
    if violation is None:
        raise StandaloneError(f"{shown.rule.id} is not broken in this case")
    return violation


def violation_of(trace: Mapping[str, Any], rule: str) -> Violation | None:
    """The first violation of that rule in a trace; None if it is kept."""
    violations: list[Violation] = trace["violations"]
    return next((one for one in violations if one["rule"] == rule), None)


def _head(shown: Break, found: str, expected: str = "") -> str:
    title = f"{shown.rule.id} is broken by {shown.subject}" if shown.rule else f"{shown.subject}: {found}"
    lines = [f"{title}.", ""]
    if shown.rule and expected:
        lines += [*textwrap.wrap(shown.rule.statement, WIDTH), ""]
        lines += [f"    clause    {shown.rule.source}"] if shown.rule.source else []
        lines += [f"    expected  {expected}", f"    found     {found}", ""]
    makes = "is the consumer" if shown.parts["target"] == "consumer" else "makes the object"
    needs = f"Needs bufspec, which {makes}.  " if "bufspec" in shown.made else ""
    lines += textwrap.wrap(f"{needs}Ends with 1 while this is so, with 0 and 'kept' once it is not.", WIDTH)
    lines += [f"Found by:  {shown.replayed_by}"]
    lines += [f"Minimised: {shown.minimised}"] if shown.minimised else []
    return docstring("\n".join([*lines, ""])) + "\n\n"


def docstring(text: str) -> str:
    """The literal of a text between triple quotes: nothing in the text ends it, and nothing is an escape."""
    escaped = visible_lines(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}"""'


def _rule_code(shown: Break, violation: Violation) -> str:
    assert shown.trace is not None and shown.rule is not None, "asked for a broken rule"
    check, answers = CHECKS[shown.rule.id], _answers(shown.trace)
    steps = Transcript(shown, check, violation).lines()
    careful = check.careful or "unreadable" in repr(shown.trace)
    is_filled = careful or _is_filled(shown.trace, check)
    whole = _richest(shown.trace, check, steps, is_filled=is_filled) if check.whole else []
    main = ["exporter = make()", *whole, *check.at_start, *steps, 'print("kept")']
    pieces: list[Mapping[str, str]] = []
    if is_filled:
        pieces.append(CAREFUL if careful else FILLED)
    if check.guarded:
        pieces.append({"ask": ASK_GUARDED})
    if any(step["kind"] == "acquire_direct" for step in shown.parts["steps"]):
        pieces.append(DIRECT)
    if all(one["view"]["suboffsets"] == "NULL" for one in answers if one.get("view")):
        pieces.append({"is_contiguous": IS_CONTIGUOUS_DIRECT})
    return script_from(shown.rule.id, "\n".join(main) + "\n", _made(shown), *pieces, of_views=shown.of_views)


def _answers(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What each request of a trace got."""
    steps: list[Mapping[str, Any]] = [next(iter(one.values()), {}) for one in trace["steps"]]
    return [one for one in [*([trace["richest"]] if trace["richest"] else []), *steps] if "unwritten" in one]


def _is_filled(trace: Mapping[str, Any], check: Check) -> bool:
    """Whether it matters which fields a request wrote: a granted one left some."""
    granted = [one for one in _answers(trace) if one["granted"]]
    return check.guarded or check.careful or any({*one["unwritten"]} - {"internal"} for one in granted)


def _made(shown: Break) -> str:
    used = {one["operation"] for one in shown.parts["steps"] if "operation" in one}
    names = [name for number, name in enumerate(shown.operation_names) if number in used]
    return joined(shown.made, *(shown.operations[name] for name in names))


def _richest(trace: Mapping[str, Any], check: Check, lines: list[str], *, is_filled: bool) -> list[str]:
    """The request with the fullest answer, where `lines` use what is kept of that."""
    if trace["richest"] is None:
        raise StandaloneError("no request at all was granted, so there is nothing to compare with")
    kept = {name for line in check.at_whole for name in line.partition(" = ")[0].split(", ")}
    if check.at_whole and not kept & words_of("\n".join(lines)):
        return []
    return [
        "",
        "# The request with the fullest answer; other answers are compared with it.",
        f"view = ask({trace['richest_word']:#05x})  # {_engine.flags_name(trace['richest_word'])}",
        *check.at_whole,
        "release(view)" if is_filled else "python_api.PyBuffer_Release(ctypes.byref(view))",
        "",
    ]


@define
class Transcript:
    """The steps of a scenario as calls, and the check after the one that broke the rule."""

    shown: Break
    check: Check | None
    violation: Violation | None
    names: dict[int, str] = field(factory=dict)
    held: set[int] = field(factory=set)
    more: str = "[]"
    """The views of the last step `hold`."""

    def lines(self) -> list[str]:
        """The lines of the script, up to the step in question."""
        steps = self.shown.parts["steps"]
        last = self.violation["step"] if self.violation else len(steps) - 1
        slots = {one["slot"] for one in steps if one["kind"] in ("acquire", "acquire_direct")}
        self.names = {slot: "view" if len(slots) == 1 else f"view{slot}" for slot in range(256)}
        # Nobody has asked the object of a script.
        begin = 1 if takes_another(self.shown.parts) else 0
        first = last if self.check and self.check.alone else begin
        lines: list[str] = []
        for number in range(first, last + 1):
            step = steps[number]
            checks = self.check is not None and number == last
            before = self.check.before if self.check and checks else []
            lines += [*before, *self._step(step)]
            if self.check and step["kind"].startswith("acquire") and self._is_looked_at(step["slot"], last):
                lines += self._on(step["slot"], self.check.at_acquire)
            if self.check and checks:
                lines += self._on(step.get("slot", 0), self.check.after(self._scene(number)))
        return lines

    def _is_looked_at(self, slot: int, last: int) -> bool:
        return bool(self.shown.parts["steps"][last].get("slot", 0) == slot)

    def _on(self, slot: int, lines: list[str]) -> list[str]:
        """Lines about `view`, where the view in question has another name."""
        name = self.names[slot]
        return (
            [f"view = {name}", *lines]
            if lines and name != "view" and any("view" in one for one in lines)
            else lines
        )

    def _scene(self, number: int) -> Scene:
        trace, violation = self.shown.trace, self.violation
        assert trace is not None and violation is not None, "only a broken rule has a scene"
        step = {
            **self.shown.parts["steps"][number],
            "answer": next(iter(trace["steps"][number].values()), {}),
        }
        return Scene(
            rule=violation["rule"],
            finding=violation["finding"],
            step=step,
            richest_name=_engine.flags_name(trace["richest_word"]) if trace["richest"] else "",
            elements=self.shown.elements,
            held=len(self.held),
            filled=self.check is not None and _is_filled(trace, self.check),
        )

    def _step(self, step: Mapping[str, Any]) -> list[str]:
        slot, word = step.get("slot", 0), step.get("flags", 0)
        view, flags, name = self.names[slot], f"{word:#05x}", _engine.flags_name(word)
        match step["kind"]:
            case "acquire" | "acquire_direct":
                released = [f"release({view})"] if slot in self.held else []
                self.held.add(slot)
                return [*released, f"{view} = ask({flags})  # {name}"]
            case "release" | "release_raising" if slot in self.held:
                self.held.discard(slot)
                return [f"left = release({view})"]
            case "release_copy" if slot in self.held:
                self.held.discard(slot)
                return [f"{view} = moved({view})", f"left = release({view})"]
            case "write" if slot in self.held:
                return [f"write_through({view})"]
            case "mutate":
                return [f"raised = mutate({self._operation(step['operation'])}, exporter)"]
            case "another" if self.shown.parts["layout"] is not None:
                return ["use_another(make_other)"]
            case "another" if step["operation"] < len(self.shown.operation_names):
                return [f"use_another(make, {self._operation(step['operation'])})"]
            case "another":
                return ["use_another(make)"]
            case "collect":
                return ["gc.collect()"]
            case "drop":
                return ["exporter = None"]
            case "reenter":
                return [f"view = reenter({flags})  # {name}, inside the indexing of a memoryview"]
            case "hold":
                before, self.more = self.more, "more"
                return [f"more = hold({step['count']}, {flags}, {before})  # {name}"]
            case "repeat":
                return [
                    f"pairs = {PAIRS:_}",
                    f"grown = [repeat(pairs, {flags}) for _ in range(3)][1:]  # {name}",
                ]
            case "threads":
                return [f"others = in_threads({min(step['count'], PAIRS)}, {flags})  # {name}"]
        return []

    def _operation(self, number: int) -> str:
        names = self.shown.operation_names
        if number >= len(names) or names[number] not in self.shown.operations:
            raise StandaloneError(f"operation number {number} of the object is not known")
        return operation_name(names[number])


def _death_code(shown: Break) -> str:
    assert shown.death is not None, "asked for a death"
    if shown.parts["target"] == "consumer":
        return consumer_checks.code_of_death(shown.consumer, shown.parts, _condition(shown.death.outcome))
    condition = _condition(shown.death.outcome)
    if call := shown.parts.get("call"):
        return code_of_fatal_call(call, condition)
    if (check := shown.parts.get("check")) in CHECKS_OF_BRIDGES:
        return code_of_fatal_bridge(check, shown.made, condition)
    calls = ["exporter = make()", *Transcript(shown, None, None).lines()]
    kinds = {step["kind"] for step in shown.parts["steps"]}
    direct = [DIRECT] if "acquire_direct" in kinds else []
    return script_from(
        "an exporter answers",
        "\n".join(in_a_process(calls, condition, "an answer")) + "\n",
        _made(shown),
        FILLED,
        *direct,
        of_views=shown.of_views,
    )


def _condition(outcome: Outcome) -> str:
    """What holds of `done`, None if nothing was done in time, after such a death."""
    return {
        Outcome.CRASH: "done is not None and done.returncode < 0",
        Outcome.EXIT: "done is not None and done.returncode != 0",
    }.get(outcome, "done is None")


def _function_code(shown: Break, violation: Violation) -> str:
    layout, order = shown.parts["layout"], shown.parts["order"]
    length = layout["itemsize"]
    for extent in layout["shape"]:
        length *= extent
    main = [
        f"view = Py_buffer(len={length}, itemsize={layout['itemsize']}, ndim={len(layout['shape'])})",
    ]
    for name in ("shape", "strides", "suboffsets"):
        if layout[name]:
            values = ", ".join(str(one) for one in layout[name])
            main += [f"{name} = (ctypes.c_ssize_t * {len(layout[name])})({values})"]
            main += [f"view.{name} = ctypes.addressof({name})"]
    expected = violation["finding"]["owed"]
    main += [
        f'order = ctypes.c_char(b"{order}")',
        "found = python_api.PyBuffer_IsContiguous(ctypes.byref(view), order)",
        f"if found != {expected}:",
        f'    broken("{expected} for order {order}", found)',
        'print("kept")',
    ]
    return script_from(FUNCTION_RULE, "\n".join(main) + "\n", "")
