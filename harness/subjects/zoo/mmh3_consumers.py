"""mmh3: MurmurHash3.  Tried with 5."""

from collections.abc import Callable
from typing import Any

import mmh3
from bufspec.declare import consumer


def _updated(sum_: Any, given: Any) -> object:
    sum_.update(given)
    return sum_.digest()


CONSUMERS: dict[str, Callable[[Any], object]] = {
    "hash_from_buffer": mmh3.hash_from_buffer,
    "mmh3_32_digest": mmh3.mmh3_32_digest,
    "mmh3_x64_128_digest": mmh3.mmh3_x64_128_digest,
    "mmh3_x86_128_uintdigest": mmh3.mmh3_x86_128_uintdigest,
    "mmh3_32_update": lambda given: _updated(mmh3.mmh3_32(b"a key"), given),
    "mmh3_x64_128_update": lambda given: _updated(mmh3.mmh3_x64_128(b"a key"), given),
}

for _name, _consume in CONSUMERS.items():
    consumer(f"mmh3.{_name}")(_consume)
