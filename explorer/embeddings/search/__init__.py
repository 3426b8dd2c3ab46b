"""Engines that find the nearest rows to a query."""
