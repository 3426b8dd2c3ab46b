"""The jobs of a server: their queue, the record of each, and its process."""
