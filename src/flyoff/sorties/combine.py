"""Several accounts of one sortie made one: the fullest leads, the others settle what it cannot.

The leading account is the onboard log's. It keeps its outcome wherever it has one; a log that
stops in the air has none, and then the ground station that saw the landing, or the crash, decides.
What the others say is moved to the leading log's clock, and says from where it comes and how well
the clocks are known to agree.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flyoff.model.finding import Evidence, Finding, Kind
from flyoff.model.sortie import Cause, CauseLink, Outcome, Phase, Sortie
from flyoff.sorties.cause import CAN_LEAD_TO

#: What an account does not decide by.
_SILENT = frozenset({Outcome.UNDETERMINED, Outcome.NOT_FLOWN})
#: Seen only from the other end of the link.
_SEEN_FROM_THE_GROUND = frozenset({Kind.DATALINK_LOSS})
#: Below this confidence an outcome is not stated (`sorties.outcome`).
_STATED = 0.5
#: Arming is noted at its own pace by each recorder [s].
_SLACK_S = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """What another recording says of the sortie.

    Attributes
    ----------
    sortie : Sortie
        On its own log's clock.
    offset_us : int [µs]
        Leading clock = its clock + offset.
    uncertainty_s : float [s]
    """

    sortie: Sortie
    offset_us: int
    uncertainty_s: float

    @property
    def name(self) -> str:
        """File names of the logs behind it."""
        return ", ".join(os.path.basename(s) for s in self.sortie.sources) or self.sortie.id

    @property
    def moved(self) -> Sortie:
        """The sortie on the leading log's clock."""
        return moved(self.sortie, self.offset_us / 1e6)


def combine(leading: Sortie, accounts: Sequence[Account]) -> Sortie:
    """One sortie of several accounts.

    Parameters
    ----------
    leading : Sortie
        Of the fullest recording; the result keeps its id and its clock.
    accounts : sequence of Account
        Of the other recordings, the better ones first.

    Returns
    -------
    Sortie
        ``sources`` lists all logs.
    """
    made = leading
    for account in accounts:
        made = _settled(made, account)
        made = _supplemented(made, account)
        sources = dict.fromkeys((*made.sources, *account.sortie.sources))
        made = replace(made, sources=tuple(sources))
    return made


def same_attempt(leading: Sequence[Sortie], account: Account) -> Sortie | None:
    """Which of the leading log's sorties another recording's is; None if it saw none of them."""
    other = account.moved
    slack = _SLACK_S + 3 * account.uncertainty_s
    together = [
        (min(s.end_s, other.end_s) - max(s.start_s, other.start_s), -i)
        for i, s in enumerate(leading)
    ]
    if not together or max(together)[0] < -slack:
        return None
    return leading[-max(together)[1]]


