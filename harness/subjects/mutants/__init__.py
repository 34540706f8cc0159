"""The mutants and the conforming but odd subjects of spec/mutants.yaml and spec/consumer_mutants.yaml.

Those in Python are in odd.py, faulty_bridges.py and odd_consumers.py; consumers for spec/pairs.yaml are in
readers.py.

Hidden: only `bufspec mutants`, or a name that begins with `mutants.`, means them.
"""

from bufspec.subjects.mutants import faulty_bridges as faulty_bridges
from bufspec.subjects.mutants import odd as odd
from bufspec.subjects.mutants import odd_consumers as odd_consumers
from bufspec.subjects.mutants import readers as readers
from bufspec.subjects.mutants.declared import declare_mutants

declare_mutants()
