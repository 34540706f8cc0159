"""What is done in the process in which subjects live?  The driver imports it only to start it."""
