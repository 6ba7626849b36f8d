"""``flyoff report``: the command and its options. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded


@guarded
def report(
    campaign: Annotated[
        Path | None, typer.Argument(help="Folder of the campaign.", show_default=False)
    ] = None,
    store: Annotated[str, typer.Option("--store", "-s", help=STORE_HELP, show_default=False)] = ...,  # type: ignore[assignment]  # typer's way to say that an option is required
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The report: .pdf or .html.", show_default=False)
    ] = ...,  # type: ignore[assignment]  # as above
    sortie: Annotated[
        str, typer.Option("--sortie", help="Only the incident sheet of this sortie.")
    ] = "",
    candidate: Annotated[str, typer.Option("--candidate", help="Only this candidate.")] = "",
    template: Annotated[
        Path | None,
        typer.Option("--template", help="Folder whose parts replace those of the template."),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="en, de, uk, da or no.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Write the test report of a campaign, or the incident sheet of one sortie.

    PDF is PDF/A-2b and PDF/UA-1; the same input gives the same bytes. HTML is one file that needs
    nothing else. Every figure is one of campaign evaluate --json.

    \b
    Example:
        flyoff report trial/ --store store/ --out report.pdf
        flyoff report --sortie 17e55946 --store store/ --out sheet.pdf --lang de
    """
    from flyoff.cli.report_run import run_report

    return run_report(campaign, store, out, sortie, candidate, template, lang, json)
