"""How a translator is trained where nothing else is said, and how much may be asked: each stands here once.

The core checks the sizes and `explorer.questions.jobs` declares them; nothing here needs NumPy.
"""

# far beyond what this is for; a typing error should not keep the machine busy for hours
MOST_D_MODEL = 8192
MOST_HEADS = 512
MOST_LAYERS = 64
MOST_D_FF = 65_536
MOST_LABELS = 200  # each run keeps how often each was taken for each
HIGHEST_DROPOUT = HIGHEST_SMOOTHING = 0.999

MOST_EPOCHS = 1_000_000
MOST_STEPS = 1_000_000_000
MOST_IN_BATCH = 100_000  # sentences
HIGHEST_RATE = 1e38  # what float32 holds; the training itself says when a rate is too high
RATE = 1e-3  # Adam's own default
FACTOR = 1.0  # on the rate of Vaswani et al. 2017, section 5.3, where there is a warm-up

# What a page trains, where any visitor may ask and all share one machine.
MOST_WATCHED = 5_000  # updates
MOST_WATCHED_IN_BATCH = 512
MOST_WATCHED_D_MODEL = 256
MOST_WATCHED_HEADS = 16
MOST_WATCHED_LAYERS = 4
