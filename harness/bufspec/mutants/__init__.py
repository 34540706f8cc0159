"""Does the suite see what it should?  Judges subjects that break one rule each, and keeps the score."""
