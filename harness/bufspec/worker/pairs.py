"""One exporter with many consumers, in the worker: each pair tried with a fresh object and looked at
afterwards.

What is found goes to a journal as it happens, so that a pair that kills the process costs itself only.
Who is at fault is not asked here: that is pairs/blame.py.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import define, field

from bufspec import _engine
from bufspec.declare import FILLS, KEEPS, Subject
from bufspec.errors import text_of
from bufspec.fits import misfit
from bufspec.wire.journal import Journal
from bufspec.wire.messages import Message, Pairs, PairTrace
from bufspec.wire.text import without_addresses
from bufspec.worker.comparison import Comparison, Mismatch, bytes_of, shown, takes_alike
from bufspec.worker.new_objects import SHARED_MEMORY, NewObjects, made
from bufspec.worker.operations import INIT_AGAIN, named_operations, operations_of
from bufspec.worker.registry import subject_named
from bufspec.worker.slots import kind_of
from bufspec.worker.surroundings import Surroundings

Tell = Callable[[Message], None]

WARM_CALLS, FEW_CALLS, MANY_CALLS = 2, 4, 128
FEW_ROWS, MANY_ROWS = 2, 4
LET_GO_SECONDS = 0.25
"""How long what a consumer holds may take to go, where another thread lets it go."""
MOST_ELEMENTS = 1 << 20
"""Bytes: the elements of larger memory are not shown."""
SMALLEST_BLOCK = 32
"""Bytes: what is lost with each call is a block of Python's allocator or so many bytes of the C library's."""


def pair_block(request: Pairs) -> Message:
    """Try the pairs of one exporter with `consumers`, each named with its number; findings go to the journal.

    The journal has `begin` before each pair and `pair` with its outcome after it; `probe` stands before the
    exporter's operations are tried, which may end the process too.  Ends early after a pair that changed what
    the exporter's new objects show: the others are for another process.
    """
    surroundings = Surroundings()
    with Journal(Path(request["journal"])) as journal:
        answer: Message = {}
        is_spoilt = False
        new_objects: NewObjects | None = None
        try:
            exporter = subject_named(request["exporter"])
            journal.write({"start": True})
            with _old_objects_frozen():
                lock = _find_lock(exporter, journal.write) if request["probe"] else None
                trial = Trial(exporter, lock)
                for number, name in request["consumers"]:
                    journal.write({"begin": number})
                    # To look at them may end the process, which is for a pair to say.
                    new_objects = new_objects or NewObjects(exporter)
                    outcome = trial.of(consumer := subject_named(name))
                    is_spoilt = new_objects.have_changed()
                    if is_spoilt and consumer.kind != FILLS and outcome["outcome"] in ("pass", "refused"):
                        found = _symptom("written", "memory as it was", "other elements after several calls")
                        outcome = {**outcome, "outcome": "fail", "symptoms": [found]}
                    journal.write({"pair": number, **outcome})
                    if is_spoilt:
                        break
        except BaseException as error:  # SystemExit and KeyboardInterrupt of a factory included
            answer = {"failed": without_addresses(text_of(error))}
        answer["worn"] = [*surroundings.restore(), *([SHARED_MEMORY] if is_spoilt else [])]
        surroundings.close()
        journal.write({"end": answer})
    return answer


def pair_trace(request: PairTrace) -> Message:
    """One pair with a relay in between: the requests, and the memory as the engine sees it.

    The words also go to the journal as they are asked, for a pair that ends the process.
    """
    exporter, consumer = subject_named(request["exporter"]), subject_named(request["consumer"])
    obj = made(exporter)
    with Journal(Path(request["journal"])) as journal:
        journal.write({"memory": _described(_engine.memory_of(obj)), "kind": kind_of(obj)})
        new_objects = NewObjects(exporter)
        relay = _engine.Relay(obj, lambda what, flags: journal.write({what: flags}))
        traced: Message = {"raised_by_consumer": "", "result": ""}
        try:
            result = consumer.what(relay)  # type: ignore[operator]
        except BaseException as error:
            traced["raised_by_consumer"] = without_addresses(text_of(error))
        else:
            traced["result"] = shown(result)
            result = None
        gc.collect()
        traced["requests"] = relay.log()
        traced["stray_releases"] = relay.stray_releases()
        traced["misleading"] = _misleading(
            exporter, [one["flags"] for one in traced["requests"] if one["granted"]]
        )
        traced["memory"] = _described(_engine.memory_of(obj))
        journal.write({"traced": traced})
    return {"traced": traced, "worn": [SHARED_MEMORY] if new_objects.have_changed() else []}


def _misleading(exporter: Subject, words: list[int]) -> list[int]:
    """The words whose answers, if they are taken for true, show other elements than the exporter has."""
    found = []
    for word in dict.fromkeys(words):
        obj = made(exporter)
        whole = _engine.memory_of(obj)
        truth = exporter.expect if exporter.expect is not None else whole and whole["elements"]
        answer = _engine.memory_of(obj, word)
        if not exporter.volatile and answer is not None and answer["elements"] != truth:
            found.append(word)
    return found


def _described(memory: Message | None) -> Message | None:
    if memory is None:
        return None
    elements = memory["elements"]
    known = {key: value for key, value in memory.items() if key != "address"}  # another one each time
    is_shown = elements is not None and len(elements) <= MOST_ELEMENTS
    is_null = memory["address"] == 0
    return {**known, "is_null": is_null, "elements": elements.hex() if is_shown else None}


@contextmanager
def _old_objects_frozen() -> Iterator[None]:
    """Let the collector look only at what is made from here on, so that collecting is cheap."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@define
