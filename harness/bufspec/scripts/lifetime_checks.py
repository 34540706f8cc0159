"""What a stand-alone script looks at for the rules about errors, memory, and views while they live and after.

As exporter_checks.py; checks of steps other than a request look at what that step left in the script's names.
"""

from __future__ import annotations

from collections.abc import Callable

from bufspec import _engine
from bufspec.errors import StandaloneError
from bufspec.scripts import consumer_checks
from bufspec.scripts.exporter_checks import Check, Lines, Scene, says
from bufspec.wire.source_text import operation_name

CAUGHT = "unraisable = []"
HOOK = "sys.unraisablehook = lambda event: unraisable.append(event.exc_value)"
COUNT = "references = sys.getrefcount(exporter)"


def _error_type(scene: Scene) -> Lines:
    return says(
        "view.error is not None and not isinstance(view.error, (BufferError, ValueError))",
        '"BufferError or ValueError for a request that cannot be met"',
        "repr(view.error)",
    )


def _obj_after_refusal(scene: Scene) -> Lines:
    return says(
        f"not view.granted and {scene.obj_is_set}",
        '"obj NULL (or untouched) after a failure"',
        '"obj the exporter" if view.obj == id(exporter) else "obj set"',
    )


def _exception_missing(scene: Scene) -> Lines:
    return says("not view.granted and view.error is None", '"an exception"', '"refused, and none is set"')


def _left_by_release(scene: Scene) -> Lines:
    if scene.finding["aspect"] == "unraisable":
        return says("unraisable", '"nothing raised by the release"', 'f"{unraisable[0]!r} raised"')
    if scene.finding["aspect"] != "at_release":
        raise StandaloneError("ctypes cannot keep an exception set around a release", where=scene.rule)
    return says("left is not None", '"no exception"', 'f"the release left {left!r} set"')


def _exception_left(scene: Scene) -> Lines:
    if scene.answer.get("obj") not in ("exporter", "other object"):
        raise StandaloneError(
            "ctypes raises the exception, and nothing in the view shows that it was granted"
        )
    return [
        "# ctypes raises the exception that it finds; that the call granted shows in view.obj.",
        f"if view.error is not None and {scene.obj_is_set}:",
        '    broken("no exception", f"granted, and {view.error!r} is set")',
    ]


def _status(scene: Scene) -> Lines:
    if not scene.answer["granted"] and scene.answer["exception_name"]:
        raise StandaloneError(
            "ctypes raises the exception that is set, and so hides the status", where=scene.rule
        )
    return says("view.status not in (None, 0, -1)", '"0 or -1"', 'f"status {view.status}"')


def _kept_by_refusal(scene: Scene) -> Lines:
    if scene.step["kind"] == "repeat":
        return _references(scene)
    return [
        "gained = sys.getrefcount(exporter) - references",
        "if not view.granted and gained != 0:",
        '    broken("no reference kept by a refusal", gained)',
    ]


def _beside(scene: Scene) -> Lines:
    return says(
        "bytes_beside(view) != bytes([UNWRITTEN]) * 32",
        '"only the struct is written"',
        '"bytes outside it were overwritten"',
    )


def _obj_null(scene: Scene) -> Lines:
    return says("view.granted and view.obj != 0", '"obj is NULL after the release"', '"obj is not NULL"')


def _references(scene: Scene) -> Lines:
    held = f" - {scene.held}" if scene.held else ""
    return [
        f"kept = sys.getrefcount(exporter) - references{held}",
        "if kept != 0:",
        '    broken("the reference count as before the acquire", f"{kept:+} compared with that")',
    ]


def _through_copy(scene: Scene) -> Lines:
    return [*says("left is not None", '"no exception"', "repr(left)"), *_obj_null(scene), *_references(scene)]


def _inside(scene: Scene) -> Lines:
    return [
        "if view.granted:",
        "    for address in addresses(view):",
        "        if address is None or (view.itemsize > 0 and peek(address, view.itemsize) is None):",
        '            broken("every byte of every element can be read", "one that cannot")',
    ]


def _writable(scene: Scene) -> Lines:
    return [
        "if view.granted and view.readonly == 0:",
        "    for address in addresses(view):",
        "        old = peek(address, view.itemsize)",
        "        new = bytes(byte ^ 0xFF for byte in old)",
        "        written = poke(address, new)",
        "        found = peek(address, view.itemsize)",
        "        poke(address, old)",
        "        if not written or found != new:",
        '            broken("memory that can be written", "the write was lost" if written else "it cannot")',
    ]


