"""A shape, a colour and a word for every outcome and severity: never the colour alone."""

from flyoff.reports.markup import Html, el, join
from flyoff.views.wording import plain

#: Outcome to the drawing of its sign in a field of 16 x 16. Colours come from the style sheet.
#: A path is one word, which no line break may enter: hence the two long lines.
_SIGNS: dict[str, Html] = {
    "completed": el("circle", {"cx": 8, "cy": 8, "r": 6}),
    "returned": el("path", {"d": "M14 2 3 8l11 6z"}),
    "aborted": el("rect", {"x": 2.5, "y": 2.5, "width": 11, "height": 11}),
    "forced_landing": el("path", {"d": "M2 3h12L8 14z"}),
    "failed_launch": el("path", {"d": "M8 2l6.5 12h-13zM8 6.5 5.2 12h5.6z", "fill-rule": "evenodd"}),  # noqa: E501 - one word
    "crashed": el("path", {"d": "M3.5 1 8 5.5 12.5 1 15 3.5 10.5 8l4.5 4.5-2.5 2.5L8 10.5 3.5 15 1 12.5 5.5 8 1 3.5z"}),  # noqa: E501
    "wrong_destination": el("path", {"d": "M8 1l7 7-7 7-7-7z"}),
    "flew_away": el("path", {"d": "M1 3.5 6 8l-5 4.5zM8 1l7.5 7L8 15z"}),
    "undetermined": el(
        "path", {"d": "M4.3 5.6a3.7 3.7 0 1 1 5.6 3.1Q8 9.8 8 11.3M8 13.6v2", "class": "hollow"}
    ),
    "not_flown": el("circle", {"cx": 8, "cy": 8, "r": 5.5, "class": "hollow"}),
}  # fmt: skip
OUTCOMES = tuple(_SIGNS)
#: A verdict's sign: full, crossed, and half open.
_VERDICTS: dict[str, Html] = {
    "met": el("path", {"d": "M1.5 8.6 4 6l2.6 2.7L12.2 2.5l2.4 2.3L6.7 13.6z"}),
    "missed": _SIGNS["crashed"],
    "undecided": join(
        el("circle", {"cx": 8, "cy": 8, "r": 5.6, "class": "hollow"}),
        el("path", {"d": "M8 2.4a5.6 5.6 0 0 1 0 11.2z", "stroke": "none"}),
    ),
}


def sign_drawing(name: str) -> Html:
    """What the sign of an outcome or a verdict consists of, in a field of 16 x 16."""
    return _VERDICTS.get(name) or _SIGNS.get(name, _SIGNS["undetermined"])


def symbols() -> Html:
    """Every sign once, for ``use`` elements to refer to."""
    drawn = (
        el("symbol", {"id": f"sign-{name}", "viewBox": "0 0 16 16"}, drawing)
        for name, drawing in (_SIGNS | _VERDICTS).items()
    )
    return el("svg", {"class": "defs", "aria-hidden": "true"}, *drawn)


def sign(outcome: str) -> Html:
    """The sign of an outcome or a verdict, without its word."""
    name = outcome if outcome in _SIGNS | _VERDICTS else "undetermined"
    use = el("use", {"href": f"#sign-{name}"})
    return el(
        "svg", {"class": f"sign o-{name}", "viewBox": "0 0 16 16", "aria-hidden": "true"}, use
    )


def outcome_mark(outcome: str) -> Html:
    """Sign and word."""
    return el("span", {"class": "outcome"}, join(sign(outcome), plain(outcome)))


def severity_mark(severity: str) -> Html:
    """A severity as a word with its bars: one, two or three."""
    bars = {"info": "▏", "warning": "▏▏", "critical": "▏▏▏"}.get(severity, "")
    name = severity if bars else "info"
    return el(
        "span", {"class": f"severity s-{name}"}, el("i", {"aria-hidden": "true"}, bars), severity
    )
