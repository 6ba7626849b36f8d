"""The receiver was drowned in noise: it says so, or behaves as only noise explains.

Receivers report interference themselves (jamming state, continuous-wave indicator, noise, gain
control). Where they do not, jamming shows in what they deliver: the fix comes and goes within
seconds, satellites drop and return, the accuracy estimate jumps by factors of ten and more, and
single fixes carry speeds no vehicle has (measured on simulated jamming: hundreds of m/s). Loss is
one clean fall instead, obstruction a slow one. Channels: ``gnss.fix`` and whatever else the
receiver gives. Blind spots: jamming that only costs satellites, without an indicator, is not told
from trees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData, NotApplicable
from flyoff.detectors.gnss_reception import GnssReception, reception
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import nanmedian
from flyoff.model.span import Span, spans
from flyoff.units import Ratio, Seconds


@dataclass(frozen=True, slots=True)
class GnssJamming(Detector):
    """Interference with the reception of satellites."""

    kind: ClassVar[Kind] = Kind.GNSS_JAMMING
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("gnss.fix",),)
    state: float = 3.0  # u-blox MON-HW jammingState: 3 critical, fix may be lost; 2 is a warning
    indicator: float = 150.0  # u-blox jamInd, 0 … 255; clean sites read below 60
    indicator_rise: float = 60.0  # above its own value at launch: antennas differ
    satellites_left: Ratio = 0.7  # an indicator alone is no jamming: satellites must suffer too
    hold_s: Seconds = 2.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        received = flight.once(reception)
        if received is None:
            raise InsufficientData("too few messages of the receiver")
        if not received.had_fix_at_launch:
            raise NotApplicable("the receiver had no fix when the vehicle set off")
        for span in received.erratic:
            yield self._erratic(received, span)
        if not received.erratic:
            yield from self._reported(flight, received)

    def _erratic(self, received: GnssReception, span: Span) -> Finding:
        window = slice(span.first, span.last + 1)
        count = int(received.contradictions[window].sum())
        lost = float(np.mean(~received.has_fix[window]))
        evidence = [
            Evidence(
                "reception breaks here",
                "gnss.fix",
                span.start_us / 1e6,
                float(received.fix[span.first]),
            ),
            Evidence(
                "contradictions (fix or accuracy flips, impossible speeds)",
                "gnss.fix",
                span.end_us / 1e6,
                float(count),
                4.0,
            ),
            Evidence("share of messages without a fix", "gnss.fix", span.end_us / 1e6, lost),
        ]
        return self.finding(
            span.start_us, span.end_us, Severity.CRITICAL, evidence, confidence=0.95
        )

    def _reported(self, flight: Flight, received: GnssReception) -> Iterator[Finding]:
        state = flight.get("gnss.jam_state")
        if state is not None:
            inside = flight.mask_under_way(state.t_us)
            for span in spans(
                state.t_us, (state.values >= self.state) & inside, hold_s=self.hold_s
            ):
                yield self._indicated(state, span, self.state)
        indicator = flight.get("gnss.jam_indicator")
        satellites = flight.get("gnss.satellites")
        if indicator is None or satellites is None:
            return
        before = indicator.values[indicator.t_us <= (flight.takeoff_us or flight.start_us)]
        usual = nanmedian(before) if np.isfinite(before).any() else 0.0
        limit = max(self.indicator, usual + self.indicator_rise)
        few = satellites.at(indicator.t_us) <= self.satellites_left * received.satellites_at_launch
        high = (indicator.values >= limit) & few & flight.mask_under_way(indicator.t_us)
        for span in spans(indicator.t_us, high, hold_s=self.hold_s, bridge_s=6.0):
            yield self._indicated(indicator, span, limit)

    def _indicated(self, channel: Channel, span: Span, limit: float) -> Finding:
        worst = span.first + int(np.nanargmax(channel.values[span.first : span.last + 1]))
        evidence = [
            Evidence(
                "the receiver itself reports interference",
                channel.name,
                float(channel.t_us[worst] / 1e6),
                float(channel.values[worst]),
                limit,
            )
        ]
        return self.finding(span.start_us, span.end_us, Severity.WARNING, evidence, confidence=0.8)
