"""The machine contract holds whatever is in a sortie."""

import json

import numpy as np

from flyoff.decoders import Gap, Receipt, Status
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.recording import LogReference, Recording, Vehicle
from flyoff.model.sortie import Cause, CauseLink, NotAssessed, Outcome, Phase, Sortie
from flyoff.pipeline.contract import to_line
from flyoff.pipeline.steps import JudgedLog, JudgedRecording

NAN, INF = float("nan"), float("inf")


def _judged() -> JudgedLog:
    sortie = Sortie(
        id="a-0-1",
        start_s=float(np.float64(1.5)),
        end_s=NAN,
        start_utc=None,
        airborne_s=np.float32(2.5),
        outcome=Outcome.CRASHED,
        confidence=0.9,
        evidence=(Evidence("line\nbreak \udcff", "a", INF, np.float64(NAN), 1.0),),
        cause=Cause(Kind.IMPACT, -INF, 0.5, "environment", (CauseLink(1.0, "hit", Kind.IMPACT),)),
        findings=(Finding(Kind.IMPACT, 1.0, 2.0, Severity.CRITICAL, thresholds={"g": 3.0}),),
        not_assessed=(NotAssessed(Kind.GNSS_JAMMING, "no noise"),),
        phases=(Phase("climb", 1.0, 2.0),),
        measures={"distance_m": NAN, "energy_wh": None, "count": np.int64(3)},
    )
    log = LogReference("a\udcff.BIN", "ab", "built", 10)
    receipt = Receipt(10, 6, 4, Status.MALFORMED, (Gap(6, 4, "junk"),))
    recording = Recording(log, Vehicle(), 0, 1, {})
    named = Recording(log, Vehicle("ap:1", "boat"), 0, 1, {})
    parts = (JudgedRecording(recording, 0, ()), JudgedRecording(named, 0, (sortie,)))
    return JudgedLog(log, receipt, parts)


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def test_one_line_of_strict_json() -> None:
    line = to_line(_judged())
    assert "\n" not in line
    line.encode("ascii")
    content = json.loads(line, parse_constant=_refuse)
    (sortie,) = content["sorties"]
    assert content["log"]["path"] == "a\udcff.BIN"
    assert content["log"]["receipt"] == {
        "decoded_bytes": 6,
        "skipped_bytes": 4,
        "status": "malformed",
        "gaps": [{"offset": 6, "bytes": 4, "reason": "junk"}],
    }
    assert content["vehicle"]["id"] == "ap:1"
    assert (sortie["end_s"], sortie["airborne_s"]) == (None, 2.5)
    assert sortie["evidence"][0]["t_s"] is sortie["evidence"][0]["value"] is None
    assert sortie["cause"] == {
        "kind": "impact",
        "onset_s": None,
        "confidence": 0.5,
        "class": "environment",
        "chain": [{"t_s": 1.0, "says": "hit", "kind": "impact"}],
    }
    assert sortie["not_assessed"] == ["gnss_jamming"]
    assert sortie["not_assessed_reasons"] == {"gnss_jamming": "no noise"}
    assert sortie["measures"] == {"distance_m": None, "energy_wh": None, "count": 3}
