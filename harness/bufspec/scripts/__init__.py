"""How does a broken rule look without bufspec?  Standalone Python scripts, put together from pieces."""
