"""After any history, once the weather is fair: the provider holds what the CRM says, and each exception is a row."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from convergence.arena import Arena
from convergence.conftest import histories, is_a_proof, seed
from convergence.history import History

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STEPS = 15


def play(kind: type[History], arenas: list[Arena], examples: int) -> None:
    """Histories of ``arenas``, drawn by the seed."""
    machine = hypothesis.seed(seed())(type("AHistory", (kind,), {"arenas": arenas}))
    print(f"histories: {examples}, CRMSYNC_PROVE_SEED={seed()}")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            # Making a failure smaller takes longer than a test may; a proof takes the time.
            phases=[Phase.generate, Phase.shrink] if is_a_proof() else [Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# On however busy a machine; a proof takes what it takes, and a mark counts for more than --timeout=0.
@pytest.mark.timeout(0 if is_a_proof() else 1200)
def test_every_history_converges(arenas: list[Arena]) -> None:
    play(History, arenas, histories())
