"""What do the driver and the worker both know?  The line, the journal, names and numbers of cases."""
