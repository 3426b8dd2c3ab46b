"""What the files in a model's folder are called."""

CARD = "card.toml"
VECTORS = "vectors.bin.xz"
VOCABULARY = "vocabulary.txt.xz"
SUBWORDS = "subwords.npy.xz"
COLUMNS = "columns.arrow"
SISTERS = "sisters.npz"
ATLAS = "atlas.npz"
