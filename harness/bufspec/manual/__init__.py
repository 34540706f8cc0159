"""The commands and their options as a manual page."""
