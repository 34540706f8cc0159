"""Subjects of packages that bufspec does not need: a file for each, named like the module that it imports."""
