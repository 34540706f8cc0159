"""Memory that is freed, moved or reused while it is exported is seen at every size."""

from collections.abc import Callable
from typing import Any

from bufspec.declare import exporter
from memory_of_any_allocator import Memory

VERDICTS = {
    "regress.grow_malloc_48": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_malloc_65537": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_malloc_120000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_malloc_5000000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_PyMem_48": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_PyMem_100000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_PyMem_Raw_100000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_PyObject_1000000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_mmap_100000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_inside_a_block": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_with_free_looked_up": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.renew_at_the_same_address": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.shrink_in_place": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.shrink_of_pages": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.owner_dropped_200000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.stale_from_birth_48": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.stale_from_birth_100000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.stale_from_birth_pages": {"breaks": ["lifetime.export.memory_valid"], "dies": True},
    "regress.grow_later_malloc_48": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_later_malloc_120000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_later_mmap_5000000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.kept_while_it_grows_later": {},
    "regress.kept_while_it_grows": {},
    "regress.kept_while_it_is_renewed": {},
    "regress.kept_pages": {},
}


def add(name: str, *arguments: Any, operation: str = "") -> None:
    operations: dict[str, Callable[[Any], Any]] = {}
    if operation:
        operations[operation] = lambda it: getattr(it, operation)()
    exporter(f"regress.{name}", discover=False, operations=operations)(lambda: Memory(*arguments))


for size in (48, 65_537, 120_000, 5_000_000):
    add(f"grow_malloc_{size}", "malloc", size, operation="grow")
for allocator, size in (
    ("PyMem", 48),
    ("PyMem", 100_000),
    ("PyMem_Raw", 100_000),
    ("PyObject", 1_000_000),
    ("mmap", 100_000),
):
    add(f"grow_{allocator}_{size}", allocator, size, operation="grow")
add("grow_inside_a_block", "malloc", 48, "inside", operation="grow")
add("grow_with_free_looked_up", "malloc", 100_000, "looked up", operation="grow")
add("renew_at_the_same_address", "malloc", 100_000, operation="renew")
add("shrink_in_place", "malloc", 100_000, operation="shrink")
add("shrink_of_pages", "mmap", 1_000_000, operation="shrink")
add("owner_dropped_200000", "malloc", 200_000, "unowned")
add("stale_from_birth_48", "malloc", 48, "stale")
add("stale_from_birth_100000", "malloc", 100_000, "stale")
add("stale_from_birth_pages", "mmap", 100_000, "stale")
for allocator, size in (("malloc", 48), ("malloc", 120_000), ("mmap", 5_000_000)):
    add(f"grow_later_{allocator}_{size}", allocator, size, "later", operation="grow")
add("kept_while_it_grows_later", "malloc", 100_000, "keeps later", operation="grow")
add("kept_while_it_grows", "malloc", 100_000, "keeps", operation="grow")
add("kept_while_it_is_renewed", "malloc", 5_000_000, "keeps", operation="renew")
add("kept_pages", "mmap", 100_000, "keeps", operation="grow")
