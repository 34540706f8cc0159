"""Are the tables of spec/ sound, and what do they say?  Reading, checking and showing them.

Start at tables.py (Spec.load) and check.py (check_directory).  Nothing here judges a subject.
"""
