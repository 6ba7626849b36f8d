"""Detectors asked about whole stories, here and elsewhere: a finding holds anywhere, any time."""

import pytest

from flyoff.detectors.base import Detector
from flyoff.model.finding import Answer, Assessment, Finding
from flyoff.sorties.segment import segment
from tests.scenarios.stories import Story

LATER_S = 2345.0


def assessed(detector: Detector, story: Story) -> Assessment:
    """The answer about the story's only sortie."""
    (flight,) = segment(story.recording(), story.mission(story.planned, "plan"))
    return detector.assess(flight)


def answer(detector: Detector, story: Story) -> Answer:
    return assessed(detector, story).answer


def found(detector: Detector, story: Story) -> Finding:
    """The only finding of the story; the same one is found elsewhere on the Earth, and later."""
    (finding,) = assessed(detector, story).findings
    (other,) = assessed(detector, story.moved(-41.3, 174.8, LATER_S)).findings
    assert other.onset_s == pytest.approx(finding.onset_s + LATER_S, abs=0.05)
    assert (other.severity, other.detail) == (finding.severity, finding.detail)
    assert finding.evidence, "a finding without evidence"
    assert finding.thresholds == detector.thresholds()
    return finding
