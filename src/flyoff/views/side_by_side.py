"""Two to eight sorties on one axis: where each one's zero lies, and what differs between them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Facts = dict[str, Any]

ARMING, TAKEOFF, FINDING = "arming", "takeoff", "finding:"


def side_by_side(
    sorties: Sequence[Facts],
    channels: Sequence[Sequence[str]],
    parameters: Sequence[Mapping[str, float]],
    align: str,
) -> Facts:
    """Lay sorties on one axis, in plain values.

    Parameters
    ----------
    sorties : sequence of mapping
        As ``sortie_facts`` gives them.
    channels : sequence of sequence of str
        What each one's log carries.
    parameters : sequence of mapping
        Of each log, at its start.
    align : str
        ``arming``, ``takeoff`` or ``finding:KIND``: what lies at 0 s.
    """
    kinds = [{f["kind"] for f in s["findings"]} for s in sorties]
    common = sorted(set.intersection(*kinds)) if kinds else []
    different, same = _parameters(parameters)
    return {
        "align": align,
        "alignments": [ARMING, TAKEOFF, *(f"{FINDING}{kind}" for kind in common)],
        "sorties": [
            {
                "row": own["row"],
                "zero_s": _zero(own, align),
                "start_s": own["start_s"],
                "end_s": own["end_s"],
                "phases": own["phases"],
                "findings": own["findings"],
                "measures": {m["measure"]: m["value"] for m in own["measures"]},
                "channels": list(names),
            }
            for own, names in zip(sorties, channels, strict=True)
        ],
        "parameters": different,
        "same_parameters": same,
        "units": {m["measure"]: m["unit"] for s in sorties for m in s["measures"]},
    }


def _zero(own: Facts, align: str) -> float | None:
    """The instant that is to lie at 0 s; None if the sortie has no such instant."""
    if align == ARMING:
        return float(own["start_s"])
    if align == TAKEOFF:
        flying = (p["start_s"] for p in own["phases"] if p["phase"] != "ground")
        return next(flying, None)
    kind = align.removeprefix(FINDING)
    return next((f["onset_s"] for f in own["findings"] if f["kind"] == kind), None)


def _parameters(all_of: Sequence[Mapping[str, float]]) -> tuple[list[Facts], int]:
    """Parameters that are not the same everywhere, and how many are."""
    different, same = [], 0
    for name in sorted({n for own in all_of for n in own}):
        values = [own.get(name) for own in all_of]
        known = [v for v in values if v is not None]
        alike = len(known) == len(values) and all(
            math.isclose(v, known[0], rel_tol=1e-6, abs_tol=1e-9) for v in known
        )
        if alike:
            same += 1
        else:
            shown = [float(v) if v is not None and math.isfinite(v) else None for v in values]
            different.append({"name": name, "values": shown})
    return different, same
