"""The closed lists in people's words, for whoever shows them."""

from typing import Any

from flyoff.campaign.requirement import CAUSE_CLASSES
from flyoff.lake.rows import unit_of
from flyoff.model.catalogue import CATALOGUE
from flyoff.model.finding import Kind, Severity
from flyoff.model.sortie import Outcome
from flyoff.views.one_sortie import measure_title
from flyoff.views.wording import plain

_PHASES = ("ground", "climb", "hover", "cruise", "descent", "moving", "flight")


def closed_lists(measures: tuple[str, ...]) -> dict[str, Any]:
    """Every closed list, in plain values.

    Parameters
    ----------
    measures : tuple of str
        That exist.
    """
    return {
        "outcomes": {str(o): plain(str(o)) for o in Outcome},
        "kinds": {str(k): plain(str(k)) for k in Kind},
        "phases": {p: p for p in _PHASES},
        "measures": {m: measure_title(m) for m in measures},
        "units": {name: q.unit for name, q in CATALOGUE.items()}
        | {m: unit_of(m) for m in measures},
        "cause_classes": list(CAUSE_CLASSES),
        "severities": [str(s) for s in Severity],
    }
