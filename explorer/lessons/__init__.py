"""The lesson: the whole pass as a list of steps made from a trace, and its renderings."""
