"""The attack as a whole: what was looked for, what was found, what can still be inferred."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from flyoff.decoders.rawlog import RawLog
from flyoff.exchange.audit.dates import written_dates
from flyoff.exchange.audit.decoded import search_decoded
from flyoff.exchange.audit.inference import Inference, infer
from flyoff.exchange.audit.known import ask_known
from flyoff.exchange.audit.search import Hit, search
from flyoff.exchange.audit.secrets import Secrets, secrets_of
from flyoff.exchange.redaction.policy import Policy
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.units import ByteArray


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attack on one redacted log brought.

    Attributes
    ----------
    secrets : Secrets
        What was looked for.
    hits : tuple of Hit
        What was found, chance included.
    inferences : tuple of Inference
    allowed : frozenset of str
        Kinds that the policy keeps on purpose.
    """

    secrets: Secrets
    hits: tuple[Hit, ...]
    inferences: tuple[Inference, ...]
    allowed: frozenset[str] = frozenset()

    @property
    def violations(self) -> tuple[str, ...]:
        """Rules of the policy that the result breaks, in words."""
        told = [
            f"{hit.kind} found {hit.count} times as {hit.form}, first at byte {hit.offset:#x}"
            for hit in self.hits
            if hit.is_leak and hit.kind not in self.allowed
        ]
        told += [
            f"{one.what}: {one.says}"
            for one in self.inferences
            if one.gives_away and one.what not in self.allowed
        ]
        return tuple(told)

    def as_json(self, *, with_secrets: bool = False) -> dict[str, Any]:
        """For machines; the secrets themselves only where the owner asks for them."""
        hits = [asdict(hit) | {"is_leak": hit.is_leak} for hit in self.hits]
        if not with_secrets:
            hits = [{k: v for k, v in hit.items() if k != "secret"} for hit in hits]
        return {
            "looked_for": {
                "places": len(self.secrets.places),
                "names": len(self.secrets.names),
                "numbers": len(self.secrets.numbers),
            },
            "hits": hits,
            "inferences": [
                {k: None if v != v else v for k, v in asdict(one).items()}
                for one in self.inferences
            ],
            "violations": list(self.violations),
        }


def audit(
    original: tuple[RawLog, Sequence[Recording]],
    redacted: tuple[RawLog, Sequence[Recording]],
    policy: Policy,
    plan: Mission | None = None,
    beside: bytes = b"",
) -> Audit:
    """Attack a redacted log, knowing the original.

    Parameters
    ----------
    original, redacted : (RawLog, recordings)
    policy : Policy
    plan : Mission, optional
        That the original was held against.
    beside : bytes
        What is handed on with the log: its plan, its name.
    """
    secrets = secrets_of(original[0], original[1], plan)
    data: ByteArray = redacted[0].source.data
    if beside:
        data = np.concatenate([data, np.frombuffer(beside, dtype=np.uint8)])
    hits = [*search(data, secrets), *written_dates(data, secrets)]
    hits += search_decoded(redacted[0], secrets.places)
    allowed = set()
    if policy.time == "keep":
        allowed |= {"time", "date"}
    if policy.identity == "keep" or policy.text == "keep":
        allowed.add("name")
    if policy.terrain == "keep":
        allowed.add("terrain")
    answers = [*infer(original[1], redacted[1]), *ask_known(original, redacted)]
    return Audit(secrets, tuple(hits), tuple(answers), frozenset(allowed))
