"""What the query reads: the larger of two values, and navigation that was denied."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from flyoff.campaign.folder import Campaign
from flyoff.campaign.requirement import Requirement
from flyoff.lake.query import connect
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from flyoff.views.campaign import read_flown
from tests.views import build

KEY = ("sortie_id", "log_sha256", "ingest_id")


def add(store: str, name: str, key: dict[str, str], **columns: object) -> None:
    schema = SCHEMAS[name]
    row = {f.name: ({**key, **columns}).get(f.name) for f in schema}
    Store(store).append(name, pa.Table.from_pylist([row], schema=schema))


def test_of_two_values_the_larger_one_counts_and_of_none_nothing(tmp_path: Path) -> None:
    store, campaign = build.flown(tmp_path)
    with connect(Store(store)) as db:
        rows = db.execute(f"SELECT {', '.join(KEY)} FROM sorties ORDER BY 1").fetchall()
    first, second = (dict(zip(KEY, row, strict=True)) for row in rows[:2])
    for value in (2.0, 7.0, 3.0):
        add(store, "measures", first, measure="arrival_error_m", value=value)
    add(store, "measures", second, measure="arrival_error_m", value=None)
    add(store, "findings", second, kind="gnss_jamming", severity="warning")
    add(store, "findings", second, kind="gnss_loss", severity="warning")
    wanted = (
        Requirement("a", "arrival_error_m", "at_most", 5.0, statistic="p90"),
        Requirement("g", "gnss_denied_survival", "at_least", 0.5),
    )
    whole = Campaign("t", campaign.candidates, campaign.cards, wanted)
    flown, _ = read_flown(store, whole)
    ids = list(flown.ids)
    arrival = flown.measures["arrival_error_m"]
    assert arrival[ids.index(first["sortie_id"])] == 7.0
    assert np.isnan(arrival[ids.index(second["sortie_id"])])
    assert flown.gnss_denied.tolist() == [i == second["sortie_id"] for i in ids]
