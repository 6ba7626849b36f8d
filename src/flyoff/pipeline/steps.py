"""The steps from a path to a verdict, each a pure function of the files it names."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flyoff.decoders import RawLog, Receipt, Source
from flyoff.errors import FlyoffError
from flyoff.model.mission import Mission
from flyoff.model.recording import LogReference, Recording, Vehicle
from flyoff.model.sortie import Sortie
from flyoff.pipeline import registry
from flyoff.pipeline.opening import open_source, plan_beside
from flyoff.pipeline.track import Track, track_of
from flyoff.stages import note, stage

if TYPE_CHECKING:
    from os import PathLike

    AnyPath = str | PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedRecording:
    """A recording's facts without its samples: small enough to send between processes.

    Attributes
    ----------
    recording : Recording
        Without loaders; it has no channels any more.
    channels : int
        How many channels it had.
    sorties : tuple of Sortie, ordered by time
    track : Track or None
        Where it flew, at 5 Hz; None where not asked for or not logged.
    """

    recording: Recording
    channels: int
    sorties: tuple[Sortie, ...]
    track: Track | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JudgedLog:
    """What one log says: reference, receipt, vehicle and sorties.

    Attributes
    ----------
    log : LogReference
    receipt : Receipt
    recordings : tuple of JudgedRecording, one for each boot
    plan : str
        Path of the plan that the sorties were held against; empty if none.
    warnings : tuple of str
        What went wrong beside the log itself, such as a plan that cannot be read.
    """

    log: LogReference
    receipt: Receipt
    recordings: tuple[JudgedRecording, ...] = ()
    plan: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def sorties(self) -> tuple[Sortie, ...]:
        """The sorties of all boots, in the order of the log."""
        return tuple(s for r in self.recordings for s in r.sorties)

    @property
    def vehicle(self) -> Vehicle:
        """The vehicle of the first boot that names one."""
        named = [r.recording.vehicle for r in self.recordings]
        return next((v for v in named if v.id != "unknown"), named[0] if named else Vehicle())


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan that a log is held against: its path, its content, and what is wrong with it."""

    path: str = ""
    mission: Mission | None = None
    warnings: tuple[str, ...] = ()


def decode(path: "AnyPath") -> RawLog:
    """Decode a log: its topics, parameters, messages and the receipt for every byte.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    RawLog
        Columns are gathered when asked for; the file stays mapped into memory.

    Raises
    ------
    DecodeError
        If the file's beginning describes no readable log.
    SourceError
        If the file cannot be opened or is no regular file.
    """
    source = open_source(path)
    return registry.choose(source).decode(source)


def read(path: "AnyPath") -> list[Recording]:
    """Read a log as recordings: a recording for each boot, channels in SI units.

    Raises as ``decode`` does.
    """
    source = open_source(path)
    decoder = registry.choose(source)
    return decoder.normalise(decoder.decode(source))


def judge(path: "AnyPath", plan: "AnyPath | None" = None) -> list[Sortie]:
    """Judge a log: its sorties with outcome, cause, findings and measures.

    Parameters
    ----------
    path : str or path-like
    plan : str or path-like or None
        The planned mission; by default a plan of the same name beside the log.

    Raises
    ------
    PlanError
        If the plan that was named cannot be read.
    DecodeError, SourceError
        As ``decode`` does.
    """
    return list(judge_log(path, plan).sorties)


def judge_log(
    path: "AnyPath", plan: "AnyPath | None" = None, *, with_tracks: bool = False
) -> JudgedLog:
    """Judge a log and keep what is said of it: reference, receipt, vehicle, sorties.

    Parameters
    ----------
    path : str or path-like
    plan : str or path-like or None
        By default a plan of the same name beside the log.
    """
    with stage("open") as now:
        source = open_source(path)
        registry.choose(source)  # first of all: a file that is no log needs nothing else
        now.note(bytes=len(source))
    named = Planned(str(plan), load_plan(plan)) if plan is not None else planned_beside(source.path)
    return judge_source(source, named, with_tracks=with_tracks)


def judge_source(source: Source, planned: Planned, *, with_tracks: bool = False) -> JudgedLog:
    """Judge bytes that are open already; ``source.path`` is the name they are reported under."""
    decoder = registry.choose(source)
    from flyoff.pipeline.judgement import judge_recording
    from flyoff.sorties.plan_fit import misfit

    with stage("decode", bytes=len(source)):
        raw = decoder.decode(source)
        recordings = decoder.normalise(raw)
    judged, warnings = [], list(planned.warnings)
    for recording in recordings:
        with stage("judge"):
            sorties = tuple(judge_recording(recording, planned.mission))
            warnings.append(misfit(recording, planned.mission))
            track = track_of(recording) if with_tracks else None
        judged.append(JudgedRecording(_bare(recording), len(recording.loaders), sorties, track))
        recording.forget()
    log = LogReference(source.path, source.sha256, raw.format, len(source))
    made = JudgedLog(log, raw.receipt, tuple(judged), planned.path, _each_once(warnings))
    note(log=log.sha256, problems=_problems(made), format=log.format, sorties=len(made.sorties))
    return made


def _each_once(warnings: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, warnings)))


def _problems(judged: JudgedLog) -> list[str]:
    """Kinds of what is wrong with a log, without a word of it."""
    status = str(judged.receipt.status)
    return [*([status] if status != "complete" else []), *(["plan"] if judged.warnings else [])]


def load_plan(plan: "AnyPath | Source") -> Mission:
    """Read a planned mission (QGC WPL 110 or QGC ``.plan``); PlanError if it is malformed."""
    from flyoff.decoders.plans import read_plan

    return read_plan(plan if isinstance(plan, Source) else open_source(plan))


def planned_beside(path: "AnyPath") -> Planned:
    """The plan of the same name beside a log; one that is broken is reported, not fatal."""
    beside = plan_beside(str(path))
    return planned_in(beside, beside) if beside is not None else Planned()


def planned_in(plan: str | Source, name: str) -> Planned:
    """The plan in a file or in bytes, under the name that it is reported by."""
    try:
        mission = load_plan(plan)
    except FlyoffError as error:
        return Planned(name, None, (f"plan not used: {error}",))
    return Planned(name, replace(mission, source=name))


def _bare(recording: Recording) -> Recording:
    """The recording without channels and parameters."""
    return Recording(
        recording.log,
        recording.vehicle,
        recording.start_us,
        recording.end_us,
        {},
        events=recording.events,
        mission=recording.mission,
        utc=recording.utc,
        boot=recording.boot,
        gaps=recording.gaps,
        notes=recording.notes,
        ends_cut=recording.ends_cut,
    )
