"""Where a transformer's embedding table starts from."""
