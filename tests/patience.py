"""How long a test waits for what comes at once, unless the machine is busy."""

PATIENCE = 180  # seconds; only what never comes takes so long
