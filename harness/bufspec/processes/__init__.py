"""What can be seen of a process from outside?  Its memory, its children, whether it is still there."""
