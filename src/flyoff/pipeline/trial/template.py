"""What ``flyoff trial init`` writes: a commented trial to fill in."""

from pathlib import Path
from typing import Final

from flyoff.errors import TrialError, reason_of
from flyoff.pipeline.trial.setup import CONFIGURATION

TEMPLATE: Final = """\
# A counter-drone trial: which sensors, which targets, when, and by which rules they are scored.
# Check it with: flyoff trial check .      All times are UTC. Decide the rules before you look.

[trial]
name = "Spring trial"
scenario = "airport"            # a scenario of CWA 18150
date = 2026-05-04               # for times without a date, here and in the sensors' files
level = 0.90                    # of all intervals

[site]                          # origin of all metres
lat = 47.000000
lon = 8.000000
height_m = 500.0                # of the ground, above the WGS-84 ellipsoid
geoid_m = 48.0                  # height of mean sea level above the ellipsoid here

[volume]                        # what is to be protected; only here is a target to be seen
radius_m = 2000.0
floor_m = 0.0                   # above the site
ceiling_m = 300.0

[gate]                          # how near a report must be to a target to be of it
metres = 60.0
# mahalanobis = 9.2103          # instead, where the sensor claims its spread: 99 % in the plane

[declaration]                   # a track counts once it had so many reports within so long
reports = 1
within_s = 10.0

[scoring]
hysteresis = 0.3                # how much cheaper it is to keep a pair than to make a new one
cutoff_m = 60.0                 # c of OSPA and GOSPA
order = 2                       # p
line_m = 500.0                  # an alert must come before the target is nearer than this

[sensors.radar]
about = "surveillance radar of the first maker"
files = ["radar.jsonl"]         # sapient, asterix, cot, remote_id, or csv with a mapping
# format = "sapient"            # found out by default
# columns = "radar.columns.toml"
lat = 47.000000
lon = 8.000000
height_m = 502.0
update_s = 1.0                  # one look; found out from the reports by default
delay_s = 0.0                   # to the operator, where reports do not say when they arrived
clock = { mode = "estimate", search_s = 30.0 }   # or { mode = "trusted", uncertainty_s = 0.01 }
labels = { "UAV Rotary Wing" = "rotary wing", "Bird" = "bird" }
alert_labels = ["rotary wing"]  # classes that are an alert; without it every declaration is one

[targets.alpha]
log = "flights/alpha.BIN"       # a flight log of any format
label = "rotary wing"           # its true class
# start_utc = 2026-05-04T10:00:00Z   # where the log itself knows no UTC

# [[traffic]]                   # other aircraft, so that reports of them are not called false
# file = "adsb.ast"

[[runs]]
name = "run 1"
start = 10:00:00
end = 10:06:00
targets = ["alpha"]

[[target_free]]                 # time without a target: here false tracks are counted
name = "quiet 1"
start = 10:10:00
end = 11:10:00

# [[defeats]]                   # what the cards say of defeat attempts
# time = 10:04:10
# effector = "jammer A"
# target = "alpha"
# result = "effective"          # or "not effective", "undetermined"

[[requirements]]
id = "seen"
measure = "detection_probability"
at_least = 0.90
confidence = 0.90

[[requirements]]
id = "quiet"
measure = "false_tracks_per_hour"
at_most = 2.0
"""


def write_template(folder: Path) -> Path:
    """Write the file; what is there already is never overwritten.

    Raises
    ------
    TrialError
        If it is there, or cannot be written.
    """
    target = folder / CONFIGURATION
    if target.exists():
        raise TrialError(f"{target}: is there already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        reason = reason_of(error)
        raise TrialError(f"{folder}: cannot be written: {reason}") from None
    return target
