"""The tables of a store: their columns and types.

Integers are signed and times are int64, because Delta has neither unsigned integers nor
nanoseconds. Nested things (evidence, phases) are JSON text, which every engine can read. Each row
carries the log and the ingest that made it; a row counts only if ``logs`` names that pair.
"""

import pyarrow as pa

from flyoff.campaign.cards import COLUMNS
from flyoff.lake.parcel import PARCELS

_S, _I, _F, _B = pa.string(), pa.int64(), pa.float64(), pa.bool_()

#: Common to all tables: which log, and which ingest wrote the row.
_KEY = {"log_sha256": _S, "ingest_id": _S}

_COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "logs": {
        **_KEY,
        "path": _S,
        "format": _S,
        "bytes": _I,
        "decoded_bytes": _I,
        "skipped_bytes": _I,
        "status": _S,
        "receipt": _S,
        "recordings": _I,
        "sorties": _I,
        "plan_sha256": _S,
        "plan_path": _S,
        "warnings": _S,
        "ingested_us": _I,
        "rules_version": _S,
    },
    "recordings": {
        "recording_id": _S,
        **_KEY,
        "boot": _I,
        "vehicle_id": _S,
        "vehicle_kind": _S,
        "autopilot": _S,
        "firmware": _S,
        "frame": _S,
        "board": _S,
        "motors": _I,
        "is_simulated": _B,
        "start_us": _I,
        "end_us": _I,
        "utc_offset_us": _I,
        "utc_uncertainty_s": _F,
        "utc_source": _S,
        "channels": _I,
        "events": _I,
        "ends_cut": _B,
        "notes": _S,
    },
    "sorties": {
        "sortie_id": _S,
        **_KEY,
        "recording_id": _S,
        "vehicle_id": _S,
        "vehicle_kind": _S,
        "autopilot": _S,
        "firmware": _S,
        "outcome": _S,
        "confidence": _F,
        "cause": _S,
        "cause_class": _S,
        "cause_onset_s": _F,
        "cause_confidence": _F,
        "cause_chain": _S,
        "start_utc": _S,
        "start_s": _F,
        "end_s": _F,
        "airborne_s": _F,
        "evidence": _S,
        "not_assessed": _S,
        "phases": _S,
        "rules_version": _S,
    },
    "findings": {
        "sortie_id": _S,
        **_KEY,
        "kind": _S,
        "onset_s": _F,
        "end_s": _F,
        "severity": _S,
        "confidence": _F,
        "detail": _S,
        "evidence": _S,
        "thresholds": _S,
    },
    "measures": {"sortie_id": _S, **_KEY, "measure": _S, "value": _F, "unit": _S},
    "tracks": {
        "recording_id": _S,
        **_KEY,
        "t_us": _I,
        "lat": _F,
        "lon": _F,
        "alt_msl": _F,
        "height": _F,
        "velocity_north": _F,
        "velocity_east": _F,
        "velocity_down": _F,
        "roll": _F,
        "pitch": _F,
        "yaw": _F,
    },
}

SCHEMAS: dict[str, pa.Schema] = {
    name: pa.schema([pa.field(column, kind) for column, kind in columns.items()])
    for name, columns in _COLUMNS.items()
}
#: Everything that can be rebuilt from the raw logs, in the order of writing; ``logs`` comes after.
DERIVED = ("recordings", "sorties", "findings", "measures", "tracks")

#: What people wrote: never rebuilt, never overwritten, and no log vouches for it.
PEOPLE: dict[str, pa.Schema] = {
    "reviews": pa.schema(
        [
            pa.field("sortie_id", _S),
            pa.field("outcome", _S),
            pa.field("cause", _S),
            pa.field("cause_class", _S),
            pa.field("by", _S),
            pa.field("because", _S),
            pa.field("reviewed_us", _I),
        ]
    ),
    # a version of a table of cards, named by what its bytes hash to
    "cards": pa.schema(
        [
            pa.field("cards_sha256", _S),
            pa.field("line", _I),
            *(pa.field(name, _S) for name in COLUMNS),
        ]
    ),
    # a campaign as it was evaluated: both files, the document, and what the three hash to
    "campaigns": pa.schema(
        [
            pa.field("campaign_sha256", _S),
            pa.field("campaign", _S),
            pa.field("configuration", _S),
            pa.field("cards_sha256", _S),
            pa.field("cards", _I),
            pa.field("evaluation", _S),
            pa.field("recorded_us", _I),
        ]
    ),
}

#: Which recordings are of one flight: made from the tables above whenever something is new in them.
LINKED: dict[str, pa.Schema] = {
    "links": pa.schema(
        [
            pa.field("first_recording", _S),
            pa.field("second_recording", _S),
            pa.field("offset_us", _I),  # t_first = t_second + offset_us
            pa.field("uncertainty_s", _F),
            pa.field("likeness", _F),
            pa.field("by", _S),
        ]
    ),
    "same_sorties": pa.schema(
        [
            pa.field("sortie_id", _S),
            pa.field("counted_as", _S),
            pa.field("offset_us", _I),
            pa.field("uncertainty_s", _F),
            # what all accounts together say of the sortie that counts
            pa.field("outcome", _S),
            pa.field("confidence", _F),
            pa.field("cause", _S),
            pa.field("cause_class", _S),
            pa.field("cause_onset_s", _F),
            pa.field("cause_confidence", _F),
            pa.field("end_s", _F),
            pa.field("airborne_s", _F),
            pa.field("evidence", _S),
            pa.field("combined", _S),
        ]
    ),
    "examined": pa.schema([pa.field("recording_id", _S), pa.field("ingest_id", _S)]),
}

#: Which tables of a bundle a store keeps, beside its own and never in them.
IMPORTED_FROM = ("logs", "evidence", "sorties", "findings", "measures", "reviews")
_ORIGIN = [pa.field("origin", _S), pa.field("bundle_sha256", _S)]
#: Evidence of others; made when the first bundle comes, so that a store without is as it was.
IMPORTED: dict[str, pa.Schema] = {
    "imports": pa.schema(
        [
            *_ORIGIN,
            pa.field("campaign", _S),
            pa.field("policy", _S),
            pa.field("created_utc", _S),
            pa.field("keyids", _S),
            pa.field("imported_us", _I),
            pa.field("sorties", _I),
        ]
    ),
    **{f"imported_{name}": pa.schema([*_ORIGIN, *PARCELS[name]]) for name in IMPORTED_FROM},
}
