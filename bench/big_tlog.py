"""A large tlog, of one real log again and again."""

from pathlib import Path


def big_tlog(path: Path, source: Path, mb: int) -> None:
    """Write copies of a log one behind the other, as a merge of logs has them."""
    data = source.read_bytes()
    with path.open("wb") as out:
        for _ in range(mb * 1_000_000 // len(data) + 1):
            out.write(data)
