"""The sentences that people read, made from the values of a finding."""
