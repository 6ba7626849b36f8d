"""What several answers share: estimates with their intervals, and problems."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Sides = Literal["two-sided", "lower", "upper"]
VerdictWord = Literal["met", "missed", "undecided"]
Direction = Literal["at_least", "at_most"]


class Model(BaseModel):
    """Base of everything that is sent: frozen, closed, described by its own docstrings."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        use_attribute_docstrings=True,
        ser_json_inf_nan="null",
    )


class Estimate(Model):
    """A figure with its interval and how both were made; null is unbounded or without value."""

    value: float | None
    low: float | None
    high: float | None
    level: float
    """Confidence of the interval, between 0 and 1."""
    sides: Sides
    method: str
    """The method's name, to be shown with the figure."""
    n: float
    """What the interval rests on: trials, failures or effective trials."""


class Bound(Model):
    """Two one-sided bounds, each at ``level``; null is unbounded."""

    low: float | None
    high: float | None
    level: float
    method: str


class Problem(Model):
    """What went wrong (RFC 9457), as ``application/problem+json``."""

    type: str
    """A word that names the sort of problem, such as ``urn:flyoff:not-found``."""
    title: str
    status: int
    detail: str
    """One sentence for people: what was found, what was expected, what to do."""
    instance: str
    """The request's id, which the access log carries too."""
    errors: list[str]
    """For a request that does not fit the schema: each place and what is wrong there."""
