"""How does a run outlive what its subjects do to their process?  Workers started, watched, started again."""
