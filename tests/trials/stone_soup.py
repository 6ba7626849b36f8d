"""A scene as Stone Soup takes it, and its scores; imported only where Stone Soup is installed."""

import datetime

import numpy as np
import pytest

pytest.importorskip("stonesoup", reason="Stone Soup is not installed: pip install stonesoup")

from stonesoup.measures import Euclidean
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.types.association import AssociationSet, TimeRangeAssociation
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import State
from stonesoup.types.time import TimeRange
from stonesoup.types.track import Track

START = datetime.datetime(2026, 1, 1)


def _at(seconds):
    return START + datetime.timedelta(seconds=float(seconds))


def measures(scene):
    """Distances of positions, and of velocities, which follow them in a state."""
    d = scene.truths.position.shape[2]
    return Euclidean(tuple(range(d))), Euclidean(tuple(range(d, 2 * d)))


def manager_of(scene, generator):
    def states(held, row, kind):
        for t, position, velocity in zip(
            scene.times_s, held.position[row], held.velocity[row], strict=True
        ):
            if not np.isnan(position).any():
                yield kind([*position, *velocity], timestamp=_at(t))

    truths = {
        name: GroundTruthPath(list(states(scene.truths, row, GroundTruthState)))
        for row, name in enumerate(scene.truths.names)
    }
    tracks = {
        name: Track(list(states(scene.tracks, row, State)))
        for row, name in enumerate(scene.tracks.names)
    }
    manager = MultiManager([generator])
    # a list, not a set: the order decides between assignments of equal cost
    manager.add_data({"groundtruth_paths": list(truths.values()), "tracks": list(tracks.values())})
    manager.association_set = AssociationSet(
        {
            TimeRangeAssociation(
                {truths[a.truth], tracks[a.track]}, TimeRange(_at(a.start_s), _at(a.end_s))
            )
            for a in scene.associations
        }
    )
    return manager


def scores(scene, *, c, p, switching_penalty):
    """SIAP, OSPA and GOSPA of a scene, in one figure each."""
    position, velocity = measures(scene)
    generators = (
        SIAPMetrics(position_measure=position, velocity_measure=velocity),
        OSPAMetric(c=c, p=p, measure=position),
        GOSPAMetric(c=c, p=p, switching_penalty=switching_penalty, measure=position),
    )
    siap, ospa, gospa = (g.compute_metric(manager_of(scene, g)) for g in generators)
    return {
        "completeness": next(m.value for m in siap if m.title == "SIAP Completeness"),
        "mean OSPA": float(np.mean([m.value for m in ospa.value])),
        "mean GOSPA": float(np.mean([m.value["distance"] for m in gospa.value])),
    }
