"""What ``flyoff bundle`` does, and how it says so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flyoff.cli.guard import OK, complain, one_line
from flyoff.cli.key_run import passphrase
from flyoff.cli.verdicts import interval, tally
from flyoff.pipeline.bundle.accept import Demand, facts, prove, take_in, verified
from flyoff.pipeline.bundle.create import Wanted, create
from flyoff.pipeline.bundle.sign import cosigners, countersign, export_sigstore, sign_beside
from flyoff.pipeline.keys import keys_folder, open_keys
from flyoff.views.campaign import evaluated_campaign


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    campaign: Path
    store: str
    keys: tuple[str, ...]
    out: Path
    policy: str
    cosigners: tuple[Path, ...]
    logs: str
    name: str
    licence: str
    secret: Path | None
    release: str
    passphrase_file: Path | None
    folder: Path | None
    as_json: bool


def demand(
    bundle: Path,
    key: Sequence[Path] | None,
    threshold: int,
    policy: str,
    keys: Path | None,
    signatures: Sequence[Path] | None = None,
) -> Demand:
    """What a bundle has to stand up to."""
    beside = tuple(signatures or ())
    return Demand(bundle, tuple(key or ()), threshold, policy, keys_folder(keys), beside)


def run_create(asked: Asked) -> int:
    """Make a bundle; returns the exit code."""
    folder = keys_folder(asked.folder)
    keys = open_keys(folder, asked.keys, passphrase(asked.passphrase_file))
    campaign, flown, document = evaluated_campaign(str(asked.store), asked.campaign)
    secret = asked.secret or asked.out.with_name(f"{asked.out.name}.secret")
    wanted = Wanted(
        asked.out,
        asked.policy,
        secret,
        asked.logs,
        asked.name,
        asked.licence,
        asked.release,
        cosigners=tuple(cosigners(asked.cosigners)),
    )
    made = create(asked.store, campaign, flown, document, keys, wanted)
    for problem in made.problems:
        complain(f"by digest only: {problem}")
    if asked.as_json:
        print(json.dumps(asdict(made) | {"path": str(made.path)}))
        return OK
    print(f"{made.path}: {made.sorties} sorties, {made.logs} logs, {made.bytes / 1e6:.2f} MB")
    print(f"SHA-256 {made.sha256}")
    complain(f"the pseudonyms belong to {secret}: keep it, and never hand it on")
    return OK


def run_sign(
    wanted: Demand,
    names: tuple[str, ...],
    out: Path,
    file: Path | None,
    *,
    detached: bool,
    as_json: bool,
) -> int:
    """Sign what others signed; returns the exit code."""
    keys = open_keys(wanted.folder, names, passphrase(file))
    made = sign_beside(wanted, keys, out) if detached else countersign(wanted, keys, out)
    if as_json:
        print(json.dumps(asdict(made) | {"path": str(made.path)}))
        return OK
    if detached:
        print(f"{made.path}: hand it over with the bundle; flyoff bundle verify --signature")
        return OK
    print(f"{made.path}: signed by {len(made.signers)} of {len(made.signers) + len(made.missing)}")
    for keyid in made.missing:
        print(f"still to sign: {keyid[:16]}")
    return OK


def run_verify(wanted: Demand, as_json: bool) -> int:
    """Verify; returns the exit code."""
    bundle, _ = verified(wanted)
    told = facts(bundle, wanted.folder)
    if as_json:
        print(json.dumps({k: v for k, v in told.items() if k != "verdicts"}))
        return OK
    _explain(told)
    return OK


def run_sigstore(wanted: Demand, out: Path, signer: str, as_json: bool) -> int:
    """Export the claim; returns the exit code."""
    keyid = export_sigstore(wanted, out, signer)
    if as_json:
        print(json.dumps({"path": str(out), "keyid": keyid}))
    else:
        print(f"{out}: the claim as key {keyid[:16]} signed it; its subject is manifest.json")
    return OK


def run_show(wanted: Demand, as_json: bool) -> int:
    """Show the verdicts; returns the exit code."""
    bundle, _ = verified(wanted)
    told = facts(bundle, wanted.folder)
    if as_json:
        print(json.dumps(told))
        return OK
    _explain(told)
    for one in told["verdicts"]:
        between = f", {interval(one)}" if one["decides"] else ""
        line = f"{one['candidate']}: {one['says']}: {one['verdict']}{between}"
        print(one_line(f"{line} ({tally(one['counts'])})"))
    return OK


def run_import(wanted: Demand, store: str, origin: str, as_json: bool) -> int:
    """Take a bundle in; returns the exit code."""
    made, before = take_in(wanted, store, origin)
    if as_json:
        print(json.dumps(asdict(made) | {"before": before}))
    elif before == "already":
        print(f"{wanted.path} is in the store already, as {made.origin}")
    else:
        print(f"{made.sorties} sorties of {made.origin}, beside the store's own and not in them")
        if before:
            print(f"it takes the place of bundle {before[:16]}")
    return OK


def run_prove(wanted: Demand, log: Path, as_json: bool) -> int:
    """Prove a log's part; returns the exit code."""
    told = prove(wanted, log)
    if as_json:
        print(json.dumps(told))
        return OK
    print(f"{log} is an input of this bundle: its SHA-256 {told['sha256']} was signed for")
    for one in told["sorties"]:
        print(one_line(f"  {one['sortie_id']}: {one['outcome']}, {one['cause'] or 'no cause'}"))
    return OK


def _explain(told: Mapping[str, Any]) -> None:
    """What was verified, in words."""
    trusted = [one for one in told["signers"] if one["trusted"]]
    who = ", ".join(one["name"] or one["keyid"][:16] for one in trusted)
    lines = [
        f"Verified: every byte is as {who} signed it.",
        f"It holds {told['sorties']} sorties of {told['campaign']!r}, from {told['inputs']} logs "
        f"by digest, redacted by policy {told['policy']['name']!r}; logs: {told['logs']}.",
        f"Signed at {told['created_utc']} by their clock, made by {told['made_by']}.",
        "That says who vouches for it and that nothing was changed since; not that they are right: "
        "with an original log, flyoff bundle prove and flyoff judge check that.",
    ]
    others = len(told["signers"]) - len(trusted)
    if others:
        lines.append(f"{others} more signed it whose keys are not trusted here.")
    for line in lines:
        print(one_line(line))
