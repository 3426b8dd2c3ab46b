"""What the files in a model's folder are called."""

CARD = "card.toml"
VECTORS = "vectors.bin.xz"
VOCABULARY = "vocabulary.txt.xz"
SUBWORDS = "subwords.npy.xz"
SISTERS = "sisters.npz"
