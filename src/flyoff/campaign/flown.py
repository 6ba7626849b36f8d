"""The sorties of a campaign as columns, and what each of them says about a requirement.

Which sorties count: ``not_flown`` does not, nor does an ``aborted`` sortie that never left the
ground, because nobody let the vehicle show what it can; nor one that a person set aside as no-test
or excluded, with a name and a reason. ``undetermined`` counts as neither: it gives the bounds.

Whose word counts: a review by a person, else the program's judgement, else, where that is
undetermined or there is no log, the test director's word on the card.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from flyoff.campaign.requirement import CAUSE_CLASSES, Requirement
from flyoff.errors import CampaignError
from flyoff.model.sortie import BAD_OUTCOMES, Outcome
from flyoff.units import BoolArray, FloatArray

#: Whole numbers as small as they can be: there may be millions of sorties.
Codes = npt.NDArray[np.signedinteger[Any]]

OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
CODE: dict[str, int] = {str(o): i for i, o in enumerate(OUTCOMES)}
VALID, NO_TEST, EXCLUDED = 0, 1, 2
NONE = -1
SUCCESS, FAILURE, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A property of each sortie that people group by.

    Attributes
    ----------
    codes : integer, shape (n,)
        Index into `names`; -1 where nobody wrote it down.
    names : tuple of str
    """

    codes: Codes
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flown:
    """All sorties of a campaign, in the order of time.

    Attributes
    ----------
    ids : sequence of str
        ``sortie_id`` of the store, or ``card:C001`` for a card without a log.
    candidate, vehicle : integer, shape (n,)
        Index into the campaign's candidates, -1 for nobody's; index into `vehicles`.
    vehicles : tuple of str
    judged, told, reviewed : integer, shape (n,)
        Outcome, as index into `OUTCOMES`, by the program, on the card, by a reviewer; -1: none.
    flew : bool, shape (n,)
        Known to have left the ground, or to have moved off.
    airborne_s : float64, shape (n,) [s]
    cause : integer, shape (n,)
        Class of the cause, as index into `CAUSE_CLASSES`; -1 if none is known.
    disposition : integer, shape (n,)
        `VALID`, `NO_TEST` or `EXCLUDED`.
    set_aside : mapping of row to text
        By whom and why a sortie does not count.
    gnss_denied : bool, shape (n,)
    labels : mapping of name to Label
        ``operator``, ``site``, ``configuration``, ``card``.
    measures : mapping of measure to float64, shape (n,)
        NaN where it could not be computed.
    outcome : integer, shape (n,)
        The outcome that counts: reviewed, else judged, else the card's word.
    """

    ids: Sequence[str]
    candidate: Codes
    vehicle: Codes
    vehicles: tuple[str, ...]
    judged: Codes
    told: Codes
    reviewed: Codes
    flew: BoolArray
    airborne_s: FloatArray
    cause: Codes
    disposition: Codes
    set_aside: Mapping[int, str] = field(default_factory=dict)
    gnss_denied: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    labels: Mapping[str, Label] = field(default_factory=dict)
    measures: Mapping[str, FloatArray] = field(default_factory=dict)
    outcome: Codes = field(init=False)

    @property
    def size(self) -> int:
        """How many sorties."""
        return int(self.candidate.size)

    def __post_init__(self) -> None:
        # asked for again and again; a million sorties take a while
        object.__setattr__(self, "outcome", _final(self.judged, self.told, self.reviewed))

    def of(self, candidate: int) -> "Flown":
        """The sorties of one candidate."""
        return self.rows(np.flatnonzero(self.candidate == candidate))

    def rows(self, at: Codes) -> "Flown":
        """Some rows, in the order given."""
        back = {int(row): i for i, row in enumerate(at)} if self.set_aside else {}
        return replace(
            self,
            ids=_Picked(self.ids, at),
            candidate=self.candidate[at],
            vehicle=self.vehicle[at],
            judged=self.judged[at],
            told=self.told[at],
            reviewed=self.reviewed[at],
            flew=self.flew[at],
            airborne_s=self.airborne_s[at],
            cause=self.cause[at],
            disposition=self.disposition[at],
            set_aside={back[r]: t for r, t in self.set_aside.items() if r in back},
            gnss_denied=self.gnss_denied[at] if self.gnss_denied.size else self.gnss_denied,
            labels={k: Label(v.codes[at], v.names) for k, v in self.labels.items()},
            measures={k: v[at] for k, v in self.measures.items()},
        )

    @property
    def attempts(self) -> BoolArray:
        """Which sorties say anything about the vehicle."""
        return np.asarray((self.disposition == VALID) & is_attempt(self.outcome, self.flew))


