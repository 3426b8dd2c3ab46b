"""Who may do what on a server, what belongs to whom, and what strangers are not told."""
