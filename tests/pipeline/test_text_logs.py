"""Three logs that people once asked for help with, as text: what was wrong is found."""

import pytest

from flyoff.pipeline import steps
from tests.shared import logs, needs_shared


@needs_shared
@pytest.mark.parametrize(
    ("name", "outcome", "cause"),
    [
        ("mechanical_fail", "crashed", "motor_failure"),
        ("underpowered", "forced_landing", "thrust_shortfall"),
        ("nan", "failed_launch", "tip_over"),
    ],
)
def test_the_last_sortie_is_judged_by_its_fault(name: str, outcome: str, cause: str) -> None:
    (path,) = [p for p in logs("dataflash") if p.name.endswith(f"{name}.log")]
    sortie = steps.judge(path)[-1]
    assert str(sortie.outcome) == outcome
    assert sortie.cause is not None
    assert str(sortie.cause.kind) == cause
