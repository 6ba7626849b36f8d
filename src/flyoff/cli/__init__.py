"""The command line: ``flyoff …``. Commands import what they need when they run."""

from flyoff.cli.app import app, main

__all__ = ["app", "main"]
