"""All that taking a log into a store needs of a worker: judging, and where raw files lie."""

from flyoff.pipeline import taking
from flyoff.pipeline.forking import settle
from flyoff.pipeline.loaded import judging

__all__ = ["judging", "taking"]

settle()
