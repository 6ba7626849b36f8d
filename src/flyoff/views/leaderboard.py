"""How well each candidate does: shares with intervals, and what could not be decided.

Which sorties count: ``not_flown`` does not, nor does an ``aborted`` sortie that never left the
ground, because nobody let the vehicle show what it can. ``failed_launch`` counts against launch
and against completion. ``undetermined`` counts against nobody: it stands apart and gives bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flyoff.campaign.flown import NONE, OUTCOMES, VALID
from flyoff.campaign.folder import Campaign
from flyoff.model.sortie import Outcome
from flyoff.stats.estimate import Estimate
from flyoff.stats.proportions import wilson
from flyoff.views.campaign import tally
from flyoff.views.candidates import NOBODY

LEVEL = 0.90
#: The same in words, to stand beside the figures.
COUNTING = (
    "Not flown does not count, nor does a sortie that its operator aborted on the ground. "
    "A failed launch counts against launch and completion. An abort in the air counts as launched "
    "and not completed. A card without a log counts by the test director's word, a review stands "
    "above the program, and what a card sets aside does not count. Undetermined sorties are left "
    "out of the estimate and give the bounds: "
    "all of them failures, or all of them successes."
)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the sorties that count.

    Attributes
    ----------
    successes, failures, undecided : int
    estimate : Estimate or None
        Over the decided sorties; None if there is none.
    worst, best : Estimate or None
        If everything undecided were a failure, or a success; equal to `estimate` if nothing is.
    """

    successes: int
    failures: int
    undecided: int
    estimate: Estimate | None
    worst: Estimate | None
    best: Estimate | None

    @property
    def decided(self) -> int:
        """Sorties that the estimate rests on."""
        return self.successes + self.failures


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate's line.

    Attributes
    ----------
    candidate : str
        Empty for the sorties that belong to no candidate.
    about : str
    sorties, counted : int
    outcomes : mapping of outcome to number of sorties
    launch : Share
        Properly under way, of the attempts.
    completion : Share
        Flown as planned, of the attempts.
    """

    candidate: str
    about: str
    sorties: int
    counted: int
    outcomes: dict[str, int]
    launch: Share
    completion: Share

    @property
    def not_counted(self) -> int:
        """Sorties that are no attempt."""
        return self.sorties - self.counted


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All candidates of a campaign, in the campaign's order.

    Attributes
    ----------
    name : str
        The campaign's.
    standings : tuple of Standing
        Sorties of no candidate come last, if there are any.
    cards_without_log : tuple of (card, log)
        Cards that count by their own word: their log is not in the store, or they name none.
    level : float
    """

    name: str
    standings: tuple[Standing, ...]
    cards_without_log: tuple[tuple[str, str], ...]
    level: float

    @property
    def cards_told(self) -> list[str]:
        """What to say of each card that has no log, as sentences without their full stop."""
        return [
            f"card {card}: its log {log} is not in the store"
            if log
            else f"card {card} names no log: it counts by what the card says"
            for card, log in self.cards_without_log
        ]


def leaderboard(store: str, campaign: Campaign, *, level: float = LEVEL) -> Leaderboard:
    """Count a store's sorties by candidate, with two-sided Wilson intervals.

    Parameters
    ----------
    store : str
    campaign : Campaign
    level : float
        Confidence of the intervals.
    """
    flown, count, matches = tally(store, campaign)
    names = [*((c.name, c.about) for c in campaign.candidates), (NOBODY, "")]
    standings = []
    for number, (name, about) in enumerate(names):
        mine = flown.candidate == (number if name != NOBODY else NONE)
        if mine.any() or name != NOBODY:
            kinds = [
                Kind(
                    OUTCOMES[outcome] if outcome != NONE else Outcome.UNDETERMINED,
                    bool(flew),
                    int(n),
                    valid == VALID,
                )
                for outcome, flew, n, valid in zip(
                    flown.outcome[mine].tolist(),
                    flown.flew[mine].tolist(),
                    count[mine].tolist(),
                    flown.disposition[mine].tolist(),
                    strict=True,
                )
            ]
            standings.append(standing(name, about, kinds, level))
    alone = [campaign.cards[i] for i in matches.without_log]
    without = tuple(sorted((card.card, card.log_name) for card in alone))
    return Leaderboard(campaign.name, tuple(standings), without, level)


def counts_as_attempt(outcome: str, flew: bool) -> bool:
    """Whether a sortie says anything about the vehicle.

    Examples
    --------
    >>> counts_as_attempt("not_flown", False), counts_as_attempt("aborted", False)
    (False, False)
    >>> counts_as_attempt("aborted", True), counts_as_attempt("failed_launch", False)
    (True, True)
    """
    if outcome == Outcome.NOT_FLOWN:
        return False
    return outcome != Outcome.ABORTED or flew


def was_launched(outcome: str, flew: bool) -> bool | None:
    """Whether an attempt got properly under way; None if the log does not tell.

    Examples
    --------
    >>> was_launched("crashed", True), was_launched("failed_launch", False)
    (True, False)
    >>> was_launched("undetermined", True), was_launched("undetermined", False)
    (True, None)
    """
    if outcome == Outcome.UNDETERMINED:
        return True if flew else None
    return outcome != Outcome.FAILED_LAUNCH


def was_completed(outcome: str) -> bool | None:
    """Whether an attempt ended as planned; None if the log does not tell."""
    return None if outcome == Outcome.UNDETERMINED else outcome == Outcome.COMPLETED


def share_of(successes: int, failures: int, undecided: int, level: float) -> Share:
    """A share with its interval and its bounds.

    Examples
    --------
    >>> share = share_of(4, 1, 1, 0.90)
    >>> share.estimate.value, round(share.worst.value, 3), round(share.best.value, 3)
    (0.8, 0.667, 0.833)
    """
    decided, everything = successes + failures, successes + failures + undecided
    if not everything:
        return Share(0, 0, 0, None, None, None)
    return Share(
        successes,
        failures,
        undecided,
        wilson(successes, decided, level=level) if decided else None,
        wilson(successes, everything, level=level),
        wilson(successes + undecided, everything, level=level),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """Sorties that are alike: how they ended, whether they left the ground, how many.

    Attributes
    ----------
    outcome : str
    flew : bool
    n : int
    counts : bool
        False where a card sets them aside.
    """

    outcome: str
    flew: bool
    n: int
    counts: bool = True


def standing(name: str, about: str, kinds: Sequence[Kind], level: float) -> Standing:
    """A candidate's line."""
    outcomes: dict[str, int] = {}
    launched: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    completed: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    for one in kinds:
        outcomes[one.outcome] = outcomes.get(one.outcome, 0) + one.n
        if one.counts and counts_as_attempt(one.outcome, one.flew):
            launched[was_launched(one.outcome, one.flew)] += one.n
            completed[was_completed(one.outcome)] += one.n
    return Standing(
        name,
        about,
        sum(outcomes.values()),
        sum(completed.values()),
        outcomes,
        share_of(launched[True], launched[False], launched[None], level),
        share_of(completed[True], completed[False], completed[None], level),
    )
