"""The tables and the raw files, on disk or object store."""
