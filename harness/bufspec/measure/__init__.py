"""What does judging cost?  Ratios within one run."""
