"""The numbers that page, PDF and command line share, read from the lake."""
