"""How long a test waits for what comes at once, unless the machine is busy."""

PATIENCE = 300  # seconds; only what never comes takes so long
