"""Which exporter works with which consumer, and who is at fault where a pair fails?"""
