"""What do the tables say, as a run needs it?  Read fast and trusted; bufspec.spec is what checks them."""
