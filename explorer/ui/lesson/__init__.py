"""What the pages of lessons, of exercises and of trainings are made of."""
