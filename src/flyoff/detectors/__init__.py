"""Recordings to findings; flat, one idea a file."""
