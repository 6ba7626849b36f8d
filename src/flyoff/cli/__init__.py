"""The command line: ``flyoff …``. Commands import what they need when they run."""