class _Picked(Sequence[str]):
    """Ids of some rows, looked up only when asked for."""

    def __init__(self, ids: Sequence[str], at: Codes) -> None:
        self._ids, self._at = ids, at

    def __len__(self) -> int:
        return int(self._at.size)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self._ids[int(i)] for i in self._at[row]]
        return self._ids[int(self._at[row])]


def one_of(outcome: Codes, words: Iterable[str]) -> BoolArray:
    """Whether each outcome is one of some; none of them, if it is not known."""
    table = np.zeros(len(OUTCOMES) + 1, dtype=np.bool_)
    table[[CODE[str(word)] for word in words]] = True
    return np.asarray(table[outcome])  # -1 takes the last


def is_attempt(outcome: Codes, flew: BoolArray) -> BoolArray:
    """Whether each sortie is an attempt, whatever people said of it."""
    grounded = (outcome == CODE["aborted"]) & ~flew
    return np.asarray((outcome != CODE["not_flown"]) & ~grounded)


def _final(judged: Codes, told: Codes, reviewed: Codes) -> Codes:
    undetermined = CODE["undetermined"]
    known = (judged != NONE) & (judged != undetermined)
    spoken = np.where(told != NONE, told, undetermined)
    return np.asarray(np.where(reviewed != NONE, reviewed, np.where(known, judged, spoken)))


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """What each sortie of one candidate says about one requirement.

    Attributes
    ----------
    rows : int64, shape (k,)
        Sorties that count, of the candidate's.
    result : int8, shape (k,)
        `SUCCESS`, `FAILURE` or `UNKNOWN`; for rates `FAILURE` is an event.
    hours : float64, shape (k,) [h]
        Exposure, for rates; empty otherwise.
    values : float64, shape (k,)
        For values; empty otherwise.
    left_out : mapping of reason to int64 rows
    """

    rows: Codes
    result: Codes
    hours: FloatArray
    values: FloatArray
    left_out: Mapping[str, Codes]

    def first(self, count: int) -> "Trials":
        """The first so many, in the order of time."""
        beyond = self.rows[count:]
        left_out = {**self.left_out, "flown after the planned number": beyond}
        return Trials(
            self.rows[:count],
            self.result[:count],
            self.hours[:count],
            self.values[:count],
            left_out if beyond.size else self.left_out,
        )


_NOT_LOST = ("completed", "returned", "aborted")
_ARRIVED = {"arrival_error_m": ("completed", "wrong_destination")}
_ARRIVED["landing_error_m"] = _ARRIVED["arrival_error_m"]
_COMPLETED_ONLY = ("endurance_s", "range_m", "energy_wh_per_km", "range_with_reserve_m")


def trials(flown: Flown, requirement: Requirement, *, is_told: bool = True) -> Trials:
    """Sort one candidate's sorties by what they say about a requirement.

    Parameters
    ----------
    flown : Flown
    requirement : Requirement
    is_told : bool
        False where nobody asks which sorties were left out before the measure was looked at.
    """
    left_out = _left_out(flown) if is_told else {}
    counts, values = flown.attempts, np.empty(0)
    form = requirement.definition.form
    if form == "value":
        every = value_of(flown, requirement)
        counts, result = _of_values(flown, requirement, every, left_out)
    else:
        result = _results(flown, requirement)
        for reason, mask in _population(flown, requirement).items():
            left_out[reason] = np.flatnonzero(counts & ~mask)
            counts = counts & mask
    rows = np.flatnonzero(counts)
    if form == "value":
        values = every[rows]
    hours = np.empty(0)
    if form in ("rate", "hours"):
        hours = flown.airborne_s[rows] / 3600.0
        hours[np.isnan(hours)] = 0.0
    shown = {reason: at for reason, at in left_out.items() if at.size}
    return Trials(rows, result[rows], hours, values, shown)


def _left_out(flown: Flown) -> dict[str, Codes]:
    outcome, valid = flown.outcome, flown.disposition == VALID
    return {
        "set aside as no-test": np.flatnonzero(flown.disposition == NO_TEST),
        "excluded": np.flatnonzero(flown.disposition == EXCLUDED),
        "not flown": np.flatnonzero(valid & (outcome == CODE["not_flown"])),
        "aborted on the ground": np.flatnonzero(valid & (outcome == CODE["aborted"]) & ~flown.flew),
    }


