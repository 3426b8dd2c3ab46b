"""The transformer of *Attention Is All You Need* (Vaswani et al. 2017) in NumPy, with every intermediate by name."""
