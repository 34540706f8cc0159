"""xxhash.  Tried with 3."""

from collections.abc import Callable
from typing import Any

import xxhash
from bufspec.declare import BYTES_LIKE, consumer


def _updated(sum_: Any, given: Any) -> object:
    sum_.update(given)
    return sum_.digest()


CONSUMERS: dict[str, Callable[[Any], object]] = {
    "xxh32": lambda given: xxhash.xxh32(given).digest(),
    "xxh64": lambda given: xxhash.xxh64(given).digest(),
    "xxh3_64": lambda given: xxhash.xxh3_64(given).digest(),
    "xxh32_intdigest": xxhash.xxh32_intdigest,
    "xxh64_hexdigest": xxhash.xxh64_hexdigest,
    "xxh3_128_digest": xxhash.xxh3_128_digest,
    "xxh64_update": lambda given: _updated(xxhash.xxh64(b"a key"), given),
    "xxh3_128_update": lambda given: _updated(xxhash.xxh3_128(b"a key"), given),
}

for _name, _consume in CONSUMERS.items():
    consumer(f"xxhash.{_name}", accepts=BYTES_LIKE)(_consume)