def _results(flown: Flown, requirement: Requirement) -> Codes:
    """Success, failure or unknown of every sortie, for whatever is no value."""
    outcome = flown.outcome
    unknown = outcome == CODE["undetermined"]
    name = requirement.measure
    if name == "launch_success":
        good, unknown = outcome != CODE["failed_launch"], unknown & ~flown.flew
    elif name in ("sortie_completion", "wind_endured"):
        good = outcome == CODE["completed"]
    elif name == "gnss_denied_survival":
        good = one_of(outcome, _NOT_LOST)
    elif name == "operator_caused_share":
        good, unknown = flown.cause == CAUSE_CLASSES.index("operator"), flown.cause == NONE
    elif name == "loss_rate_per_hour":
        good = ~one_of(outcome, ("crashed", "flew_away"))
    else:
        bad = one_of(outcome, BAD_OUTCOMES)
        if requirement.cause_class:
            wanted = CAUSE_CLASSES.index(requirement.cause_class)
            unknown = unknown | (bad & (flown.cause == NONE))
            bad = bad & (flown.cause == wanted)
        good = ~bad
    return np.where(unknown, UNKNOWN, np.where(good, SUCCESS, FAILURE)).astype(np.int8)


def _population(flown: Flown, requirement: Requirement) -> dict[str, BoolArray]:
    """Which attempts a measure is about, by the reason why the others are not."""
    name = requirement.measure
    if name == "gnss_denied_survival":
        denied = flown.gnss_denied if flown.gnss_denied.size else np.zeros(flown.size, np.bool_)
        return {"satellite navigation was not denied": denied}
    if name == "wind_endured":
        wind = _stored(flown, "wind_max_ms")
        return {
            "wind not measured": np.isfinite(wind),
            "less wind than required": np.nan_to_num(wind) >= requirement.wind_at_least_ms,
        }
    if name == "operator_caused_share":
        bad = one_of(flown.outcome, BAD_OUTCOMES)
        return {"did not fail": bad}
    return {}


def _of_values(
    flown: Flown, requirement: Requirement, values: FloatArray, left_out: dict[str, Codes]
) -> tuple[BoolArray, Codes]:
    """Which sorties a value is required of, and whether each keeps the limit."""
    outcome, counts = flown.outcome, flown.attempts
    unknown = outcome == CODE["undetermined"]
    name = requirement.measure
    if name in _ARRIVED:
        inside = one_of(outcome, _ARRIVED[name]) | unknown
        left_out["did not arrive"] = np.flatnonzero(counts & ~inside)
    elif name in _COMPLETED_ONLY:
        inside = (outcome == CODE["completed"]) | unknown
        left_out["not completed"] = np.flatnonzero(counts & ~inside)
    else:
        inside = flown.flew | unknown
        left_out["never under way"] = np.flatnonzero(counts & ~inside)
    kept = values <= requirement.limit
    if requirement.direction == "at_least":
        kept = values >= requirement.limit
    lacking = unknown | ~np.isfinite(values)
    if name == "link_range_m":  # censored: the link may carry farther than the sortie went
        lacking = lacking | (~kept & np.isnan(_stored(flown, "link_lost_m")))
    result = np.where(lacking, UNKNOWN, np.where(kept, SUCCESS, FAILURE)).astype(np.int8)
    return counts & inside, result


def value_of(flown: Flown, requirement: Requirement) -> FloatArray:
    """The number that a requirement looks at, of every sortie; NaN where it is not measured."""
    name = requirement.measure
    if name == "energy_wh_per_km":
        return _ratio(_stored(flown, "energy_wh"), _stored(flown, "distance_m") / 1000.0)
    if name == "range_with_reserve_m":
        used = 1.0 - _stored(flown, "battery_at_landing_share")
        return _ratio(_stored(flown, "distance_m") * (1.0 - requirement.reserve), used)
    source = requirement.definition.source
    if source == "airborne_s":
        return flown.airborne_s
    return _stored(flown, source) if source else np.full(flown.size, np.nan)


def stored_measures(requirement: Requirement) -> tuple[str, ...]:
    """Which measures of the store a requirement needs."""
    name = requirement.measure
    derived = {
        "energy_wh_per_km": ("energy_wh", "distance_m"),
        "range_with_reserve_m": ("distance_m", "battery_at_landing_share"),
        "wind_endured": ("wind_max_ms",),
        "link_range_m": ("link_held_m", "link_lost_m"),
    }
    source = requirement.definition.source
    return derived.get(name, (source,) if source and source != "airborne_s" else ())


def _stored(flown: Flown, name: str) -> FloatArray:
    return flown.measures.get(name, np.full(flown.size, np.nan))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    whole = np.full(above.size, np.nan)
    fits = np.isfinite(above) & (below > 1e-9)
    whole[fits] = above[fits] / below[fits]
    return whole


def outcome_code(word: str) -> int:
    """Index of an outcome; -1 for an empty word.

    Raises
    ------
    CampaignError
        For a word that is no outcome.
    """
    if not word:
        return NONE
    if word not in CODE:
        raise CampaignError(f"outcome {word!r} is none of {', '.join(CODE)}")
    return CODE[word]
