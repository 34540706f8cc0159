"""What a stand-alone script looks at for the rules about requests, fields, layout and format.

A check is the lines that end the script with `broken` while the rule is broken.  They may use `view` (what
the step in question got), what `at_whole` keeps of the fullest answer, where the check asks for it, and
whatever the pieces of pieces.py define.  They look at one object, whose memory is known, so they need
not say what holds for every memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from bufspec import _engine
from bufspec.errors import StandaloneError
from bufspec.values import Finding, of_kind

Lines = list[str]


@frozen
class Scene:
    """What a check is made for: the step that broke a rule, and what the trace shows of it."""

    rule: str
    finding: Finding
    step: dict[str, Any]
    richest_name: str = ""
    elements: bytes | None = None
    """The elements in C order, where they are declared."""
    held: int = 0
    """How many views of the object are held after the step."""
    filled: bool = False
    """Whether the struct is filled before a call, so that `is_unwritten` can be asked."""

    @property
    def name(self) -> str:
        """The request by name."""
        return _engine.flags_name(self.step["flags"])

    @property
    def obj_is_set(self) -> str:
        """The condition that obj of `view` points at something."""
        return 'view.obj != 0 and not is_unwritten(view, "obj")' if self.filled else "view.obj != 0"

    @property
    def answer(self) -> dict[str, Any]:
        """What the step got, the fields of its view among it, with the format as a script shows it."""
        seen: dict[str, Any] = self.step["answer"]
        view = seen.get("view")
        return seen if view is None else {**view, **seen, "format": _format_of(view)}


def _format_of(view: Mapping[str, Any]) -> str:
    if view["format"] != "set":
        return str(view["format"])
    text: str = view["format_text"]
    return f'"{text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")}"'


@frozen
class Check:
    """The lines of one rule, and where they stand."""

    after: Callable[[Scene], Lines]
    """After the step in question."""
    before: Lines = field(factory=list)
    """Right before it."""
    at_start: Lines = field(factory=list)
    """Before the first step."""
    at_acquire: Lines = field(factory=list)
    """After the step that acquired the view in question."""
    whole: bool = False
    """Whether the request with the fullest answer is made first."""
    at_whole: Lines = field(factory=list)
    """While that view is held: what they compare with, each line an assignment."""
    alone: bool = False
    """Whether the steps before are left out."""
    careful: bool = False
    """Whether pointers are read without trusting them."""
    guarded: bool = False
    """Whether the struct lies between guards."""


def says(condition: str, expected: str, found: str) -> Lines:
    """The lines that end the script if a condition holds; `expected` and `found` are expressions."""
    return [f"if {condition}:", f"    broken({expected}, {found})"]


def _null(name: str) -> Check:
    shown = f"entries(view, '{name}')" if name != "format" else "text(view)"
    return Check(
        lambda scene: says(
            f"view.granted and view.{name} != 0", f'"{name} NULL for {scene.name}"', f'f"{name} {{{shown}}}"'
        )
    )


def _array(name: str) -> Check:
    return Check(
        lambda scene: [
            f'{name} = entries(view, "{name}") if view.granted else []',
            f"if not isinstance({name}, list):",
            f'    broken("{name} an array of ndim entries for {scene.name}", f"{name} {{{name}}}")',
        ]
    )


def _number(condition: str, name: str, expected: str) -> Check:
    return Check(
        lambda scene: says(f"view.granted and {condition}", f'"{expected}"', f'f"{name} {{view.{name}}}"')
    )


def _value(name: str) -> str:
    """The expression that gives a field of `view`."""
    if name == "format":
        return "text(view)"
    return f'entries(view, "{name}")' if name in ("shape", "strides", "suboffsets") else f"view.{name}"


def _as_whole(name: str, condition: str = "", compared: str = "") -> Check:
    """The field holds what it holds in the fullest answer; `compared` is what is kept of that to compare."""
    value = _value(name)

    def after(scene: Scene) -> Lines:
        shown = value.replace('"', "'")
        return says(
            f"view.granted and {condition or f'{value} != whole'}",
            f'f"{name} {{whole}}, as for {scene.richest_name}"',
            f'f"{name} {{{shown}}}"',
        )

    return Check(after, whole=True, at_whole=[f"whole = {value}", *([compared] if compared else [])])


def _refused(memory: str, unless: str = "", order: str = "") -> Check:
    """The request is refused, since the memory is as `memory` says; `unless` is true if it is not."""

    def after(scene: Scene) -> Lines:
        condition = f"view.granted and not {unless}" if unless else "view.granted"
        return says(condition, f'"a refusal of {scene.name}: {memory}"', '"granted"')

    if not unless:
        return Check(after)
    return Check(after, whole=True, at_whole=[f'{unless} = is_contiguous(view, b"{order}")'])


def _needless(scene: Scene) -> Lines:
    return says(
        "not view.granted",
        f'"{scene.name} granted, as {scene.richest_name} was"',
        'f"refused with {view.error!r}"',
    )


def _length(scene: Scene) -> Lines:
    shape = scene.answer.get("shape")
    if not isinstance(shape, list) or scene.answer["ndim"] <= 0:
        return says(
            "view.granted and view.len != length",
            'f"len {length}, product(shape) * itemsize"',
            'f"len {view.len}"',
        )
    return [
        'shape = entries(view, "shape") if view.granted else []',
        "own_length = math.prod(shape) * view.itemsize if isinstance(shape, list) else view.len",
        *says(
            "view.granted and view.len != own_length",
            'f"len {own_length}, product(shape) * itemsize"',
            'f"len {view.len}"',
        ),
    ]


def _negative_extent(scene: Scene) -> Lines:
    return [
        'shape = entries(view, "shape") if view.granted else []',
        "if isinstance(shape, list) and min(shape, default=0) < 0:",
        '    broken("extents >= 0", f"shape {shape}")',
    ]


def _format_present(scene: Scene) -> Lines:
    condition = "view.granted and not text(view).startswith('\"')"
    return says(condition, f'"a format for {scene.name}"', 'f"format {text(view)}"')


def _format_parses(scene: Scene) -> Lines:
    text = scene.answer["format"]
    return [
        f"# Why {text} is not a format: {scene.finding['given']}.",
        f"if view.granted and text(view) == {text!r}:",
        '    broken("a format by the grammar of struct and PEP 3118", text(view))',
    ]


def _format_terminated(scene: Scene) -> Lines:
    return says('view.granted and text(view) == "not terminated"', '"a NUL-terminated text"', '"no NUL"')


def _format_itemsize(scene: Scene) -> Lines:
    return [
        "if view.granted and view.format != 0:",
        "    size = struct.calcsize(text(view).strip('\"'))",
        "    if size != view.itemsize:",
        '        broken(f"itemsize {size}, the size of format {text(view)}", f"itemsize {view.itemsize}")',
    ]


def _format_itemsize_pep3118(scene: Scene) -> Lines:
    text, size = scene.answer["format"], scene.finding["owed"]
    return [
        f"# By PEP 3118 an item of format {text} has {size} bytes.",
        f"if view.granted and text(view) == {text!r} and view.itemsize != {size}:",
        f'    broken("itemsize {size}", f"itemsize {{view.itemsize}}")',
    ]


def _format_without_nd(scene: Scene) -> Lines:
    return [
        "formats = ('\"B\"', whole)",
        *says("view.granted and text(view) not in formats", '" or ".join(formats)', "text(view)"),
    ]


def _ndim_without_nd(scene: Scene) -> Lines:
    return says(
        "view.granted and view.ndim not in (whole, 1, 0)",
        'f"ndim {whole}, 1 or 0"',
        'f"ndim {view.ndim}"',
    )


def _same_buf(scene: Scene) -> Lines:
    if scene.finding["aspect"] == "other_elements":
        return says("view.granted and elements(view) != all_elements", "all_elements", "elements(view)")
    return says(
        "view.granted and view.len > 0 and peek(view.buf, 1) is None",
        '"the same memory for every request"',
        '"buf NULL" if view.buf == 0 else "buf that cannot be read"',
    )


def _contiguous(scene: Scene) -> Lines:
    order = scene.finding["order"]
    return says(
        f'view.granted and not is_contiguous(view, b"{order}")',
        f'"strides in order {order}"',
        "f\"strides {entries(view, 'strides')}\"",
    )


def _owner(scene: Scene) -> Lines:
    if of_kind(scene.finding["found"], "owner") == "garbage":
        return says("view.granted and not is_object(view.obj)", '"obj a reference"', '"no object there"')
    return says(
        f"view.granted and not ({scene.obj_is_set})" if scene.filled else "view.granted and view.obj == 0",
        '"obj a reference to the exporter"',
        '"obj NULL" if view.obj == 0 else "obj was not written"' if scene.filled else '"obj NULL"',
    )


def _owned(scene: Scene) -> Lines:
    return [
        "gained = sys.getrefcount(exporter) - references",
        "if view.granted and view.obj == id(exporter) and gained < 1:",
        '    broken("a new reference to obj", gained)',
    ]


def _reserved(scene: Scene) -> Lines:
    return says(
        "sys.version_info >= (3, 13) and not isinstance(view.error, SystemError)",
        '"SystemError"',
        '"granted" if view.granted else repr(view.error)',
    )


def _same_answer(scene: Scene) -> Lines:
    due = of_kind(scene.finding["owed"], "requests")
    others = dict.fromkeys(one["flags"] for one in due)
    names = dict.fromkeys(one["name"] for one in due)
    return [
        "answers = []",
        f"for word in ({', '.join(f'{word:#05x}' for word in others)},):",
        "    other = ask(word)",
        "    answers.append(fields(other) if other.granted else None)",
        "    release(other)",
        f"is_one = any(holds_just_what(view, word) for word in ({', '.join(map(hex, others))},))",
        "if (fields(view) if view.granted else None) not in answers or (view.granted and not is_one):",
        f'    broken("the answer to {" or to ".join(names)}", "another answer to {scene.name}")',
    ]


def _all_filled(scene: Scene) -> Lines:
    return [
        "names = [name for name, _ in Py_buffer._fields_[:-1] if is_unwritten(view, name)]",
        "if view.granted and names:",
        '    broken("every field written", f"not written: {names}")',
    ]


def _declared(scene: Scene) -> Lines:
    if scene.elements is None:
        raise StandaloneError("what the elements should be is declared nowhere", where=scene.rule)
    return [
        f"declared = {scene.elements!r}",
        *says("view.granted and elements(view) != declared", "declared", "elements(view)"),
    ]


def _short_steps(scene: Scene) -> Lines:
    return [
        'steps, extents = entries(view, "strides"), entries(view, "shape")',
        "if view.granted and isinstance(steps, list) and isinstance(extents, list):",
        "    for step, extent in zip(steps, extents):",
        "        if extent > 1 and 0 < abs(step) < view.itemsize:",
        '            broken(f"steps of {view.itemsize} bytes or more", f"strides {steps}")',
    ]


def _suboffsets(scene: Scene) -> Lines:
    return [
        "if view.granted and view.suboffsets != 0:",
        '    suboffsets = entries(view, "suboffsets")',
        "    if suboffsets != whole:",
        '        broken(f"suboffsets {whole}", f"suboffsets {suboffsets}")',
    ]


CHECKS: dict[str, Check] = {
    "request.writable.writable": _number("view.readonly != 0", "readonly", "readonly 0 for WRITABLE"),
    "request.writable.refused_if_readonly": _refused("the memory is read-only"),
    "request.nd.shape_present": _array("shape"),
    "request.nd.shape_absent": _null("shape"),
    "request.ndim.without_nd": Check(_ndim_without_nd, whole=True, at_whole=["whole = view.ndim"]),
    "request.ndim.without_nd_zero_dim": Check(_ndim_without_nd, whole=True, at_whole=["whole = view.ndim"]),
    "request.strides.strides_present": _array("strides"),
    "request.strides.strides_absent": _null("strides"),
    "request.strides.refused_without": _refused("the memory is not C-contiguous", "is_c", "C"),
    "request.simple.refused_if_not_contiguous": _refused("the memory is not C-contiguous", "is_c", "C"),
    "request.c_contiguous.refused_if_not": _refused("the memory is not C-contiguous", "is_c", "C"),
    "request.f_contiguous.refused_if_not": _refused("the memory is not Fortran contiguous", "is_f", "F"),
    "request.contiguous.both_orders": Check(
        lambda scene: says(
            "view.granted and not (is_c and is_f)",
            f'"a refusal of {scene.name}: the memory has not both orders"',
            '"granted"',
        ),
        whole=True,
        at_whole=['is_c, is_f = is_contiguous(view, b"C"), is_contiguous(view, b"F")'],
    ),
    "request.writable.unchanging_memory": _number(
        "view.readonly == 0", "readonly", "a refusal of WRITABLE: the object says that it never changes"
    ),
    "request.any_contiguous.refused_if_not": _refused("the memory is contiguous in no order", "is_any", "A"),
    "request.indirect.suboffsets_present": _array("suboffsets"),
    "request.indirect.suboffsets_absent": _null("suboffsets"),
    "request.indirect.refused_if_needed": _refused("the memory is reached through pointers"),
    "request.format.present": Check(_format_present),
    "request.format.absent": _null("format"),
    "request.format.without_nd": Check(_format_without_nd, whole=True, at_whole=["whole = text(view)"]),
    "request.stray_bits.without_nd": Check(_same_answer, alone=True),
    "request.unassigned_bits.ignored": Check(_same_answer, alone=True),
    "request.reserved.read_or_write_alone": Check(_reserved),
    "request.refusal.needless": Check(_needless, whole=True),
    "field.buf.same_memory": Check(_same_buf, whole=True, at_whole=["all_elements = elements(view)"]),
    "field.buf.logical_start": Check(_declared),
    "field.strides.elements_right": Check(_declared),
    "field.obj.owned_reference": Check(_owned, before=["references = sys.getrefcount(exporter)"]),
    "field.obj.not_null": Check(_owner),
    "field.len.product": Check(
        _length,
        whole=True,
        at_whole=[
            'shape = entries(view, "shape")',
            "length = math.prod(shape if isinstance(shape, list) else []) * view.itemsize",
        ],
    ),
    "field.readonly.boolean": _number("view.readonly not in (0, 1)", "readonly", "readonly 0 or 1"),
    "field.readonly.same_for_all": _as_whole("readonly", "bool(view.readonly) != bool(whole)"),
    "field.readonly.of_a_copy": _number("view.readonly != 1", "readonly", "readonly 1 for a copy"),
    "field.strides.at_least_itemsize": Check(_short_steps),
    "field.struct.all_filled": Check(_all_filled),
    "field.itemsize.independent": _as_whole("itemsize"),
    "field.ndim.independent": _as_whole("ndim"),
    "field.ndim.nonnegative": _number("view.ndim < 0", "ndim", "ndim >= 0"),
    "field.ndim.at_most_64": _number("view.ndim > 64", "ndim", "ndim <= 64"),
    "field.shape.nonnegative": Check(_negative_extent),
    "field.shape.zero_dim_null": _null("shape"),
    "field.shape.same_for_all": _as_whole("shape"),
    "field.strides.zero_dim_null": _null("strides"),
    "field.strides.same_for_all": _as_whole(
        "strides", "steps(view) != steps_of_whole", "steps_of_whole = steps(view)"
    ),
    "field.suboffsets.zero_dim_null": _null("suboffsets"),
    "field.suboffsets.null_if_none": _null("suboffsets"),
    "field.suboffsets.same_for_all": Check(
        _suboffsets, whole=True, at_whole=['whole = entries(view, "suboffsets")']
    ),
    "layout.contiguous.as_requested": Check(_contiguous),
    "format.text.terminated": Check(_format_terminated, careful=True),
    "format.text.parses": Check(_format_parses),
    "format.text.same_for_all": _as_whole("format"),
    "format.itemsize.agrees": Check(_format_itemsize),
    "format.itemsize.agrees_pep3118": Check(_format_itemsize_pep3118),
}
