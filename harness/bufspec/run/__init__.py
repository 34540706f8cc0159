"""What does one run judge, what did it come to, and what is news?  From the plan to the record."""
