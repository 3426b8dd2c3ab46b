"""Where vectors come from, and what can be asked of them."""
