"""Campaigns: what nobody thought of, tried against live subjects in workers of their own."""
