"""Maps of words, and what is linked with them, as pages draw them."""
