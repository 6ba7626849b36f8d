"""A figure as a file of its own: the page's style with the colours of print written out."""

import re
from functools import cache
from importlib.resources import files

from flyoff.reports.figures.marks import sign_drawing
from flyoff.reports.markup import Html

#: Colours on white paper: told apart in grey too, since each also has its own shape or dash.
PRINT = {
    "ground": "#ffffff",
    "ink": "#1b1f24",
    "soft": "#4f5861",
    "faint": "#d3d9df",
    "wash": "#f2f4f6",
    "band": "#eceff2",
    "green": "#00664c",
    "blue": "#005b8e",
    "sky": "#3a7fae",
    "orange": "#8a5c00",
    "vermillion": "#b04000",
    "purple": "#8f4169",
    "plan": "#5d6670",
}
FONT = "'Libertinus Serif', 'DejaVu Sans Mono'"
#: Colour of an outcome or a verdict, by the name in `PRINT`.
SIGN_COLOURS = {
    "completed": "green",
    "returned": "sky",
    "aborted": "plan",
    "forced_landing": "orange",
    "failed_launch": "vermillion",
    "crashed": "vermillion",
    "wrong_destination": "purple",
    "flew_away": "purple",
    "undetermined": "blue",
    "not_flown": "soft",
    "met": "green",
    "missed": "vermillion",
    "undecided": "blue",
}


def standalone(drawing: Html, style: str = "") -> str:
    """The drawing with a name space and a style of its own; `style` is added to the figures'."""
    head, _, rest = drawing.partition(">")
    space = 'xmlns="http://www.w3.org/2000/svg"'
    return f"{head} {space}><style>{print_style()}{style}</style>{rest}"


@cache
def print_style() -> str:
    """Style sheet of figures with every colour written out."""
    text = (files("flyoff.reports") / "figures" / "figures.css").read_text(encoding="utf-8")
    return printed(f"text{{font-family:{FONT}}}{text}")


@cache
def printed(style: str) -> str:
    """A style sheet with every colour written out, on one line."""
    text = re.sub(r"/\*.*?\*/", "", style, flags=re.S)
    text = re.sub(r"var\(--([\w-]+)\)", lambda found: PRINT[found.group(1)], text)
    return re.sub(r"\s*\n\s*", "", text)


@cache
def sign_file(name: str) -> str:
    """The sign of an outcome or a verdict as a drawing of its own."""
    colour = PRINT[SIGN_COLOURS.get(name, "ink")]
    body = sign_drawing(name).replace(
        'class="hollow"', f'fill="none" stroke="{colour}" stroke-width="2.4"'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16" '
        f'fill="{colour}">{body}</svg>'
    )
