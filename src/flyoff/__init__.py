"""Flyoff: from a folder of raw drone logs to a verdict that stands up to an argument."""
