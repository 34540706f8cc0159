"""What happened in one case?  Runs it again, makes it smaller, shows it."""
