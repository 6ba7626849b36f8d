"""Scores of the whole picture over time: OSPA, GOSPA, SIAP with identities, CLEAR-MOT.

A report is put where its truth is at the middle of the scan, plus its own error: truth is brought
to the time of the report, never the reverse, and all scores see one instant. Traffic, reports that
are not scored and undeclared ones are left out; so are truths outside the protected volume.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from flyoff.errors import StatsError
from flyoff.trials.clear_mot import ClearMot, clear_mot
from flyoff.trials.following import Verdict
from flyoff.trials.gospa import gospa_over_time
from flyoff.trials.ospa import ospa_over_time
from flyoff.trials.scene import Association, Paths, Scene
from flyoff.trials.siap import IdMeasures, Siap, id_measures, siap
from flyoff.units import FloatArray, IntArray

if TYPE_CHECKING:
    from flyoff.pipeline.trial.evidence import Evidence

#: A picture of more cells than this is refused [tracks × scans].
_MOST_CELLS: Final = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """All set scores; series have one value for each scan.

    Attributes
    ----------
    time_s : float64, shape (scans,) [s, UNIX UTC]
    ospa, gospa : float64, shape (scans,) [m]
    localisation, missed, false : float64, shape (scans,) [m^p]
    siap : Siap
    identity : IdMeasures
    mot : ClearMot
    """

    time_s: FloatArray
    ospa: FloatArray
    gospa: FloatArray
    localisation: FloatArray
    missed: FloatArray
    false: FloatArray
    siap: Siap
    identity: IdMeasures
    mot: ClearMot


def picture(evidence: "Evidence") -> Picture:
    """Score the picture that a sensor gave."""
    scene, redundant, labels = scene_of(evidence)
    how = {"c": evidence.rules.cutoff_m, "p": evidence.rules.order}
    parts = gospa_over_time(scene, **how)
    whole = Scene(scene.times_s, scene.truths, scene.tracks, (*scene.associations, *redundant))
    truth_ids = {t.name: t.label for t in evidence.truths}
    return Picture(
        evidence.following.scans.middle_s,
        ospa_over_time(scene, **how),
        parts.distance,
        parts.localisation,
        parts.missed,
        parts.false,
        siap(whole),
        id_measures(whole, truth_ids, labels),
        clear_mot(scene),
    )


def scene_of(
    evidence: "Evidence",
) -> tuple[Scene, tuple[Association, ...], dict[str, list[str | None]]]:
    """The scene with one-to-one associations, those of second tracks, and declared classes."""
    f, reports = evidence.following, evidence.reports
    if not evidence.has_tracks:
        raise StatsError("reports carry no track id")
    if not f.scans.middle_s.size:
        raise StatsError("no run holds a scan")
    kept = (f.scan >= 0) & np.isin(
        f.verdict, [int(v) for v in (Verdict.FALSE, Verdict.TARGET, Verdict.REDUNDANT)]
    )
    kept &= np.isfinite(reports.position[:, 0]) & (reports.track >= 0)
    of_target = kept & (f.truth >= 0)
    # a target outside the volume is not scored, nor are the tracks on it
    kept[of_target] = f.opportunity[f.truth[of_target], f.scan[of_target]]
    rows = np.flatnonzero(kept)
    names, owner = np.unique(reports.track[rows], return_inverse=True)
    if names.size * f.scans.middle_s.size > _MOST_CELLS:
        raise StatsError(f"{names.size} tracks in {f.scans.middle_s.size} scans are too many")
    last = np.full((names.size, f.scans.middle_s.size), -1, dtype=np.int64)
    last[owner, f.scan[rows]] = rows  # in the order of time: the last report stands
    times = f.scans.middle_s - f.scans.middle_s[0]
    truths = np.where(f.opportunity[:, :, None], f.place[:, :, :2], np.nan)
    scene = Scene(
        times,
        Paths(tuple(t.name for t in evidence.truths), truths),
        Paths(tuple(reports.names[k] for k in names), _places(evidence, last)),
        _spans(evidence, last, times, names, int(Verdict.TARGET)),
    )
    second = _spans(evidence, last, times, names, int(Verdict.REDUNDANT))
    return scene, second, _labels(evidence, last, names)


def _places(evidence: "Evidence", last: IntArray) -> FloatArray:
    f = evidence.following
    there = last >= 0
    rows = last[there]
    truth, scan = f.truth[rows], f.scan[rows]
    own = truth >= 0
    place = evidence.reports.position[rows, :2].copy()
    moved = f.near.residual[rows[own], truth[own], :2] + f.place[truth[own], scan[own], :2]
    place[own] = moved
    out = np.full((*last.shape, 2), np.nan)
    out[there] = place
    return out


def _spans(
    evidence: "Evidence", last: IntArray, times: FloatArray, names: IntArray, verdict: int
) -> tuple[Association, ...]:
    """Unbroken stretches of a track on a truth."""
    f = evidence.following
    track, scan = np.nonzero(last >= 0)
    rows = last[track, scan]
    is_of = f.verdict[rows] == verdict
    track, scan, truth = track[is_of], scan[is_of], f.truth[rows[is_of]]
    if not track.size:
        return ()
    order = np.lexsort((scan, truth, track))
    track, scan, truth = track[order], scan[order], truth[order]
    period = f.scans.period[scan]
    new = np.ones(track.size, dtype=np.bool_)
    new[1:] = (
        (np.diff(track) != 0)
        | (np.diff(truth) != 0)
        | (np.diff(scan) != 1)
        | (np.diff(period) != 0)
    )
    first = np.flatnonzero(new)
    end = np.append(first[1:], track.size) - 1
    return tuple(
        Association(
            evidence.truths[truth[a]].name,
            evidence.reports.names[names[track[a]]],
            float(times[scan[a]]),
            float(times[scan[b]]),
        )
        for a, b in zip(first, end, strict=True)
    )


def _labels(evidence: "Evidence", last: IntArray, names: IntArray) -> dict[str, list[str | None]]:
    said = np.array([None if c == "none" else c for c in evidence.classes] + [None], dtype=object)
    return {
        evidence.reports.names[track]: said[row].tolist()
        for track, row in zip(names, last, strict=True)
    }