def _still_valid(scene: Scene) -> Lines:
    if scene.step["kind"] == "threads":
        return says("others", '"the same elements in every thread"', "others[0]")
    if scene.step["kind"] == "repeat":
        return [
            f"views = [ask({scene.step['flags']:#05x}) for _ in range(300)]",
            "shown = {elements(one) for one in views if one.granted}",
            "for one in views[::2]:",
            "    release(one)",
            "shown |= {elements(one) for one in views[1::2] if one.granted}",
            "if len(shown) > 1:",
            '    broken("the same elements through all views held at once", "other elements")',
        ]
    return [
        "if view.granted:",
        "    before = [address and peek(address, view.itemsize) for address in addresses(view)]",
        "    blocks = reuse_freed_memory(view.len)",
        "    now = [address and peek(address, view.itemsize) for address in addresses(view)]",
        "    if None in now:",
        '        broken("memory that can be read while the view lives", "it cannot")',
        "    if now != before:",
        '        broken("memory of the view while it lives", "memory that the allocator gave away")',
    ]


def _still(what: str, expected: str) -> Callable[[Scene], Lines]:
    def after(scene: Scene) -> Lines:
        return says(f"view.granted and {what} != acquired", f'f"{expected} {{acquired}}"', what)

    return after


def _lock_ends(scene: Scene) -> Lines:
    operation = scene.answer["operation"]
    return [
        "twin = make()  # was never exported",
        f"on_twin = mutate({operation_name(operation)}, twin)",
        "if on_twin is None and raised is not None:",
        f'    broken("{operation} as on an object that was never exported", repr(raised))',
    ]


def _memory_restored(scene: Scene) -> Lines:
    return [
        "if min(grown) >= 8 * pairs:",
        '    broken("no memory kept by a pair", f"{min(grown) / pairs:.0f} bytes a pair")',
    ]


CHECKS: dict[str, Check] = {
    "field.readonly.truthful": Check(_writable),
    "layout.bounds.inside_block": Check(_inside, careful=True),
    "lifetime.release.references_restored": Check(_references, at_start=[COUNT]),
    "lifetime.release.obj_kept": Check(_references, at_start=[COUNT]),
    "lifetime.release.obj_null": Check(_obj_null),
    "lifetime.release.through_copy": Check(_through_copy, at_start=[COUNT]),
    "lifetime.release.memory_restored": Check(_memory_restored),
    "lifetime.struct.inside_only": Check(_beside, guarded=True),
    "lifetime.export.memory_valid": Check(_still_valid, careful=True),
    "lifetime.export.arrays_valid": Check(
        _still("fields(view)", "fields"), at_acquire=["acquired = fields(view)"], careful=True
    ),
    "lifetime.export.memory_unchanged": Check(
        _still("elements(view)", "elements"), at_acquire=["acquired = elements(view)"]
    ),
    "lifetime.export.lock_ends": Check(_lock_ends, whole=True),
    "error.exception.set_on_failure": Check(_exception_missing),
    "error.exception.none_on_success": Check(_exception_left),
    "error.release.indicator_kept": Check(_left_by_release, at_start=[CAUGHT, HOOK]),
    "error.type.buffer_error": Check(_error_type),
    "error.obj.null_on_failure": Check(_obj_after_refusal),
    "error.status.zero_or_minus_one": Check(_status),
    "error.refusal.nothing_kept": Check(_kept_by_refusal, before=[COUNT]),
}

WITHOUT_SCRIPT: dict[str, str] = {
    "request.contiguous.copy": "both readings are allowed, so no answer breaks it",
    "layout.contiguous.empty": "both readings are allowed, so no answer breaks it",
    "field.buf.one_memory": "both readings are allowed, so no answer breaks it",
    **consumer_checks.WITHOUT_SCRIPT,
    **dict.fromkeys(
        (id_ for id_ in _engine.rule_ids() if id_.startswith("pep688.")),
        "it is a rule of the interpreter, and its check in bufspec/worker/pep688.py needs nothing of bufspec",
    ),
    **dict.fromkeys(
        _engine.rules_of_checks("memoryview."),
        "its check in bufspec/worker/memoryview_checks.py is Python of its own, and needs nothing of bufspec",
    ),
}
"""Rules whose breaks no script shows, each with the reason."""
