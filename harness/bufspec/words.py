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
