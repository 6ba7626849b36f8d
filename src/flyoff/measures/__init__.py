"""Sorties to numbers."""
