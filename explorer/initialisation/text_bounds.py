"""How labelled texts are compared where nothing else is said, and how much may be asked; nothing here needs NumPy."""

SEEDS, MOST_SEEDS = 10, 100
FOLDS = 10
BATCH = 32  # texts of an update
