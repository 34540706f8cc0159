"""Exporters that C cannot say: classes with __buffer__, subclasses, cycles.  Each has a row in spec/mutants.yaml."""
