"""Captures of real sensors decode to what their reference decoders say."""

import json
import re

import numpy as np
import pytest

from flyoff.trials import readers
from tests.shared import logs, needs_shared

NM, FOOT = 1852.0, 0.3048


def _shared(name: str) -> bytes:
    return next(p for p in logs("cuas") if p.name.endswith(name)).read_bytes()


@needs_shared
def test_radar_records_agree_with_the_reference_decoder() -> None:
    """Every number that CroatiaControl's decoder printed for the same capture."""
    read = readers.read(_shared("cat_034_048.pcap")).reports
    records = _shared("output_cat_034_048.txt").decode().split("Data Record")[1:]
    targets = [r for r in records if "Item 140" in r and "Item 040" in r]
    has_range = np.isfinite(read.numbers["range_m"])
    assert has_range.sum() == len(targets) > 50

    def printed(name: str, record: str) -> float:
        return float(re.search(rf"{name}: -?\d+ \((-?[\d.]+)", record).group(1))

    # the capture holds them in the order printed; reports are ordered by time
    rows = sorted(
        (printed("Time Of Day", r), printed("RHO", r), printed("THETA", r)) for r in targets
    )
    mine = read.take(has_range)
    got = sorted(
        zip(
            mine.time_s % 86_400,
            mine.numbers["range_m"] / NM,
            mine.numbers["azimuth_deg"],
            strict=True,
        )
    )
    np.testing.assert_allclose(np.array(got), np.array(rows), atol=1e-6)


@needs_shared
def test_system_tracks_agree_with_the_reference_decoder() -> None:
    read = readers.read(_shared("cat_062_065.pcap"))
    lines = _shared("cat_062_065_json.txt").decode().splitlines()
    said = [json.loads(line)["CAT062"] for line in lines if '"cat":62' in line]
    assert len(read.reports) == len(said)
    n, order = read.reports.numbers, [str(s["I040"]["TrkN"]) for s in said]
    assert read.reports.track.tolist() == order
    np.testing.assert_allclose(n["lat"], [s["I105"]["Lat"] for s in said], atol=1e-7)
    np.testing.assert_allclose(n["lon"], [s["I105"]["Lon"] for s in said], atol=1e-7)
    np.testing.assert_allclose(n["height_m"], [s["I130"]["Alt"] * FOOT for s in said])
    np.testing.assert_allclose(n["velocity_east"], [s["I185"]["Vx"] for s in said])
    np.testing.assert_allclose(n["time_s"] % 86_400, [s["I070"]["ToT"] for s in said])
    assert read.reports.texts["label"].tolist() == [s["I380"]["ID"]["ACID"].strip() for s in said]
    # the date is that of the capture, which is not in the records
    assert abs(n["time_s"] - n["declared_s"]).max() < 1.0


@needs_shared
def test_a_block_of_an_unknown_edition_is_a_gap_and_never_a_place() -> None:
    read = readers.read(_shared("sample_data_asterix.pcap"))
    assert read.account.status == "malformed"
    assert len(read.reports) == 0
    assert all("edition" in g.reason for g in read.account.gaps)


@needs_shared
def test_a_real_remote_id_capture() -> None:
    read = readers.read(_shared("parrot_anafi4_real.pcapng"))
    assert read.format == "remote_id"
    assert (len(read.reports), read.account.skipped_bytes) == (1140, 0)
    assert set(read.reports.track) == {"1588E040445AC004418"}
    n = read.reports.numbers
    assert (n["lat"][0], n["lon"][0]) == (47.1987103, 8.7302371)
    late = n["declared_s"] - n["time_s"]
    assert late.min() > -0.2
    assert late.max() < 3.0


@needs_shared
def test_a_spoofed_capture_of_the_older_protocol() -> None:
    read = readers.read(_shared("mavic_alessa_spoofed.pcapng"))
    assert set(read.reports.track) == {"K6RE0WENAH9P8QAL"}
    n = read.reports.numbers
    np.testing.assert_allclose(n["lat"], 12.0, atol=1e-5)
    np.testing.assert_allclose(n["lon"], 13.0, atol=1e-5)
    assert set(n["height_m"]) == {55.0}


@needs_shared
@pytest.mark.parametrize("name", ["cat_034_048.pcap", "mavic_alessa_spoofed.pcapng"])
def test_a_cut_capture_accounts_for_every_byte(name: str) -> None:
    data = _shared(name)
    for cut in range(24, len(data), len(data) // 12):
        read = readers.read(data[:cut], "asterix" if "cat" in name else "remote_id")
        account = read.account
        assert account.decoded_bytes + account.skipped_bytes == cut
        assert sum(g.bytes for g in account.gaps) == account.skipped_bytes
