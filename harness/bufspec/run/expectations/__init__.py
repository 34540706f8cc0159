"""Known failures: the entries of files, what they excuse, when they no longer hold, how a file is updated."""
