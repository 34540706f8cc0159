"""What a declaration is made of: its words, its values, and what is refused of it.

bufspec/declare.py is the door.
"""
