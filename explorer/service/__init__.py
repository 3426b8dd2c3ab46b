"""The HTTP API: the answers of the command line, over the address that serves the pages."""
