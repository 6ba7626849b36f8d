"""Make a bundle: redact, gather, attack the own tables, list, sign, write whole or not at all."""

import json
import re
import secrets as randomness
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from flyoff import __version__
from flyoff.campaign.flown import NONE, Flown
from flyoff.campaign.folder import Campaign
from flyoff.errors import ExchangeError
from flyoff.exchange.bundle.claim import sign_claim, stamp
from flyoff.exchange.bundle.crate import CRATE, crate
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, canonical, digest, line, manifest
from flyoff.exchange.bundle.reader import POLICY, open_bundle
from flyoff.exchange.bundle.treatment import Treatment, survivors
from flyoff.exchange.bundle.writer import write_bundle
from flyoff.exchange.keys import PrivateKey, PublicKey
from flyoff.exchange.redaction.policy import SHIPPED, Policy, parse
from flyoff.exchange.redaction.release import Release
from flyoff.exchange.redaction.sealed import read_secret
from flyoff.lake.home import StoreName
from flyoff.lake.imports import parcel_rows
from flyoff.lake.parcel import PARCELS, to_parquet
from flyoff.lake.store import Store
from flyoff.pipeline.bundle.evidence import (
    campaign_toml,
    cards_csv,
    evidence_rows,
    secrets_of,
)
from flyoff.pipeline.bundle.methods import METHODS
from flyoff.pipeline.bundle.report import report
from flyoff.pipeline.rewriting import Wish, rewrite_all

REPORT: Final = "report.html"
#: Files that are made of what people wrote, and so are searched for what was to go.
_ATTACKED: Final = ("campaign/", REPORT)
_VERDICT: Final = (
    "candidate requirement measure says unit limit direction confidence verdict because counts "
    "decides decides_about decides_limit decides_direction estimate worst best"
).split()


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a bundle is to be made.

    Attributes
    ----------
    out : Path
    policy : str
        A shipped policy's name, or a file.
    secret : Path
        Key of the pseudonyms; made if it is not there.
    logs : {"redacted", "digests"}
    name : str
        Of the campaign; empty to take its own, treated by the policy.
    licence : str
        Under which the evidence may be used.
    release : str
        Empty for one at random.
    created : datetime
    cosigners : tuple of PublicKey
        Who has to sign it as well before it counts.
    jobs : int or None
        Processes that redact logs; None for as many as the work is worth.
    """

    out: Path
    policy: str
    secret: Path
    logs: str = "digests"
    name: str = ""
    licence: str = ""
    release: str = ""
    created: datetime | None = None
    cosigners: tuple[PublicKey, ...] = ()
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """What was made.

    Attributes
    ----------
    path : Path
    sha256 : str
    bytes, files, sorties, logs : int
    signers : tuple of str
    problems : tuple of str
        Logs that could not be redacted, and why; they are there by digest.
    """

    path: Path
    sha256: str
    bytes: int
    files: int
    sorties: int
    logs: int
    signers: tuple[str, ...]
    problems: tuple[str, ...] = ()


def create(
    store: StoreName,
    campaign: Campaign,
    flown: Flown,
    evaluation: Mapping[str, Any],
    keys: Sequence[PrivateKey],
    wanted: Wanted,
) -> Created:
    """Make a bundle of a campaign's evidence.

    Parameters
    ----------
    store : str or path-like
    campaign : Campaign
    flown : Flown
        The campaign's sorties.
    evaluation : mapping
        What was evaluated of them.
    keys : sequence of PrivateKey
    wanted : Wanted

    Raises
    ------
    ExchangeError
        If anything stands in the way, or a word that was to go is still there; nothing is written.
    """
    if wanted.out.exists():
        raise ExchangeError(f"{wanted.out} is there already; nothing was written")
    if wanted.logs not in ("redacted", "digests"):
        raise ExchangeError(f"logs {wanted.logs!r}: expected redacted or digests")
    policy, policy_text = _policy(wanted.policy)
    secret, _ = read_secret(wanted.secret)
    salt = wanted.release or randomness.token_hex(8)
    treatment = Treatment(Release(policy, secret, salt))
    lake = Store(store)
    ids = [flown.ids[i] for i in np.flatnonzero(flown.candidate != NONE).tolist()]
    if not ids:
        raise ExchangeError("no sortie belongs to a candidate: there is no evidence to hand over")
    rows = parcel_rows(lake, ids)
    name = wanted.name or treatment.title("campaign", campaign.name)
    created = wanted.created or datetime.now(UTC)
    with tempfile.TemporaryDirectory() as scratch:
        redacted, problems = _redacted(wanted, rows, lake, treatment.release, Path(scratch))
        tables = _tables(rows, flown, campaign, treatment, redacted)
        small = {
            "campaign/campaign.toml": campaign_toml(campaign, name, treatment).encode(),
            "campaign/cards.csv": cards_csv(campaign, treatment).encode(),
            "methods.md": METHODS.encode(),
            POLICY: policy_text,
        }
        predicate = _predicate(name, created, policy, policy_text, wanted, tables, evaluation)
        small[REPORT] = report(predicate, tables)
        _attack(secrets_of(flown, campaign, rows), tables, small)
        small |= {f"tables/{n}.parquet": to_parquet(n, made) for n, made in tables.items()}
        small["verdicts.json"] = canonical(predicate["verdicts"])
        signed = _signed(small, redacted, Path(scratch), predicate, keys, wanted)
        return _write(signed, redacted, Path(scratch), wanted.out, predicate, keys, problems)


def _redacted(
    wanted: Wanted,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    lake: Store,
    release: Release,
    scratch: Path,
) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Redact the logs, if they are to be enclosed: name and digest of each by its original's."""
    redacted: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    if wanted.logs == "digests":
        return redacted, problems
    for one in rewrite_all(_wishes(lake, rows["logs"]), scratch, release, jobs=wanted.jobs):
        if one.redacted is None:
            problems.append(one.problem)
        else:
            redacted[one.redacted.original_sha256] = (one.written, one.sha256)
    return redacted, problems


