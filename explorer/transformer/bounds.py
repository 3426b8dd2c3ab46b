"""How large a transformer may be asked for, and how it may be asked: each stands here once.

The core checks them and `explorer.questions` declares them; nothing here needs NumPy.
"""

NORMS = ("post", "pre")  # layer norm after each part, as in the paper of 2017, or before it
POOLINGS = ("mean", "first", "attention")  # what makes one vector of a text

# What a question takes: with these a pass is computed in seconds.
MOST_ENCODED = 100  # words through the encoder alone
MOST_LAYERS = 12
MOST_HEADS = 64
WIDEST_MODEL = 1024
WIDEST_HIDDEN = 4096
HIGHEST_SEED = 2**32 - 1

WIDEST_BEAM = 1000
WIDEST_DRAWN_BEAM = 20  # branches of a tree that can still be seen
LENGTH_PENALTY, HEAVIEST_PENALTY = 0.6, 10.0  # exponents, of Wu et al. 2016
HOTTEST = 100  # the temperature at which almost all words are alike
MOST_DRAWN_FROM = 1_000_000  # words of a vocabulary

LAYERS, HEADS = 2, 2
