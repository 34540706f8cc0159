"""Files that anybody may have written: read within bounds, refused with their place, written into no trap."""
