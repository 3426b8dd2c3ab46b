"""The one kind of error that is shown to people as it is: a sentence, without a traceback."""


class UserError(Exception):
    """Something asked for cannot be done; the message says what, with which value, and what to do."""
