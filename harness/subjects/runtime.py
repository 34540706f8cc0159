"""What is judged of the interpreter itself: library functions, memoryview, the parser of arguments.

A subject is an area of calls; the calls are those of the data cases in spec/tables.
"""

from __future__ import annotations

import sys

from bufspec.declare import CHECKS_OF_PEP688, CHECKS_OF_STRUCTS, CHECKS_OF_VIEWS, function

function("runtime.flags", "compound_value")

function(
    "runtime.buffer_functions",
    "check_buffer",
    "get_buffer_from",
    "release_twice",
    "size_from_format",
    "is_contiguous",
    "fill_contiguous_strides",
    "fill_info",
    "fill_info_owner",
    "get_pointer",
    "to_contiguous",
    "from_contiguous",
    "copy_data",
    "sweeps",
)

function(
    "runtime.memoryview",
    "memoryview_from_object",
    "memoryview_from_memory",
    "memoryview_from_buffer",
    "memoryview_check",
    "get_buffer",
    "get_contiguous",
    "memoryview_cast",
    "memoryview_slice",
    "memoryview_item",
    "memoryview_tobytes",
    "memoryview_equal",
    "memoryview_size",
    "memoryview_toreadonly",
    "memoryview_hash",
    "memoryview_contiguous",
    "memoryview_tolist",
    "memoryview_assign_item",
    "memoryview_assign_slice",
    "memoryview_release",
    "memoryview_requests",
    "sweeps",
    "memoryview_sequence",
    *CHECKS_OF_STRUCTS,
    *CHECKS_OF_VIEWS,
)

function("runtime.arguments", "parse_argument", "parse_arguments", "borrow_argument")

if sys.version_info >= (3, 12):
    function("runtime.pep688", *CHECKS_OF_PEP688)
