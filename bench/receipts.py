"""``python bench/receipts.py``: a receipt of every shared log, as ``docs/receipts.md``.

Format, status and gaps of each file under the shared ``logs`` folder that a decoder takes; files
that none takes are listed with what was said of them. Nothing on the page is typed in.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.decoders import RawLog, Source
from flyoff.errors import FlyoffError
from flyoff.pipeline import registry
from tests.shared import shared

PAGE = ROOT / "docs" / "receipts.md"
#: Folders of other things than logs of vehicles.
NOT_LOGS = frozenset({"mission", "cuas"})


def row(path: Path, raw: RawLog) -> str:
    """One line of the table."""
    r = raw.receipt
    assert r.decoded_bytes + r.skipped_bytes == r.bytes == path.stat().st_size
    reasons: dict[str, int] = {}
    for gap in r.gaps:
        reasons[gap.reason] = reasons.get(gap.reason, 0) + 1
    said = "; ".join(f"{n} × {reason}" for reason, n in list(reasons.items())[:3])
    if len(reasons) > 3 or r.gaps_omitted:
        said += " …"
    name = path.name if len(path.name) < 60 else f"…{path.name[-58:]}"
    return (
        f"| {name} | {raw.format} | {r.bytes:,} | {r.decoded_bytes:,} | {r.skipped_bytes:,} "
        f"| {r.status} | {r.messages:,} | {said.replace('|', '/')} |"
    )


def main() -> int:
    """Write the page; 1 without shared logs."""
    folder = shared()
    if folder is None:
        print("no shared logs: nothing written", file=sys.stderr)
        return 1
    lines, refused = [], []
    for path in sorted((folder / "logs").rglob("*")):
        if not path.is_file() or path.parent.name in NOT_LOGS or path.suffix == ".tsv":
            continue
        try:
            source = Source(str(path))
            lines.append(row(path, registry.choose(source).decode(source)))
        except FlyoffError as error:
            refused.append(f"- {path.name}: {str(error).replace(str(path), path.name)}")
    head = (
        "# Receipts of the shared logs\n\nWritten by `python bench/receipts.py`; nothing here is "
        "typed in. Every line satisfies `decoded + skipped == size`.\n\n"
        "| log | format | bytes | decoded | skipped | status | messages | gaps |\n"
        "|---|---|--:|--:|--:|---|--:|---|\n"
    )
    tail = "\n\n## Refused\n\n" + "\n".join(refused) if refused else ""
    PAGE.write_text(head + "\n".join(lines) + tail + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}: {len(lines)} receipts, {len(refused)} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
