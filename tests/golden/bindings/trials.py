"""METHODS 6: scores of tracks against truths, Remote ID, places in metres."""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from flyoff.model.frames import to_enu
from flyoff.trials import siap
from flyoff.trials.clear_mot import clear_mot
from flyoff.trials.gospa import gospa, gospa_over_time, switching_losses
from flyoff.trials.ospa import ospa
from flyoff.trials.remote_id import BasicId, Location
from flyoff.trials.remote_id.layout import ID_TYPES, STATUSES, UA_TYPES
from flyoff.trials.remote_id.quantities import UNKNOWN
from flyoff.trials.scene import Association, Paths, Scene, States, paths
from tests.golden.bindings.form import Figures, Inputs, Method


def _steps(i: Inputs) -> Iterator[tuple[str, Inputs]]:
    """A case is one scene, or one in each of its keys "step1", "step2"."""
    for key in sorted(k for k in i if re.fullmatch(r"step\d+", k)):
        yield key, {**i, **i[key]}


def _number(given: Any) -> float:
    return math.inf if given in ("inf", "Infinity") else float(given)


def _ospa(i: Inputs) -> dict[str, Any]:
    def one(scene: Inputs) -> float:
        return ospa(scene["truths"], scene["tracks"], c=i["c"], p=_number(i["p"])).distance

    steps = {key: one(scene) for key, scene in _steps(i)}
    return steps or {"distance": one(i)}


def _gospa(i: Inputs) -> dict[str, Any]:
    def one(scene: Inputs) -> dict[str, float]:
        alpha = float(i.get("alpha", 2.0))
        shown = gospa(scene["truths"], scene["tracks"], c=i["c"], p=i["p"], alpha=alpha)
        parts = {"localisation": shown.localisation, "missed": shown.missed, "false": shown.false}
        return {"distance": shown.distance, **parts}

    steps = {key: one(scene) for key, scene in _steps(i)}
    return steps or one(i)


def _missed_only(i: Inputs) -> dict[str, Any]:
    apart = 10.0 * i["c"]  # nobody near anybody else
    truths = [apart * k for k in range(i["n_truth"])]
    tracks = [apart * (k + 0.5) for k in range(i["n_tracks"])]
    return _gospa({**i, "truths": truths, "tracks": tracks})


def _by_path(given: Any) -> list[list[Any]]:
    """Positions of each path at each step, from a mapping, a list of paths or a list of steps."""
    rows = list(given.values()) if isinstance(given, dict) else given
    return [[_point(value) for value in row] for row in rows]


