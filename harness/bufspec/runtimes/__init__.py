"""The same subjects judged in several interpreters, one after the other."""
