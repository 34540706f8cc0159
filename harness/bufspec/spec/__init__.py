"""The tables of spec/: reading, checking and showing them.

Start at tables.py (Spec.load) and check.py (check_directory).  Nothing here judges a subject.
"""

from bufspec.spec.check import Registry, check_directory
from bufspec.spec.coverage import coverage
from bufspec.spec.diff import diff
from bufspec.spec.problems import Problem, Report, TableError
from bufspec.spec.show import show
from bufspec.spec.tables import Spec, default_directory
from bufspec.spec.totality import totality

__all__ = [
    "Problem",
    "Registry",
    "Report",
    "Spec",
    "TableError",
    "check_directory",
    "coverage",
    "default_directory",
    "diff",
    "show",
    "totality",
]
