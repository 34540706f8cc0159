"""Which words do the tables, the records, the options and the reports share?

Constants only: to import them is cheap.
"""

CURRENT = "current"
EDITIONS = (CURRENT, "2010")
LEVELS = ("required", "contested", "recommended", "informative")
BINDING = ("required",)
"""The levels whose break says that a subject does not conform; a contested rule breaks nothing."""
IMPACTS = ("memory_safety", "wrong_data", "leak", "interop", "cosmetic")
FIRST_VERSION = "0.1"
"""The version of bufspec that brought the rules that do not say which did."""
DEATH = "death"
"""Stands in place of a rule for the end of the process: a crash, a hang or an exit."""
MUTANTS = "mutants"
"""The package that the names of mutants begin with."""
SURVIVES = "the process survives"
"""What is expected where a process came to its end."""
IN_PYTHON, WITHOUT_RELEASE, COUNTED_ITEMS = "in_python", "without_release", "counted_items"
"""Circumstances in which a rule may have a hint of its own, as in `hint_if` of the tables."""
CHECKS_OF_VIEWS = (
    "memoryview.type.final",
    "memoryview.new.exports",
    "memoryview.new.shares_one_buffer",
    "memoryview.release.context_manager",
    "memoryview.release.no_more_buffers",
    "memoryview.size.tuples",
    "memoryview.compare.only_equality",
)
"""The rules of memoryview that checks in Python show, by what any program sees."""
CHECKS_OF_STRUCTS = ("memoryview.get_buffer.private_copy", "memoryview.get_base.exporter")
"""Those that need the struct inside of a memoryview."""
CHECKS_OF_PEP688 = (
    "pep688.exporter.looked_up_on_type",
    "pep688.exporter.returns_memoryview",
    "pep688.exporter.inherited_slot",
    "pep688.exporter.restricted_view",
    "pep688.flags.unmodified",
    "pep688.flags.mismatch_refused",
    "pep688.release.result_ignored",
    "pep688.method.synthesised",
    "pep688.method.arguments_checked",
    "pep688.names.buffer_flags",
)
"""The rules of PEP 688, all of which checks in Python show."""
CHECKS_OF_BRIDGES = (
    "bridge.array_interface.same_memory",
    "bridge.array_interface.same_type",
    "bridge.array_interface.readonly_kept",
    "bridge.array_struct.same_memory",
    "bridge.array_struct.same_type",
    "bridge.array_struct.readonly_kept",
    "bridge.array_struct.owner_outlives",
    "bridge.array_struct.released_once",
    "bridge.dlpack.same_memory",
    "bridge.dlpack.same_type",
    "bridge.dlpack.readonly_kept",
    "bridge.dlpack.device_agrees",
    "bridge.dlpack.owner_outlives",
    "bridge.dlpack.unused_deleted",
    "bridge.dlpack.used_not_deleted",
    "bridge.arrow.same_memory",
    "bridge.arrow.same_type",
    "bridge.arrow.owner_outlives",
    "bridge.arrow.unused_released",
    "bridge.arrow.used_not_released",
)
"""The rules of other interfaces to an exporter's memory, each a check of its objects."""
INTERFACE_THERE = "the other interface to be there as it is documented"
"""What is expected where one of those interfaces raised what is no refusal."""
