"""What works here, and what to install for the rest?"""
