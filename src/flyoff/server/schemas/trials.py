"""Counter-drone trials: a sensor's reports scored against the targets' own logs."""

from flyoff.server.schemas.base import Model, VerdictWord


class TrialLine(Model):
    """A trial in the list of those that this server shows."""

    id: str
    name: str
    problem: str | None
    """Why it cannot be scored."""


class Trials(Model):
    """All trials that this server shows."""

    trials: list[TrialLine]


class WordedTable(Model):
    """A table as report and paper have it: every cell is text."""

    title: str
    head: list[str]
    rows: list[list[str]]


class TrialVerdict(Model):
    """Whether a sensor meets a requirement."""

    requirement: str
    says: str
    sensor: str
    verdict: VerdictWord
    value: str
    interval: str
    because: str


class RangeBin(Model):
    """Scans of one stretch of range; the bounds are null where too few passes lie in it."""

    range_m: float
    share: float
    scans: int
    low: float | None
    high: float | None


class ChanceCurve(Model):
    """Chance to be seen in one scan against range: logistic with its band, and isotonic."""

    range_m: list[float]
    chance: list[float]
    low: list[float]
    high: list[float]
    isotonic: list[float]
    bins: list[RangeBin]


class Scans(Model):
    """Every scan of every target: columns of one length; null is no report."""

    t_s: list[float]
    """Since the first scan."""
    target: list[int]
    """Index into the targets."""
    east_m: list[float | None]
    north_m: list[float | None]
    is_seen: list[bool]
    reported_east_m: list[float | None]
    reported_north_m: list[float | None]


class Followed(Model):
    """A stretch that one track followed; ``nth`` is -1 for none."""

    start_s: float
    end_s: float
    nth: int
    track: str


class TrialPass(Model):
    """One target in one run; seconds count from entering the protected volume."""

    run: str
    target: str
    begins_s: float
    """Since the first scan."""
    length_s: float
    spans: list[Followed]
    line_s: float | None
    """When the line was crossed."""
    alert_s: float | None
    """When the operator was first alerted."""


class Latency(Model):
    """How late reports of targets reached the operator: a histogram."""

    counts: list[int]
    edges_s: list[float]
    p50_s: float
    p95_s: float


class SensorDrawing(Model):
    """What is drawn of a sensor; metres are east and north of the site."""

    targets: list[str]
    start_utc_s: float
    scan_s: float
    post: list[float | None]
    scans: Scans
    false_starts: list[list[float | None]]
    """Where false tracks began in target-free time."""
    passes: list[TrialPass]
    latency: Latency | None


class TrialSensor(Model):
    """One sensor: what it is, what looks wrong with it, its scores."""

    sensor: str
    facts: str
    suspected: list[str]
    notes: list[str]
    is_scored: bool
    because: str
    """Why it is not scored."""
    scores: WordedTable | None
    tables: list[WordedTable]
    chance: ChanceCurve | None
    drawing: SensorDrawing | None


class TrialPage(Model):
    """A trial with verdicts, scores, maps and rules: what ``flyoff trial report`` writes."""

    id: str
    name: str
    subtitle: str
    warnings: list[str]
    requirements: list[TrialVerdict]
    sensors: list[TrialSensor]
    between: list[WordedTable]
    """Sensor against sensor; attempts to stop a target, as the cards tell."""
    rules: WordedTable
