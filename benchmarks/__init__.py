"""Speed, side by side with what a user would pick instead. Nothing else should run on the machine meanwhile."""
