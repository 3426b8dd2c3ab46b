"""How sure a test and an interval are to be."""

LEVEL = 0.05  # of p, below which a difference is shown
CONFIDENCE = 1 - LEVEL
