"""HTML and SVG elements that escape by default: what a log says can never become markup."""

import html
import re
from typing import Final

_NAME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9]*$")
_VOID: Final = frozenset({"meta", "br", "hr", "col"})
#: Neither HTML nor XML can carry these, not even escaped.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Value = str | float | int | None


class Html(str):
    """Text that is markup already; everything else is escaped when it becomes a child."""

    __slots__ = ()


def el(name: str, attributes: dict[str, Value] | None = None, *children: "str | None") -> Html:
    """One element; attributes that are None are left out, children that are None too.

    Examples
    --------
    >>> el("p", {"class": "note"}, "a < b", el("b", None, "c"))
    '<p class="note">a &lt; b<b>c</b></p>'
    """
    if not _NAME.match(name):
        raise ValueError(f"element name {name!r} is no plain word")
    given = "".join(
        f' {key}="{escape(_shown(value))}"'
        for key, value in (attributes or {}).items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: "str | None") -> Html:
    """Children one after the other, escaped unless they are markup."""
    return Html("".join(c if isinstance(c, Html) else escape(c) for c in children if c is not None))


def escape(text: str) -> str:
    r"""Text as it may stand in an element or an attribute.

    Examples
    --------
    >>> escape("<script>\x00'\"")
    '&lt;script&gt;�&#x27;&quot;'
    """
    return html.escape(_CONTROL.sub("\ufffd", str(text)), quote=True)


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
