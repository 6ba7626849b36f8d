"""Figures drawn once, for the page and the paper alike."""
