"""What a person sees of a provider's DAG before and beside a run: the trigger form and the runbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import Param

from crm_sync.model import Mode

if TYPE_CHECKING:
    from crm_sync.contract import Provider

_MODES = {
    Mode.CHANGES.value: "changes since the last run",
    Mode.COMPARE.value: "everybody, compared with the ledger",
    Mode.FULL.value: "everything",
}
_RUNBOOK = Path(__file__).with_name("runbook.md")


def trigger_form() -> dict[str, Param]:
    """The DAG's params. A backfill brings its own mode: Airflow's Trigger > Backfill."""
    return {
        "mode": Param(
            Mode.CHANGES.value,
            title="What to look at",
            description_md="**changes**: contacts changed since the last run, and those that must be tried again."
            " **compare**: every contact, compared with the ledger; the provider is not asked what it holds."
            " **full**: every contact, compared with what the provider holds now.",
            type="string",
            enum=list(_MODES),
            values_display=_MODES,
        ),
        "dry_run": Param(
            False,
            title="Dry run",
            description="Stop after plan: nothing is sent, nor written into the CRM. The task plan shows the counts.",
            type="boolean",
        ),
        "allow_removals": Param(
            False,
            title="Allow removals",
            description="Do not ask when this run takes away more people than the brake allows. Preview it first.",
            type="boolean",
        ),
    }


def runbook(provider: Provider) -> str:
    """The DAG's documentation, for ``provider``."""
    text = _RUNBOOK.read_text(encoding="utf-8")
    words = {"title": provider.title, "schedule": provider.schedule, "connection": provider.connection_id}
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
