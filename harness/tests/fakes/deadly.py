"""An object that ends its process after two operations in one order, and one that keeps every rule."""

from __future__ import annotations

import os

from bufspec.declare import exporter


class Memory(bytearray):
    """Memory that counts how often it grew."""

    n = 0


def _grow(it: Memory) -> None:
    it.n += 1


def _end(it: Memory) -> None:
    if it.n == 1:
        os._exit(7)


@exporter("faulty.deadly", operations={"grow": _grow, "end": _end}, discover=False)
def deadly() -> Memory:
    return Memory(24)


@exporter("faulty.clean", expect=bytes(24))
def clean() -> bytearray:
    return bytearray(24)
