"""Modules whose import loads what workers need, for the process that workers are copies of.

Importing one has a purpose and takes half a second: Numba, every kernel out of the cache, the
rules. Nothing else may import them (``flyoff.pipeline.local``).
"""
