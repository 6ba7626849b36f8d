"""Fill the reference from the code, so that it cannot fall behind it.

A page asks for a part by a line ``<!-- flyoff: NAME -->``; see ``PARTS`` for the names.
"""

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from mkdocs.exceptions import PluginError

from flyoff.cli.main import app
from flyoff.detectors import builtin
from flyoff.measures import BUILTIN as MEASURES
from flyoff.model.catalogue import CATALOGUE

#: What a browser fetches by itself: everything with ``src``, and linked styles, fonts and icons.
LOADED = re.compile(
    r"""<(?!a\b)[a-z]+[^>]*\ssrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b(?=[^>]*rel=["']?(?:stylesheet|preload|preconnect|icon|dns-prefetch))"""
    r"""[^>]*href=["']?(?:https?:)?//[^>]*>"""
)
#: What the last part of a measure's name says.
UNITS = {"s": "s", "m": "m", "ms": "m/s", "deg": "°", "wh": "Wh", "mah": "mAh", "v": "V", "w": "W"}
UNITS |= {"a": "A", "ms2": "m/s²", "ohm": "Ω"}
MARK = re.compile(r"^<!-- flyoff: (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs calls this for each page before rendering."""
    return MARK.sub(lambda match: PARTS[match.group(1)](), markdown)


def on_post_build(config: Any, **_: Any) -> None:
    """Fail the build if any page would load something from another host."""
    for page in Path(config["site_dir"]).rglob("*.html"):
        loaded = LOADED.search(page.read_text(encoding="utf-8"))
        if loaded:
            raise PluginError(f"{page.name} asks another host: {loaded.group()[:120]}")


def commands() -> str:
    """Every command's own help."""
    root = typer.main.get_command(app)
    parts = [_help(root, "flyoff", root.context_class(root, info_name="flyoff"))]
    with root.context_class(root, info_name="flyoff") as context:
        parts += _below(root, "flyoff", context)
    return "\n\n".join(parts)


def _below(group: Any, title: str, context: Any) -> list[str]:
    """Help of every command of a group, and of the groups in it."""
    parts = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = type(context)(command, info_name=name, parent=context)
        parts.append(_help(command, f"{title} {name}", inner))
        if hasattr(command, "list_commands"):
            parts += _below(command, f"{title} {name}", inner)
    return parts


def _help(command: Any, title: str, context: Any) -> str:
    return f"## {title}\n\n```text\n{command.get_help(context).rstrip()}\n```"


def channels() -> str:
    """The catalogue, a table for each group."""
    groups: dict[str, list[str]] = {}
    for name, quantity in CATALOGUE.items():
        low, high = (f"{x:g}" for x in (quantity.low, quantity.high))
        row = f"| `{name}` | {quantity.unit or '–'} | {low} … {high} | {quantity.about} |"
        groups.setdefault(name.split(".")[0], []).append(row)
    head = "| Channel | Unit | Plausible | |\n|---|---|---|---|"
    return "\n\n".join(
        f"## {group}\n\n{head}\n" + "\n".join(rows) for group, rows in groups.items()
    )


def detectors() -> str:
    """Each detector: the idea of its module, what it needs and its thresholds."""
    parts = []
    for detector in builtin():
        idea = inspect.cleandoc(sys.modules[type(detector).__module__].__doc__ or "")
        needs = " or ".join(" and ".join(f"`{n}`" for n in group) for group in detector.needs)
        limits = ", ".join(f"`{n}` = {v:.4g}" for n, v in detector.thresholds().items())
        facts = f"Needs: {needs or 'events'}.  \nThresholds: {limits or 'none'}."
        parts.append(f"### `{detector.kind}`\n\n{idea}\n\n{facts}")
    return "\n\n".join(parts)


def measures() -> str:
    """Each measure with its unit and meaning."""
    rows = []
    for name, function in MEASURES.items():
        about = (function.__doc__ or "").strip().splitlines()[0]
        unit = UNITS.get(name.rsplit("_", 1)[-1], "")
        rows.append(f"| `{name}` | {unit} | {about} |")
    return "| Measure | Unit | |\n|---|---|---|\n" + "\n".join(rows)


def tables() -> str:
    """Columns and types of a store's tables."""
    from flyoff.lake.schema import LINKED, PEOPLE, SCHEMAS

    parts = []
    for name, schema in {**SCHEMAS, **LINKED, **PEOPLE}.items():
        rows = "\n".join(f"| `{field.name}` | {field.type} |" for field in schema)
        parts.append(f"### {name}\n\n| Column | Type |\n|---|---|\n{rows}")
    return "\n\n".join(parts)


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "channels": channels,
    "detectors": detectors,
    "measures": measures,
    "tables": tables,
}
