"""A record in the formats that other programs and pages read, a module each."""
