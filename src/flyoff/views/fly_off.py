"""A whole fly-off as page and command line show it: the leaderboard and every sortie."""

from dataclasses import dataclass
from os import PathLike

from flyoff.campaign.folder import read_campaign
from flyoff.views.leaderboard import LEVEL, Leaderboard, leaderboard
from flyoff.views.sortie import SortieDetail, sortie_details


@dataclass(frozen=True, slots=True, eq=False)
class FlyOff:
    """What a store says of a campaign.

    Attributes
    ----------
    store : str
    board : Leaderboard
    sorties : tuple of SortieDetail, oldest first
    """

    store: str
    board: Leaderboard
    sorties: tuple[SortieDetail, ...]


def read_fly_off(store: str, campaign: str | PathLike[str], *, level: float = LEVEL) -> FlyOff:
    """Read a fly-off.

    Parameters
    ----------
    store : str
    campaign : path-like
        A campaign folder: which sortie belongs to whom.
    level : float
        Confidence of the intervals.
    """
    said = read_campaign(campaign)
    board = leaderboard(store, said, level=level)
    return FlyOff(store, board, tuple(sortie_details(store, said)))
