"""What may be asked on the command line?  A module for each command: options, output, exit code."""
