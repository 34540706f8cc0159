"""Which words does a declaration have: targets, kinds, what is returned and accepted?"""

from __future__ import annotations

import re

EXPORTER, CONSUMER, FUNCTION = "exporter", "consumer", "function"
RUNNING = "this interpreter"
"""The runtime that functions are called of."""
TARGETS = (EXPORTER, CONSUMER, FUNCTION)
NAME = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_]+")
OPERATION = re.compile(r"[a-z][a-z0-9_]*")
READS, FILLS, KEEPS = "reads", "fills", "keeps"
KINDS = (READS, FILLS, KEEPS)
"""What a consumer does with the memory."""
RETURNS = ("", "bytes", "list", "elements", "scalar", "none")
"""What a consumer returns; empty: it is compared with the same callable's result for plain bytes."""
ORDERS = ("", "memory")
"""In which order a consumer gives the elements: that of their indices, or that of the memory as it lies."""
CAPABILITIES = (
    "contiguous",
    "fortran",
    "strided",
    "indirect",
    "zero_dim",
    "several_dims",
    "dimensions_64",
    "empty",
    "readonly",
    "items",
    "structures",
    "byte_order",
)
"""What a consumer may be documented to accept."""
BYTES_LIKE = tuple(one for one in CAPABILITIES if one not in ("fortran", "strided", "indirect"))
"""What a function takes that is documented to take a bytes-like object: memory in C order, of any items."""
