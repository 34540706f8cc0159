"""One format string, and what each parser that is here makes of it."""
