"""How large a lesson may be, and the names of what it can be asked for: each stands here once.

The core checks them and `explorer.questions` declares them; nothing here needs NumPy.
"""

VALUE, GRADIENT, UPDATED = "value", "gradient", "updated"
SIDES = (VALUE, GRADIENT, UPDATED)

PROJECTIONS = ("pca", "random")
MOST_LABELS = 10  # that a classifier of a lesson tells apart
OPTIMISERS = ("adam", "sgd")
TEXTS = ("md", "tex", "ipynb", "html", "json")  # documents that tell a lesson, or a part of it
WORKBOOKS = ("xlsx",)  # documents that compute it once more
FIGURES = ("svg", "pdf")  # documents that draw one of its matrices
BINARY = ("pdf", *WORKBOOKS)  # those that are no text

EXERCISE_STEPS = 5  # of a whole lesson, in one exercise
BLANKS, MOST_BLANKS = 3, 30  # of a step
SHEETS = ("md", "html")  # documents of an exercise

WHOLE, ATTENTION, BOARD, NEXT_WORD, DECODING, BEAM = "whole", "attention", "board", "next-word", "decoding", "beam"
PICTURES = (WHOLE, ATTENTION, BOARD, NEXT_WORD, DECODING, BEAM)
BEAM_WIDTH = 3  # of the tree of a beam search

MOST_TOKENS = 24
LONGEST_WORD = 100
LONGEST_NAME = 250  # characters of a step, a tensor or a cell
MOST_CHAPTERS = 1000
HIGHEST_RATE = 1000.0
FEWEST_DECIMALS, MOST_DECIMALS = 2, 6

# of a model with fresh weights
D_MODEL, LAYERS, HEADS = 8, 1, 2
DECIMALS = 4
