"""From the nearest neighbours of a word to every number of the transformer that reads it."""

__version__ = "0.1.0"
