"""The guide to the protocol: every rule and table as pages, with pictures, made from plain values."""
