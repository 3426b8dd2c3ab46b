"""What the page that compares initialisations is made of."""
