"""The subjects that come with bufspec: one file for each package, declared with bufspec.declare."""
