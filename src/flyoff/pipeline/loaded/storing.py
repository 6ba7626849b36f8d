"""All that taking a log into a store needs: what judging does, and the store's own libraries."""

from flyoff.pipeline import ingest
from flyoff.pipeline.loaded import judging

__all__ = ["ingest", "judging"]
