"""What is in a sortie's log."""

from typing import Literal

from flyoff.server.schemas.base import Model


class Gap(Model):
    """Bytes that could not be decoded."""

    offset: int
    bytes: int
    reason: str


class DropOut(Model):
    """A stretch that the logger itself reported as lost."""

    t_s: float
    duration_s: float


class Receipt(Model):
    """The account of every byte of a log."""

    bytes: int
    decoded_bytes: int
    skipped_bytes: int
    status: Literal["complete", "truncated", "malformed"]
    gaps: list[Gap]
    gaps_omitted: int
    messages: int
    resyncs: int
    unknown_ids: dict[str, int]
    dropouts: list[DropOut]
    boots: int
    clock: str
    notes: list[str]


class Topic(Model):
    """A table inside the log, or a group of catalogue channels (``source`` is ``channel``)."""

    source: Literal["topic", "channel"]
    name: str
    instance: int
    rows: int
    fields: list[str]
    units: dict[str, str]
    """Of the fields whose unit is known."""


class Topics(Model):
    """Everything that can be plotted; ``series`` of a field is ``SOURCE:NAME/INSTANCE/FIELD``."""

    topics: list[Topic]


class StoryEntry(Model):
    """One line of a sortie told in words."""

    t_s: float
    sort: str
    """``state``, ``mode``, ``phase``, ``report``, ``finding`` or ``ground``."""
    says: str
    severity: str


class Story(Model):
    """A sortie in words, by time."""

    entries: list[StoryEntry]
    cause: str


class Message(Model):
    """A text that the log carries."""

    t_s: float
    level: int
    """Syslog severity: 0 is the gravest."""
    text: str


class Event(Model):
    """An instant that the log itself reports."""

    t_s: float
    kind: str
    text: str
    value: float | None
    reason: str


class Messages(Model):
    """Texts and events of a sortie, by time."""

    messages: list[Message]
    events: list[Event]


class Parameter(Model):
    """A parameter; ``other`` is the value in the sortie compared with."""

    name: str
    value: float | None
    other: float | None
    is_different: bool


class ParameterChange(Model):
    """A parameter that changed while logging."""

    t_s: float
    name: str
    value: float


class Parameters(Model):
    """Parameters at the start of the log, and what changed later."""

    against: str | None
    parameters: list[Parameter]
    different: int
    changes: list[ParameterChange]


class Waypoint(Model):
    """A place of the plan that has to be passed."""

    lat: float
    lon: float
    height_m: float | None
    """Above home; null where the plan tells another height."""
    command: int
    """MAV_CMD number."""


class Plan(Model):
    """The planned mission: the file that came with the log, else what the log carries."""

    source: str | None
    """Null: no plan is known."""
    waypoints: list[Waypoint]


class PlotLine(Model):
    """A series to fetch and its name in the legend."""

    series: str
    name: str


class Plot(Model):
    """A plot that belongs to the sortie's evidence, or one that every sortie has."""

    title: str
    unit: str
    lines: list[PlotLine]
    limits: list[float]
    is_decisive: bool
    """The evidence names it."""


class Plots(Model):
    """Which plots to show first, the decisive ones on top."""

    plots: list[Plot]
