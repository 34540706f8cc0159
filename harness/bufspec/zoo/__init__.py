"""Packages that people use: installed apart from this one, judged one by one, shown side by side."""
