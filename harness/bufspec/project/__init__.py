"""What does a project say of its own gate?  Its configuration, and what a package has to judge."""