def _wishes(lake: Store, logs: Sequence[Mapping[str, Any]]) -> list[Wish]:
    """The logs of a bundle; those of one flight, by their names, move together."""
    return [
        Wish(
            str(row["path"]),
            str(Path(row["path"]).with_suffix("")),
            int(row["bytes"]),
            str(lake),
            row["log_sha256"],
        )
        for row in logs
    ]


def _policy(name: str) -> tuple[Policy, bytes]:
    if name in SHIPPED:
        folder = files("flyoff.exchange.redaction") / "policies"
        text = (folder / f"{name}.toml").read_bytes()
    else:
        try:
            text = Path(name).read_bytes()
        except OSError as error:
            raise ExchangeError(
                f"policy {name!r} is neither {', '.join(SHIPPED)} nor a file that can be read"
            ) from error
    policy = parse(text.decode("utf-8", "replace"), name)
    if name not in SHIPPED and policy.name in SHIPPED:
        raise ExchangeError(f"policy file {name} calls itself {policy.name!r}, a shipped one")
    return policy, text


def _tables(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    flown: Flown,
    campaign: Campaign,
    treatment: Treatment,
    redacted: Mapping[str, tuple[str, str]],
) -> dict[str, list[dict[str, Any]]]:
    """All tables of the bundle, treated."""
    logs = []
    for row in rows["logs"]:
        written, sha256 = redacted.get(row["log_sha256"], (None, None))
        own = {k: v for k, v in row.items() if k != "path"}
        logs.append({**own, "redacted": written and f"logs/{written}", "redacted_sha256": sha256})
    return {
        "logs": logs,
        "evidence": evidence_rows(flown, campaign, rows, treatment),
        "sorties": [treatment.sortie(row) for row in rows["sorties"]],
        "findings": [treatment.finding(row) for row in rows["findings"]],
        "measures": [dict(row) for row in rows["measures"]],
        "reviews": [treatment.review(row) for row in rows["reviews"]],
    }


def _attack(
    secrets: set[str],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    small: Mapping[str, bytes],
) -> None:
    """Search what is to be handed over for words that were to go."""
    cells = [v for made in tables.values() for row in made for v in row.values()]
    texts = [v for v in cells if isinstance(v, str)]
    texts += [t for n, c in small.items() if n.startswith(_ATTACKED) for t in _words(c)]
    if left := survivors(secrets, texts):
        raise ExchangeError(
            f"{len(left)} words of the original are still in the tables, the first is {left[0]!r}; "
            "rename the candidate, requirement or outcome that holds it. Nothing was written"
        )


def _words(content: bytes) -> list[str]:
    text = content.decode()
    return [text, *re.split(r'[",\n<>]', text)]


def _predicate(
    name: str,
    created: datetime,
    policy: Policy,
    policy_text: bytes,
    wanted: Wanted,
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    evaluation: Mapping[str, Any],
) -> dict[str, Any]:
    """What is claimed, apart from manifest and signers."""
    verdicts = [{key: one[key] for key in _VERDICT} for one in evaluation["verdicts"]]
    return {
        "campaign": name,
        "created_utc": stamp(created),
        "made_by": f"flyoff {__version__}",
        "policy": {"name": policy.name, "sha256": digest(policy_text)},
        "logs": wanted.logs,
        "rules_versions": sorted({str(row["rules_version"]) for row in tables["logs"]}),
        "inputs": [
            {"sha256": row["log_sha256"], "bytes": row["bytes"], "format": row["format"]}
            for row in tables["logs"]
        ],
        "sorties": len(tables["evidence"]),
        "verdicts": json.loads(json.dumps(verdicts)),
    }


def _signed(
    small: dict[str, bytes],
    redacted: Mapping[str, tuple[str, str]],
    scratch: Path,
    predicate: Mapping[str, Any],
    keys: Sequence[PrivateKey],
    wanted: Wanted,
) -> dict[str, bytes]:
    """The small files with crate, manifest and statement."""
    lines = [
        {"name": f"logs/{written}", "bytes": (scratch / written).stat().st_size, "sha256": sha256}
        for written, sha256 in redacted.values()
    ]
    lines += [line(name, content) for name, content in small.items()]
    small[CRATE] = crate(lines, predicate, wanted.licence)
    lines.append(line(CRATE, small[CRATE]))
    small[MANIFEST] = manifest(lines)
    small[STATEMENT] = sign_claim(predicate, small[MANIFEST], keys, wanted.cosigners)
    return small


def _write(
    small: Mapping[str, bytes],
    redacted: Mapping[str, tuple[str, str]],
    scratch: Path,
    out: Path,
    predicate: Mapping[str, Any],
    keys: Sequence[PrivateKey],
    problems: Sequence[str],
) -> Created:
    logs = {f"logs/{written}": scratch / written for written, _ in redacted.values()}
    names = sorted({*small, *logs})
    write_bundle(out, ((n, small[n] if n in small else logs[n].read_bytes()) for n in names))
    content = open_bundle(out)
    signers = tuple(sorted({key.keyid for key in keys}))
    sizes = len(content), len(names), int(predicate["sorties"]), len(predicate["inputs"])
    return Created(out, digest(content), *sizes, signers, tuple(problems))


__all__ = ["PARCELS", "Created", "Wanted", "create"]
