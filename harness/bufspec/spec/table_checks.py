"""Whether the flags, the request rows, the formats, the layouts and the sources fit together.

Each function checks one kind of row against the whole spec and yields problems with their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bufspec.files.problem import Problem
from bufspec.spec.geometry import layout_faults
from bufspec.spec.positions import At, Document
from bufspec.spec.rows import RequestRow
from bufspec.spec.rule_checks import Named
from bufspec.spec.tables import REQUEST_LISTS, Spec

LOW_BITS = 0x3FF


def check_flags(spec: Spec, document: Document) -> Iterator[Problem]:
    """Values are unions of bits, compounds unions of parts, no bit is left over."""
    values: dict[str, int] = {}
    own_bits = 0
    for index, flag in enumerate(spec.flags):
        at: At = ("flags", index)
        if flag.name in values:
            yield document.problem((*at, "name"), f'duplicate flag "{flag.name}"')
        if flag.own_bit & (flag.own_bit - 1) or flag.own_bit & own_bits:
            message = f"own_bit {flag.own_bit:#05x} of {flag.name} is not one bit of its own"
            yield document.problem((*at, "own_bit"), message, "each flag adds exactly one bit")
        union = flag.own_bit
        for position, name in enumerate(flag.contains):
            if name not in values:
                message = f'unknown flag "{name}"'
                yield document.problem((*at, "contains", position), message, "a flag contains flags above it")
            union |= values.get(name, 0)
        if flag.value != union:
            message = f"value {flag.value:#05x} of {flag.name} is not the union of its bits"
            yield document.problem(
                (*at, "value"), message, f"own_bit and the flags it contains give {union:#05x}"
            )
        own_bits |= flag.own_bit
        values[flag.name] = flag.value
    if spec.unassigned_bits != LOW_BITS & ~own_bits:
        message = f"unassigned_bits {spec.unassigned_bits:#05x} are not the bits that no flag has"
        yield document.problem(("unassigned_bits",), message, f"those are {LOW_BITS & ~own_bits:#05x}")
    yield from _check_compounds(spec, document, values)
    for key in ("structural", "subsets_of", "modifiers"):
        yield from _unknown_flags(document, ("canonical", key), getattr(spec.canonical, key), values)


def _check_compounds(spec: Spec, document: Document, values: dict[str, int]) -> Iterator[Problem]:
    seen = set(values)
    for index, compound in enumerate(spec.compounds):
        at: At = ("compounds", index)
        if compound.name in seen:
            yield document.problem((*at, "name"), f'duplicate flag "{compound.name}"')
        seen.add(compound.name)
        yield from _unknown_flags(document, (*at, "of"), compound.of, values)
        union = 0
        for name in compound.of:
            union |= values.get(name, 0)
        if compound.value != union:
            message = f"value {compound.value:#05x} of {compound.name} is not the union of its parts"
            yield document.problem((*at, "value"), message, f"{' | '.join(compound.of)} is {union:#05x}")


def _unknown_flags(
    document: Document, at: At, names: Sequence[str], values: dict[str, int]
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name not in values:
            message = f'unknown flag "{name}"'
            yield document.problem((*at, index), message, f"known: {', '.join(values)}")


def check_request_rows(spec: Spec, document: Document, named: Named) -> Iterator[Problem]:
    """Every row of the request tables names a rule and flags that exist, and readings its rule has."""
    rules = {rule.id: rule for rule in spec.rules}
    flags = {flag.name for flag in spec.flags}
    for name in REQUEST_LISTS:
        rows: tuple[RequestRow, ...] = getattr(spec.requests, name)
        for index, row in enumerate(rows):
            at: At = (name, index)
            for key in ("asks", "lacks"):
                flag = getattr(row, key)
                if flag and flag not in flags:
                    yield document.problem(
                        (*at, key), f'unknown flag "{flag}"', f"known: {', '.join(sorted(flags))}"
                    )
            if row.rule not in named.rules:
                message = f'unknown rule "{row.rule}"'
                yield document.problem((*at, "rule"), message, "a row names the rule it stands for")
                continue
            rule = rules[row.rule]
            for edition in row.editions:
                if edition not in rule.editions:
                    message = f"{row.rule} does not hold in edition {edition}"
                    yield document.problem(
                        (*at, "editions"), message, f"it holds in {', '.join(rule.editions)}"
                    )
            if name == "contested":
                have = [one.name for one in row.readings]
                want = [one.name for one in rule.readings]
                if have != want:
                    message = f"readings {', '.join(have)} are not those of {row.rule}"
                    yield document.problem(
                        (*at, "readings"), message, f"the rule has {', '.join(want) or 'none'}"
                    )


def check_formats(spec: Spec, document: Document) -> Iterator[Problem]:
    """No order prefix, code or construct stands twice."""
    for name, key in (("orders", "prefix"), ("codes", "code"), ("constructs", "construct")):
        seen: set[object] = set()
        for index, row in enumerate(getattr(spec.formats, name)):
            if row[key] in seen:
                yield document.problem((name, index, key), f'duplicate {key} "{row[key]}"')
            seen.add(row[key])


def check_layouts(spec: Spec, document: Document) -> Iterator[Problem]:
    """Every layout is what its class says and stays in its block; every class has a layout."""
    classes = {one.name for one in spec.classes}
    seen: set[str] = set()
    for index, layout in enumerate(spec.layouts):
        at: At = ("layouts", index)
        if layout.name in seen:
            yield document.problem((*at, "name"), f'duplicate layout "{layout.name}"')
        seen.add(layout.name)
        if layout.class_name not in classes:
            hint = f"known: {', '.join(sorted(classes))}"
            yield document.problem((*at, "class"), f'unknown class "{layout.class_name}"', hint)
            continue
        for key, message, hint in layout_faults(layout, spec.classes):
            yield document.problem((*at, key), f"{layout.name}: {message}", hint)
    used = {layout.class_name for layout in spec.layouts}
    names = {"classes": [one.name for one in spec.classes], "sweeps": [one.name for one in spec.sweeps]}
    for rows, given in names.items():
        for index, name in enumerate(given):
            if name in given[:index]:
                yield document.problem((rows, index, "name"), f'duplicate name "{name}"')
            if rows == "classes" and name not in used:
                yield document.problem((rows, index, "name"), f"no layout is of class {name}", "add one")


def check_sources(spec: Spec, document: Document, named: Named) -> Iterator[Problem]:
    """Every clause, difference and ambiguity is named by a rule."""
    for section, ids in spec.clauses.items():
        for index, clause in enumerate(ids):
            if clause not in named.clauses:
                message = f"clause {clause} is named by no rule"
                yield document.problem(
                    ("clauses", section, index), message, "each clause is accounted for by a rule"
                )
    for index, difference in enumerate(spec.differences):
        if difference not in named.differences:
            message = f"difference {difference} is named by no rule"
            yield document.problem(("differences", index), message, "add it to the differences of a rule")
    for index, ambiguity in enumerate(spec.ambiguities):
        if ambiguity not in named.ambiguities:
            message = f"ambiguity {ambiguity} is named by no rule"
            yield document.problem(("ambiguities", index), message, "add it to a source of a rule")


def check_editions(spec: Spec, document: Document) -> Iterator[Problem]:
    """Editions are distinct and name a text."""
    names = [edition.name for edition in spec.editions]
    for index, edition in enumerate(spec.editions):
        if edition.name in names[:index]:
            yield document.problem(("editions", index, "name"), f'duplicate edition "{edition.name}"')
        if edition.text not in spec.texts:
            hint = f"known: {', '.join(spec.texts)}"
            yield document.problem(("editions", index, "text"), f'unknown text "{edition.text}"', hint)
