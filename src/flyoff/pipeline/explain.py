"""One log judged, with the signals kept beside each sortie: what explaining needs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flyoff.decoders import Receipt
from flyoff.model.flight import Flight
from flyoff.model.recording import LogReference
from flyoff.model.sortie import Sortie
from flyoff.pipeline import registry
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import Planned, load_plan, planned_beside

if TYPE_CHECKING:
    from flyoff.pipeline.steps import AnyPath


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedLog:
    """A log's sorties with the signals that they were judged by.

    Attributes
    ----------
    log : LogReference
    receipt : Receipt
    plan : str
        Path of the plan that the sorties were held against; empty if none.
    warnings : tuple of str
    sorties : tuple of (Flight, Sortie), in the order of the log
    """

    log: LogReference
    receipt: Receipt
    plan: str
    warnings: tuple[str, ...]
    sorties: tuple[tuple[Flight, Sortie], ...]


def explain_log(path: "AnyPath", plan: "AnyPath | None" = None) -> ExplainedLog:
    """Judge a log and keep the signals.

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
        If the log cannot be read.
    """
    from flyoff.pipeline.judgement import judge_flights
    from flyoff.sorties.plan_fit import misfit

    source = open_source(path)
    decoder = registry.choose(source)
    planned = (
        Planned(str(plan), load_plan(plan)) if plan is not None else planned_beside(source.path)
    )
    raw = decoder.decode(source)
    recordings = decoder.normalise(raw)
    judged = [pair for one in recordings for pair in judge_flights(one, planned.mission)]
    misfits = dict.fromkeys(filter(None, (misfit(one, planned.mission) for one in recordings)))
    log = LogReference(source.path, source.sha256, raw.format, len(source))
    return ExplainedLog(
        log, raw.receipt, planned.path, (*planned.warnings, *misfits), tuple(judged)
    )