def _point(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [math.nan if v is None else float(v) for v in values]


def _by_steps(rows: list[list[Any]]) -> bool:
    """Two truths are never at one place all the time: rows that are all equal are the steps."""
    return len(rows) > 1 and all(row == rows[0] for row in rows)


def _switching(i: Inputs) -> dict[str, Any]:
    truths, tracks = _by_path(i["truths"]), _by_path(i["tracks"])
    if _by_steps(truths):
        truths, tracks = (
            [list(path) for path in zip(*rows, strict=True)] for rows in (truths, tracks)
        )
    times = np.arange(len(truths[0]), dtype=np.float64)
    scene = Scene(times, _plain(truths), _plain(tracks))
    shown = gospa_over_time(
        scene,
        c=i["c"],
        p=i["p"],
        alpha=float(i.get("alpha", 2.0)),
        switching_penalty=i["switching_penalty"],
    )
    names = ("distance", "localisation", "missed", "false", "switching")
    rows = zip(*(getattr(shown, name) for name in names), strict=True)
    return {
        f"step{n}": Figures(dict(zip(names, row, strict=True)), main="distance")
        for n, row in enumerate(rows, start=1)
    }


def _plain(rows: list[list[Any]]) -> Paths:
    return Paths(tuple(str(n) for n in range(len(rows))), np.array(rows, dtype=np.float64))


def _switching_sequence(i: Inputs) -> dict[str, Any]:
    losses = switching_losses(i["associations"], penalty=i["loss_factor"], p=i["p"])
    return {"loss": losses}


def _scene(i: Inputs) -> Scene:
    times = np.array(i["times"], dtype=np.float64)
    of = [
        paths(_states(times, i[kind], i.get(velocity)), times)
        for kind, velocity in (("truths", "truth_vel"), ("tracks", "track_vel"))
    ]
    return Scene(times, of[0], of[1], tuple(Association(*said) for said in i["associations"]))


def _states(times: Any, positions: dict[str, Any], velocities: Any) -> dict[str, States]:
    def rows(given: list[Any]) -> Any:
        width = max((len(row) for row in given if row is not None), default=1)
        return np.array([_point(row) if row is not None else [math.nan] * width for row in given])

    return {
        name: States(
            times[: len(given)], rows(given), rows(velocities[name]) if velocities else None
        )
        for name, given in positions.items()
    }


def _siap_counts(i: Inputs) -> dict[str, Any]:
    scene = _scene(i)
    counts, kept = siap.siap_counts(scene), siap.custody(scene)
    return {
        "truths_at_t": counts.truths,
        "associated_truths_at_t": counts.tracked_truths,
        "tracks_at_t": counts.tracks,
        "associated_tracks_at_t": counts.associated_tracks,
        "pos_error_sum_t0": counts.position_error[0],
        "vel_error_sum_t0": counts.velocity_error[0],
        "time_tracked": kept.tracked_s,
        "min_tracks_needed": kept.tracks_needed,
        "rate_track_number_change": kept.rate_of_track_number_change,
        "longest_track_on_truth": kept.longest_s,
    }


def _siap(i: Inputs) -> dict[str, Any]:
    shown = siap.siap(_scene(i))
    return {
        "completeness": shown.completeness,
        "ambiguity": shown.ambiguity,
        "spuriousness": shown.spuriousness,
        "position_accuracy": shown.position_accuracy,
        "velocity_accuracy": shown.velocity_accuracy,
        "rate_track_number_change": shown.rate_of_track_number_change,
        "longest_track_segment": shown.longest_track_segment,
    }


def _siap_at(i: Inputs) -> dict[str, Any]:
    shown = siap.siap_at_times(_scene(i))
    return {
        "completeness": shown.completeness,
        "ambiguity": shown.ambiguity,
        "spuriousness": shown.spuriousness,
        "position_accuracy": shown.position_accuracy,
        "velocity_accuracy": shown.velocity_accuracy,
    }


def _siap_id(i: Inputs) -> dict[str, Any]:
    shown = siap.id_measures(_scene(i), i["truth_id"], i["track_id"])
    return {
        "id_completeness": shown.completeness,
        "id_correctness": shown.correctness,
        "id_ambiguity": shown.ambiguity,
        "per_time": {
            "completeness": shown.completeness_at,
            "correctness": shown.correctness_at,
            "ambiguity": shown.ambiguity_at,
        },
    }


# The cases of CLEAR-MOT name states of the fixture of the SIAP cases instead of giving them.
_MOT_TIMES = np.arange(4.0)
_MOT_TRUTHS = {
    "t0": [[0, 0], [1, 1], [2, 2], [3, 3]],
    "t1": [[-2, -2], [-1, -1], [0, 0], [2, 2]],
    "t2": [[-1, 1], [0, 1], [1, 2], [3, 3]],
}
_MOT_TRACKS = {
    "k0": [[0.1, 0.1], [1.1, 1.1], [2.1, 2.1], [3.1, 3.1]],
    "k1": [[-2.5, -2.5], [-1.5, -1.5], [0.5, 0.5], [1.5, 1.5]],
    "k2": [[-1.99, 1.99], [0.999, 1.999], [1.99, 1.99], [2.99, 1.99]],
}
_SPLIT = re.compile(r"split|switch|swap|part|piece|cut|halves|mis-?match|k\d[-_]?[ab]\b", re.I)


def _clear_mot(i: Inputs) -> dict[str, Any]:
    text = i["fixture"]
    truths = sorted(set(re.findall(r"\bt\d", text)))
    tracks = sorted(set(re.findall(r"\bk\d", text)))
    matched = dict(re.findall(r"\b(t\d)\s*(?:-|with|by|to|/|matched\s+\w+)\s*(k\d)", text))
    if not matched:
        raise ValueError(f"fixture {text!r} names no truth with its track")
    if "t1" not in truths and re.search(r"miss(?!-?match)", text, re.I):
        truths.append("t1")
    if "k1" not in tracks and re.search(r"false|unmatched track", text, re.I):
        tracks.append("k1")
    held = {name: States(_MOT_TIMES, np.array(_MOT_TRACKS[name], float)) for name in tracks}
    said = []
    for truth, track in matched.items():
        if track == "k0" and _SPLIT.search(text):
            whole = held.pop(track)
            for part, at in ((f"{track}-a", slice(0, 2)), (f"{track}-b", slice(2, 4))):
                held[part] = States(whole.t_s[at], whole.position[at])
                said.append(Association(truth, part, whole.t_s[at][0], whole.t_s[at][-1]))
        else:
            said.append(Association(truth, track, _MOT_TIMES[0], _MOT_TIMES[-1]))
    true = {name: States(_MOT_TIMES, np.array(_MOT_TRUTHS[name], float)) for name in truths}
    scene = Scene(_MOT_TIMES, paths(true, _MOT_TIMES), paths(held, _MOT_TIMES), tuple(said))
    shown = clear_mot(scene)
    return {"mota": shown.mota, "motp": shown.motp}


def _named(names: tuple[str, ...], given: Any) -> str:
    return names[given] if isinstance(given, int) else str(given).lower()


def _basic_id(i: Inputs) -> dict[str, Any]:
    who = BasicId(
        _named(ID_TYPES, i["id_type"]), _named(UA_TYPES, i["ua_type"]), i["uas_id"].encode()
    )
    return {"hex": who.encode().hex()}


# a case's name of a quantity, ours, and what stands for unknown
_LOCATION = {
    "direction": ("direction_deg", "direction"),
    "speed_h": ("ground_speed_m_s", "ground_speed"),
    "speed_v": ("vertical_speed_m_s", "vertical_speed"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "longitude"),
    "alt_baro": ("pressure_altitude_m", "height"),
    "alt_geo": ("ellipsoid_height_m", "height"),
    "height_agl": ("height_m", "height"),
    "height": ("height_m", "height"),
    "h_acc_m": ("horizontal_accuracy_m", ""),
    "v_acc_m": ("vertical_accuracy_m", ""),
    "baro_acc_m": ("pressure_accuracy_m", ""),
    "speed_acc": ("speed_accuracy_m_s", ""),
    "ts_acc": ("time_accuracy_s", ""),
    "timestamp": ("hour_time_s", "hour_time"),
}


def _location(i: Inputs) -> dict[str, Any]:
    """The cases have numbers for what is not known; our messages have None."""
    given: dict[str, Any] = {"status": _named(STATUSES, i.get("status", "undeclared"))}
    nowhere = not i.get("lat") and not i.get("lon")
    for name, (ours, unknown) in _LOCATION.items():
        if name in i and not (name in ("lat", "lon") and nowhere):
            sentinel = name not in ("lat", "lon") and i[name] == UNKNOWN.get(unknown)
            given[ours] = None if sentinel else i[name]
    if "height_agl" in i:
        given["height_reference"] = "ground"
    message = Location(**given).encode()
    read = Location.decode(message)
    decoded = {
        name: UNKNOWN.get(unknown) if getattr(read, ours) is None else getattr(read, ours)
        for name, (ours, unknown) in _LOCATION.items()
    }
    return {"hex": message.hex(), "decoded": {**decoded, "status": read.status}}


def _enu(i: Inputs) -> dict[str, Any]:
    east, north, up = to_enu(i["lat"], i["lon"], i["alt"], tuple(i["ref"]))
    return {"e": east, "n": north, "u": up}


METHODS: dict[str, Method] = {
    "ospa": _ospa,
    "gospa_alpha2 (terms in units^p) ": _gospa,
    "gospa_missed_only": _missed_only,
    "gospa_switching": _switching,
    "switching_loss_sequence": _switching_sequence,
    "siap_counts": _siap_counts,
    "siap_time_range": _siap,
    "siap_at_times": _siap_at,
    "siap_id_metrics": _siap_id,
    "clear_mot": _clear_mot,
    "astm_f3411_basic_id_encode": _basic_id,
    "astm_f3411_location_encode_decode": _location,
    "geodetic_to_enu_wgs84": _enu,
}