def moved(sortie: Sortie, by_s: float) -> Sortie:
    """The same sortie on another clock: all instants later by so many seconds."""

    def shifted(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
        return tuple(e if e.t_s is None else replace(e, t_s=e.t_s + by_s) for e in evidence)

    cause = sortie.cause
    if cause is not None:
        chain = tuple(CauseLink(k.t_s + by_s, k.says, k.kind) for k in cause.chain)
        cause = replace(cause, onset_s=cause.onset_s + by_s, chain=chain)
    findings = tuple(
        replace(f, onset_s=f.onset_s + by_s, end_s=f.end_s + by_s, evidence=shifted(f.evidence))
        for f in sortie.findings
    )
    return replace(
        sortie,
        start_s=sortie.start_s + by_s,
        end_s=sortie.end_s + by_s,
        evidence=shifted(sortie.evidence),
        cause=cause,
        findings=findings,
        phases=tuple(Phase(p.phase, p.start_s + by_s, p.end_s + by_s) for p in sortie.phases),
    )


# outcome ------------------------------------------------------------------------------------------


def _settled(made: Sortie, account: Account) -> Sortie:
    """The outcome after hearing another account."""
    other = account.moved
    if other.outcome in _SILENT:
        return made
    if made.outcome is Outcome.UNDETERMINED:
        return _decided_by(made, other, account)
    if made.outcome is other.outcome:
        sure = max(made.confidence, other.confidence)
        return replace(
            made,
            confidence=sure,
            cause=made.cause or _sourced_cause(other.cause, account),
            evidence=(*made.evidence, Evidence(f"{account.name} shows the same outcome")),
        )
    if made.outcome is Outcome.NOT_FLOWN:
        return made  # what the vehicle itself was never told, nobody else knows better
    return _doubted(made, other, account)


def _decided_by(made: Sortie, other: Sortie, account: Account) -> Sortie:
    clock = Evidence(
        f"{account.name} goes on where this log does not decide; clocks agree within "
        f"± {account.uncertainty_s:.2f} s",
        None,
        other.end_s,
        account.uncertainty_s,
    )
    airborne = [a for a in (made.airborne_s, other.airborne_s) if a is not None]
    return replace(
        made,
        outcome=other.outcome,
        confidence=other.confidence,
        evidence=(*_sourced(other.evidence, account), clock, *made.evidence),
        cause=_sourced_cause(other.cause, account),
        end_s=max(made.end_s, other.end_s),
        airborne_s=max(airborne, default=None),
        phases=(*made.phases, *(p for p in other.phases if p.start_s >= made.end_s)),
    )


def _doubted(made: Sortie, other: Sortie, account: Account) -> Sortie:
    """Two accounts contradict: the leading one stands, by its share of what both are sure of."""
    share = made.confidence / max(made.confidence + other.confidence, 1e-9)
    says = f"{account.name} shows {str(other.outcome).replace('_', ' ')} instead"
    evidence = Evidence(says, None, other.end_s, other.confidence)
    confidence = max(share * made.confidence, _STATED) if made.confidence >= _STATED else share
    return replace(made, confidence=confidence, evidence=(*made.evidence, evidence))


def _sourced_cause(cause: Cause | None, account: Account) -> Cause | None:
    if cause is None:
        return None
    chain = tuple(replace(k, says=_from(k.says, account)) for k in cause.chain)
    return replace(cause, chain=chain)


# findings and measures ----------------------------------------------------------------------------


def _supplemented(made: Sortie, account: Account) -> Sortie:
    """What the leading log could not assess, or does not measure, from another account."""
    other = account.moved
    unknown = {n.kind for n in made.not_assessed}
    known = {f.kind for f in made.findings}
    wanted = unknown | (_SEEN_FROM_THE_GROUND - known)
    taken = [
        replace(f, evidence=_sourced(f.evidence, account), detail=_from(f.detail, account))
        for f in other.findings
        if f.kind in wanted
    ]
    findings = sorted((*made.findings, *taken), key=lambda f: f.onset_s)
    still = {n.kind for n in other.not_assessed} - {f.kind for f in taken}
    measures = {**other.measures, **{k: v for k, v in made.measures.items() if v is not None}}
    return replace(
        made,
        findings=tuple(findings),
        cause=made.cause or _explained(made, taken),
        not_assessed=tuple(n for n in made.not_assessed if n.kind in still),
        measures={k: measures[k] for k in (*made.measures, *other.measures)},
    )


def _explained(made: Sortie, taken: Sequence[Finding]) -> Cause | None:
    """A lost link explains a failsafe's return, if the leading log knows no cause."""
    if not _SEEN_FROM_THE_GROUND <= CAN_LEAD_TO.get(made.outcome, frozenset()):
        return None
    links = [f for f in taken if f.kind in _SEEN_FROM_THE_GROUND and f.onset_s <= made.end_s]
    if not links:
        return None
    first = min(links, key=lambda f: f.onset_s)
    chain = (
        CauseLink(
            first.onset_s, first.evidence[0].says if first.evidence else str(first.kind), first.kind
        ),
    )
    return Cause(first.kind, first.onset_s, 0.5 * first.confidence, "environment", chain)


def _sourced(evidence: Sequence[Evidence], account: Account) -> tuple[Evidence, ...]:
    return tuple(replace(e, says=_from(e.says, account)) for e in evidence)


def _from(says: str, account: Account) -> str:
    """The statement, and whose it is."""
    return f"{says} (from {account.name}, ± {account.uncertainty_s:.2f} s)" if says else says