class Lock:
    """An operation that the exporter refuses while it is exported, and does otherwise."""

    name: str
    call: Callable[[Any], object]
    refusal: type[BaseException]


def _find_lock(exporter: Subject, tell: Tell) -> Lock | None:
    obj = made(exporter)
    for name, call in named_operations(exporter, list(operations_of(exporter, obj, discover=True))):
        if name in INIT_AGAIN:
            continue  # it may free memory that other objects share, which check judges
        tell({"probe": name})
        try:
            call(made(exporter))
        except BaseException:
            continue  # it is refused anyhow, and shows nothing
        obj = made(exporter)
        try:
            view = memoryview(obj)
        except BaseException:
            return None
        try:
            call(obj)
        except BufferError as error:
            view.release()
            return Lock(name, call, type(error))
        except BaseException:
            pass
        view.release()
    return None


@define
class Trial:
    """Tries one exporter with one consumer after another."""

    exporter: Subject
    lock: Lock | None
    comparison: Comparison = field(factory=Comparison)
    kept: list[object] = field(factory=list)
    """Objects that lost a reference which was not the consumer's: they must not be freed a second time."""

    def of(self, consumer: Subject) -> Message:
        """What the pair comes to: `outcome` (pass, refused, fail), its `symptoms`, and what it raised."""
        symptoms: list[Message] = []
        if reason := self._misfit(consumer):
            return {"outcome": "skip", "symptoms": [], "raised": "", "reason": reason}
        raised = self._once(consumer, symptoms)
        if symptoms and self._took_another_way(consumer, symptoms):
            return {"outcome": "skip", "symptoms": [], "raised": raised, "reason": ANOTHER_WAY}
        if not symptoms and not raised:
            self._outlives(consumer, symptoms)
        if not symptoms:
            self._often(consumer, symptoms)
        outcome = "fail" if symptoms else "refused" if raised else "pass"
        return {"outcome": outcome, "symptoms": symptoms, "raised": raised}

    def _misfit(self, consumer: Subject) -> str:
        """Why this memory is not for that consumer; empty if it is, or nobody said what is."""
        if consumer.fits is None:
            return ""
        obj = made(self.exporter)
        memory = _engine.memory_of(obj)
        if memory is None or memory["layout"] is None:
            return ""
        return misfit(consumer.fits, memory["layout"], memory["address"])

    def _once(self, consumer: Subject, symptoms: list[Message]) -> str:
        obj = made(self.exporter)
        before = _engine.memory_of(obj)
        elements, layout = self._truth(before)
        content = before["elements"] if before else None
        references = (lambda: sys.getrefcount(obj))()
        raised = ""
        result: object = None
        try:
            result = consumer.what(obj)  # type: ignore[operator]
        except SystemError as error:
            raised = type(error).__name__
            symptoms.append(
                _symptom("system_error", "a result, or an exception with its reason", text_of(error))
            )
        except BaseException as error:
            raised = type(error).__name__
            self._judge_refusal(consumer, before, error, symptoms)
        else:
            if elements is not None:
                _note(symptoms, "data", self.comparison.of_result(consumer, result, elements, layout))
        self._judge_memory(consumer, elements, content, obj, symptoms, tried=not raised, layout=layout)
        result = None
        kept = _in_the_end(lambda: sys.getrefcount(obj) - references)
        if kept and self._keeps_references(consumer):
            found = f"{abs(kept)} {'more' if kept > 0 else 'fewer'}"
            symptoms.append(_symptom("references", "as many references to the exporter as before", found))
            self.kept.extend([obj] * max(0, -kept))
        if self.lock:
            self._judge_lock(obj, symptoms)
        return raised

    def _keeps_references(self, consumer: Subject) -> bool:
        """Whether a bare call does so too: what was compared above may be the object itself, as with b""."""
        obj = made(self.exporter)
        references = sys.getrefcount(obj)
        with suppress(BaseException):
            consumer.what(obj)  # type: ignore[operator]
        gc.collect()
        kept = sys.getrefcount(obj) - references
        self.kept.extend([obj] * max(0, -kept))
        return bool(kept)

    def _truth(self, memory: Message | None) -> tuple[bytes | None, Message | None]:
        """The elements that a consumer has to see, None where that cannot be said, and the layout.

        What it makes of memory without an address is its own affair, as long as it lives: AMB-21.
        """
        if memory is None or self.exporter.volatile or memory["address"] == 0:
            return None, None
        elements = memory["elements"] if self.exporter.expect is None else self.exporter.expect
        return elements, memory["layout"]

    def _judge_refusal(
        self, consumer: Subject, memory: Message | None, error: BaseException, symptoms: list[Message]
    ) -> None:
        """A consumer that is documented to accept such a memory has to, whatever it makes of the elements."""
        needs = memory.get("needs") if memory else None
        if needs is None or not consumer.accepts or not set(needs) <= set(consumer.accepts):
            return
        may_be_of_values = isinstance(error, (ValueError, *consumer.refuses))
        if may_be_of_values and memory is not None and takes_alike(consumer, memory["layout"]):
            return
        expected = f"accepted: documented for {', '.join(needs)}"
        symptoms.append(_symptom("refused", expected, without_addresses(text_of(error))))

    def _judge_memory(
        self,
        consumer: Subject,
        elements: bytes | None,
        content: bytes | None,
        obj: Any,
        symptoms: list[Message],
        *,
        tried: bool,
        layout: Message | None,
    ) -> None:
        if elements is None:
            return
        after = bytes_of(obj)
        if after is None:
            return
        if consumer.kind == FILLS and not (layout and layout["readonly"]):
            if tried:
                _note(symptoms, "filled", self.comparison.of_memory(consumer, elements, after, layout))
        elif content not in (None, after) and not any(one["kind"] == "data" for one in symptoms):
            symptoms.append(_symptom("written", shown(content), shown(after)))

    def _judge_lock(self, obj: Any, symptoms: list[Message]) -> None:
        assert self.lock is not None
        try:
            self.lock.call(obj)
        except self.lock.refusal as error:
            expected = f"{self.lock.name}() possible again, as on an object that was never exported"
            symptoms.append(_symptom("lock", expected, without_addresses(text_of(error))))
        except BaseException:
            return  # it fails for another reason, such as what the consumer left in it

    def _took_another_way(self, consumer: Subject, symptoms: list[Message]) -> bool:
        """Whether the consumer did not look at the memory but at something else that the object is.

        Then its result is right where nothing but the memory is to be had.
        """
        if {one["kind"] for one in symptoms} != {"data"} or consumer.kind == FILLS:
            return False
        obj = made(self.exporter)
        elements, layout = self._truth(_engine.memory_of(obj))
        relay = _engine.Relay(obj)
        try:
            result = consumer.what(relay)  # type: ignore[operator]
        except BaseException:
            return False
        is_right = elements is None or not self.comparison.of_result(consumer, result, elements, layout)
        granted = any(one["granted"] for one in relay.log())
        return is_right or (consumer.fallback and not granted)

    def _outlives(self, consumer: Subject, symptoms: list[Message]) -> None:
        """Whether a result that shows the memory still does when nobody else holds the object."""
        obj = made(self.exporter)
        memory = _engine.memory_of(obj)
        elements, layout = self._truth(memory)
        if memory and consumer.kind == FILLS and elements != memory["elements"]:
            return  # its first call has written into memory that all objects share
        try:
            result = consumer.what(obj)  # type: ignore[operator]
        except BaseException:
            return
        if elements is None or (consumer.kind != KEEPS and isinstance(result, VALUES)):
            return
        if self.lock and self._moves_below(consumer, elements, layout, symptoms):
            return
        del obj
        _note(symptoms, "stale", self._after_reuse(consumer, result, elements, layout))

    def _moves_below(
        self, consumer: Subject, elements: bytes, layout: Message | None, symptoms: list[Message]
    ) -> bool:
        """Whether the exporter's memory can be moved or freed while a kept result shows it.

        It can where the consumer has released the view that its result rests on.
        """
        assert self.lock is not None
        obj = made(self.exporter)
        try:
            result = consumer.what(obj)  # type: ignore[operator]
            self.lock.call(obj)
        except BaseException:
            return False  # the lock held, as it should
        mismatch = self._after_reuse(consumer, result, elements, layout)
        if mismatch is not None:
            found = f"{self.lock.name}() succeeded, and the result shows {mismatch.found}"
            symptoms.append(_symptom("stale", "the object stays locked while the result lives", found))
        return mismatch is not None

    def _after_reuse(
        self, consumer: Subject, result: object, elements: bytes, layout: Message | None
    ) -> Mismatch | None:
        """What is wrong with a result once memory that was freed is in use again."""
        sizes = {*range(1, 513), len(elements), len(elements) + 1}
        junk = [bytes([0xA5]) * size for size in sizes for _ in range(2)]
        mismatch = self.comparison.of_result(consumer, result, elements, layout)
        del junk
        return mismatch

    def _often(self, consumer: Subject, symptoms: list[Message]) -> None:
        """Whether the process holds more and more: looked at closely only where a few calls make it grow."""
        obj = made(self.exporter)

        def calls_with(given: object) -> Callable[[int], None]:
            def calls(count: int) -> None:
                for _ in range(count):
                    try:
                        consumer.what(given)  # type: ignore[operator]
                    except BaseException:
                        continue

            return calls

        def grows_with(given: object) -> bool:
            gc.collect()
            calls_with(given)(MANY_CALLS)
            return _grows(calls_with(given), MANY_CALLS, MANY_ROWS, collect=True)

        calls_with(obj)(WARM_CALLS)
        if not _grows(calls_with(obj), FEW_CALLS, FEW_ROWS):
            return
        # What a consumer loses with any memory, a bytearray's too, says nothing of this pair; a view does.
        plain = _plain(obj)
        references = sys.getrefcount(plain)
        if grows_with(obj) and (not grows_with(plain) or sys.getrefcount(plain) > references):
            expected = f"no growth over {MANY_ROWS * MANY_CALLS} calls"
            symptoms.append(_symptom("drift", expected, "memory that grows with each call"))


