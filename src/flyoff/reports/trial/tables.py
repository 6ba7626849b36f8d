"""Tables of the trial's page."""

from flyoff.reports.markup import Html, el
from flyoff.views.trial_words import Told


def table(told: Told, *, verdict: int = -1, faint: int = -1) -> Html:
    """A table; every cell is text.

    Parameters
    ----------
    told : Told
    verdict : int
        Column of a verdict, which has its colour; -1 for none.
    faint : int
        Column of intervals, set softly; -1 for none.
    """

    def shown(k: int, text: str) -> Html | str:
        if k == verdict:
            return el("span", {"class": f"v-{text}"}, text)
        return el("span", {"class": "interval"}, text) if k == faint and " to " in text else text

    rows = (
        el("tr", None, *(el("td", None, shown(k, text)) for k, text in enumerate(row)))
        for row in told.rows
    )
    head = el("thead", None, el("tr", None, *(el("th", None, h) for h in told.head)))
    return el("div", {"class": "scroll"}, el("table", None, head, el("tbody", None, *rows)))
