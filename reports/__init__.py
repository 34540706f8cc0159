"""What readers get: the record of a run as a terminal report, as Markdown, and the schema of its events.

Everything here is made from the events of a record alone; nothing runs a subject or decides an outcome.
"""
