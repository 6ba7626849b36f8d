"""All that taking a log into a store needs: what judging does, and the store's own libraries."""

from flyoff.pipeline import taking
from flyoff.pipeline.forking import settle
from flyoff.pipeline.loaded import judging

__all__ = ["judging", "taking"]

settle()
