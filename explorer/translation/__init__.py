"""Sentences as words, tables that start from vectors, fresh translators: what lesson, training and comparison share."""
