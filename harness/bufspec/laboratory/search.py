"""On which strings do the parsers differ?

Draws texts from the words of the format table by a seed.  Two parsers differ where one takes a text and
the other refuses it, or where both take it and size it differently.  Of all texts that part the parsers in
one way the shortest stands for them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import frozen

from bufspec.laboratory.parsers import Reading
from bufspec.laboratory.readings import readings_of
from bufspec.tables.files import spec_directory, tree_from

COUNTS = ("0", "1", "2", "3", "7", "010", "256", "65536", "9223372036854775807", "18446744073709551616")
PARTS = ("T{", "}", ":x:", "(2,3)", "(2)", "()", "&", "X{}", "Z", " ", "\n", ":", "é", "-", "i:a:", "T{i:a:}")
LONGEST = 6


@frozen
class Difference:
    """A way in which the parsers part, with the shortest text that shows it, and how many did."""

    text: str
    readings: dict[str, Reading]
    times: int


def words() -> list[str]:
    """What texts are made of: the codes and orders of the table, counts, and what PEP 3118 adds."""
    table = tree_from(spec_directory() / "tables" / "50-format.yaml")
    codes = [row["code"] for row in table["codes"]]
    orders = [row["prefix"] for row in table["orders"] if row["prefix"]]
    return [*codes, *codes, *orders, *COUNTS, *PARTS]


def drawn(count: int, seed: int) -> list[str]:
    """So many texts, the same ones for the same seed; each once."""
    generator = random.Random(seed)
    known = words()
    texts = {"".join(generator.choices(known, k=generator.randint(1, LONGEST))) for _ in range(count)}
    return sorted(texts, key=lambda text: (len(text), text))


def way(readings: dict[str, Reading]) -> tuple[str, ...]:
    """How the parsers part: who refuses, who dies, and which of the others find the same size."""
    sizes: list[str] = []
    made = []
    for name in sorted(readings):
        verdict = readings[name].verdict
        if verdict not in ("any", "died", "refused"):
            if verdict not in sizes:
                sizes.append(verdict)
            verdict = f"size {sizes.index(verdict) + 1}"
        made.append(f"{name} {verdict}")
    return tuple(made)


def differences(texts: Sequence[str], names: Sequence[str]) -> list[Difference]:
    """One text for each way in which parsers part, those that most texts show first."""
    shortest: dict[tuple[str, ...], tuple[str, dict[str, Reading]]] = {}
    times: dict[tuple[str, ...], int] = {}
    for text, readings in zip(texts, readings_of(texts, names), strict=True):
        if len({reading.verdict for reading in readings.values() if reading.looks}) < 2:
            continue
        found = way(readings)
        times[found] = times.get(found, 0) + 1
        if found not in shortest or len(text) < len(shortest[found][0]):
            shortest[found] = (text, readings)
    made = [Difference(text, readings, times[found]) for found, (text, readings) in shortest.items()]
    return sorted(made, key=lambda one: (-one.times, one.text))