def _plain(obj: Any) -> bytearray:
    """Its elements in memory of which every view is free of cost."""
    try:
        with memoryview(obj) as view:
            return bytearray(view.tobytes())
    except BaseException:
        return bytearray()


VALUES = (bytes, bytearray, str, int, float, list, tuple, dict, type(None))
"""Results that show no memory of others."""
ANOTHER_WAY = "it did not use the object's buffer"


def _in_the_end(kept: Callable[[], int]) -> int:
    """How many references are kept: what another thread, or the collector, lets go in a moment is no leak."""
    deadline = time.monotonic() + LET_GO_SECONDS
    while (count := kept()) and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.01)
    return count


def _grows(calls: Callable[[int], None], count: int, rows: int, *, collect: bool = False) -> bool:
    """Whether the process holds something more for each call, in each of so many rows of `count` calls.

    An allocator that settles, and a cache that fills, stand still in one of them.
    """
    held = [_held(collect=collect)]
    for _ in range(rows):
        calls(count)
        held.append(_held(collect=collect))
    for account, least in ((0, 1), (1, SMALLEST_BLOCK)):
        growths = [after[account] - before[account] for before, after in pairwise(held)]
        if min(growths) >= count * least:
            return True
    return False


def _held(*, collect: bool) -> tuple[int, int]:
    """What is allocated now: blocks of Python's allocator, and bytes of the C library's."""
    held = _held_now()
    if not collect:
        return held
    deadline = time.monotonic() + LET_GO_SECONDS
    while True:  # until it stands still: other threads may be freeing
        gc.collect()
        time.sleep(0.01)
        earlier, held = held, _held_now()
        if held >= earlier or time.monotonic() > deadline:
            return held


def _held_now() -> tuple[int, int]:
    blocks = getattr(sys, "getallocatedblocks", lambda: 0)()
    return blocks, _engine.bytes_held()


def _symptom(kind: str, expected: str, found: str) -> Message:
    return {"kind": kind, "expected": expected, "found": found}


def _note(symptoms: list[Message], kind: str, mismatch: Mismatch | None) -> None:
    if mismatch is not None:
        symptoms.append(_symptom(kind, mismatch.expected, mismatch.found))
