"""How do the records of shards become the record that one run would have given?"""
