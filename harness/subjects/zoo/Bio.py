"""Biopython: substitution matrices.  Tried with 1.88."""

from Bio.Align.substitution_matrices import Array
from bufspec.declare import exporter

exporter("Bio.substitution_vector", expect=bytes(32))(lambda: Array("ACGT", dims=1))
exporter("Bio.substitution_matrix", expect=bytes(128))(lambda: Array("ACGT", dims=2))
exporter("Bio.substitution_matrix_row", expect=bytes(32))(lambda: Array("ACGT", dims=2)[1])
