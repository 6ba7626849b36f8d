"""Runs reference cases against the functions that a user would call."""
